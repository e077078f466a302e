"""How a job is waited for: the pace of its polls, and what ends the wait."""

from __future__ import annotations

from typing import Any, Literal, TypedDict, get_args

import attrs

from unijob.errors import InvalidArgument

OnUnknown = Literal["wait", "raise", "return"]

GRACE = 30.0
"""Seconds after a start or a restart in which "there is none" and the old end are not believed."""
_SHORTEST_PAUSE = 0.1
_MAX_EXPONENT = 100


def _check_seconds(_: Any, field: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not value >= 0:
        raise InvalidArgument(f"{field.name} is a number of seconds, 0 or more", argument=field.name)


def _check_pause(_: Any, field: attrs.Attribute[Any], value: float) -> None:
    if not value > 0:
        raise InvalidArgument(f"{field.name} is a number of seconds, more than 0", argument=field.name)


def _check_factor(_: Any, field: attrs.Attribute[Any], value: float) -> None:
    if not value >= 1:
        raise InvalidArgument(f"{field.name} is a number, 1 or more", argument=field.name)


def _check_part(_: Any, field: attrs.Attribute[Any], value: float) -> None:
    if not 0 <= value <= 1:
        raise InvalidArgument(f"{field.name} is a number from 0 to 1", argument=field.name)


def _check_choice(_: Any, field: attrs.Attribute[Any], value: str) -> None:
    choices = get_args(OnUnknown)
    if value not in choices:
        raise InvalidArgument(f"{field.name} may be {', '.join(choices)}", argument=field.name)


@attrs.frozen(kw_only=True)
class Poll:
    """The pace of polling. Upstreams that say when to ask again are heeded instead.

    Args:
        initial: the first pause, in seconds.
        factor: what each pause is longer than the last by.
        maximum: the longest pause, in seconds.
        jitter: the part of each pause, 0 to 1, of which chance takes some or all away, so that many waits spread out.
        longest_hint: how many seconds of a `Retry-After` or `openai-poll-after-ms` are heeded at most.
    """

    initial: float = attrs.field(default=1.0, validator=_check_pause)
    factor: float = attrs.field(default=1.5, validator=_check_factor)
    maximum: float = attrs.field(default=30.0, validator=_check_pause)
    jitter: float = attrs.field(default=0.2, validator=_check_part)
    longest_hint: float = attrs.field(default=120.0, validator=_check_pause)

    def pause(self, polls: int, hint: float | None, chance: float) -> float:
        """Seconds to the next poll.

        Args:
            polls: how many there were.
            hint: seconds that the upstream asked for.
            chance: 0 to 1: how much of the jitter is taken.
        """
        if hint is not None:
            return max(min(hint, self.longest_hint), _SHORTEST_PAUSE)
        longest = min(self.initial * self.factor ** min(polls - 1, _MAX_EXPONENT), self.maximum)
        return longest * (1 - self.jitter * chance)


def _check_pace(_: Any, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, Poll):
        raise InvalidArgument(f"{field.name} is a pace, as in Poll(initial=1, maximum=30)", argument=field.name)


class PollOptions(TypedDict, total=False):
    """How a job is waited for; times are in seconds.

    Attributes:
        timeout: the deadline, from the call on; None waits as long as it takes. It clips every pause and request.
        poll: the pace.
        on_unknown: what to do at a status that no table lists: go on (`wait`, the default), `raise` JobUnknown, or
            `return` the job.
        not_found_grace: how long "there is no such job" is not believed; by default 30 after this client started the
            job, and not at all otherwise.
        restart_grace: how long, after this client's `retry`, the end that stood before is not believed; 30 by default.
        stall_timeout: how long neither state nor progress may change before JobStalled; None is for ever.
    """

    timeout: float | None
    poll: Poll
    on_unknown: OnUnknown
    not_found_grace: float | None
    restart_grace: float
    stall_timeout: float | None


@attrs.frozen(kw_only=True)
class Settings:
    """PollOptions with their defaults, checked.

    Raises:
        InvalidArgument: names the option that is wrong.
    """

    timeout: float | None = attrs.field(default=None, validator=_check_seconds)
    poll: Poll = attrs.field(factory=Poll, validator=_check_pace)
    on_unknown: OnUnknown = attrs.field(default="wait", validator=_check_choice)
    not_found_grace: float | None = attrs.field(default=None, validator=_check_seconds)
    restart_grace: float = attrs.field(default=GRACE, validator=_check_seconds)
    stall_timeout: float | None = attrs.field(default=None, validator=_check_seconds)
