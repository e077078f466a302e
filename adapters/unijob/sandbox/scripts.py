"""Scripts: how the lives of jobs created next go."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from unijob.errors import InvalidArgument
from unijob.sandbox import checks

Value = float | str | bool | None


@attrs.frozen(kw_only=True)
class Setting:
    """One thing that a script may set.

    Args:
        default: its value unless set, which also tells its type; None where the kind works it out.
        type: `int`, `float`, `str` or `bool`.
        minimum: the least that a number may be.
        maximum: the most that a number may be.
        choices: all that a text may be; empty for any.
        about: what it does, for people.
    """

    default: Value
    type: type[int | float | str | bool]
    minimum: float = 0
    maximum: float = 10_000_000
    choices: tuple[str, ...] = ()
    about: str

    def fits(self, value: object) -> bool:
        """Whether it takes a value."""
        if value is None:
            return self.default is None
        if isinstance(value, bool):
            return self.type is bool
        if isinstance(value, (int, float)):
            typed = self.type is float or (self.type is int and isinstance(value, int))
            return typed and self.minimum <= value <= self.maximum
        return self.type is str and isinstance(value, str) and (not self.choices or value in self.choices)

    def wanted(self) -> str:
        """What it takes, for people."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.type is int or self.type is float:
            return f"{'a whole number' if self.type is int else 'a number'} from {self.minimum:g} to {self.maximum:g}"
        return "text" if self.type is str else "true or false"


@attrs.frozen(kw_only=True)
class Life:
    """What the lives of one kind may be like.

    Args:
        outcomes: those that it can have, the usual one first.
        settings: those that it knows, by name.
        since: outcomes that not every contract revision has a word for, each with the first that has one.
        example: arguments with which one is started (or a schedule created), beside those that the contract requires:
            what tests start it with.
    """

    outcomes: tuple[str, ...] = ()
    settings: Mapping[str, Setting]
    since: Mapping[str, str] = attrs.field(factory=dict[str, str])
    example: Mapping[str, Any] = attrs.field(factory=dict[str, Any])

    def until(self, revisions: Sequence[str]) -> Life:
        """These lives where only some revisions are, the oldest ones."""
        return attrs.evolve(
            self, outcomes=tuple(o for o in self.outcomes if self.since.get(o, revisions[0]) in revisions)
        )

    def script(self, kind: str, values: Mapping[str, Any]) -> Script:
        """Make a script, its gaps filled with the defaults.

        Raises:
            InvalidArgument: a setting is not known or does not take its value; says what would be right.
        """
        chosen: dict[str, Any] = {name: setting.default for name, setting in self.settings.items()}
        if self.outcomes:
            chosen["outcome"] = self.outcomes[0]
        for name, value in values.items():
            self._check(kind, name, value)
            chosen[name] = value
        return Script(kind, chosen)

    def _check(self, kind: str, name: str, value: object) -> None:
        if name == "outcome" and self.outcomes:
            if value not in self.outcomes:
                raise InvalidArgument(
                    f"{kind} cannot end as {value!r}: `outcome` must be one of {', '.join(self.outcomes)}",
                    argument="outcome",
                )
        elif name not in self.settings:
            known = ", ".join((*(("outcome",) if self.outcomes else ()), *self.settings))
            raise InvalidArgument(f"a script of {kind} has no setting {name!r}: it may have {known}", argument=name)
        elif not self.settings[name].fits(value):
            raise InvalidArgument(f"`{name}` of {kind} must be {self.settings[name].wanted()}", argument=name)


@attrs.frozen
class Script:
    """How one life goes: every setting of its kind, by name."""

    kind: str
    settings: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.settings[name]


@attrs.define
class _Turn:
    script: Script
    left: int | None


class Scripts:
    """The scripts in force: those for the next n jobs in the order they came, then the standing one of the kind.

    Args:
        lives: kind name (in full) to what its lives may be like.
    """

    def __init__(self, lives: Mapping[str, Life]) -> None:
        self._lives = lives
        self._next: dict[str, deque[_Turn]] = {}
        self._standing: dict[str, Script] = {}

    def add(self, kind: str, values: Mapping[str, Any], *, times: int | None = 1) -> Script:
        """Put a script in force.

        Args:
            kind: the kind's full name, `provider:kind`.
            values: its settings.
            times: how many of the jobs created next it is for; None for all, until another one is put in force.

        Raises:
            InvalidArgument: there is no such kind, or a setting is wrong; says what would be right.
        """
        life = self._lives.get(kind)
        if life is None:
            known = ", ".join(self._lives)
            raise InvalidArgument(f"no jobs of kind {kind!r} live here: it may be {known}", argument="kind")
        checks.whole("times", times, 1)
        script = life.script(kind, values)
        if times is None:
            self._standing[kind] = script
        else:
            self._next.setdefault(kind, deque()).append(_Turn(script, times))
        return script

    def take(self, kind: str) -> Script:
        """The script of the job that is now created."""
        turns = self._next.get(kind)
        if turns:
            turn = turns[0]
            turn.left = (turn.left or 1) - 1
            if not turn.left:
                turns.popleft()
            return turn.script
        return self.standing(kind)

    def standing(self, kind: str) -> Script:
        """The script of all jobs of a kind that no other is for."""
        if kind not in self._standing:
            self._standing[kind] = self._lives[kind].script(kind, {})
        return self._standing[kind]

    def clear(self) -> None:
        """Back to the defaults."""
        self._next.clear()
        self._standing.clear()

    def to_plain(self) -> list[dict[str, Any]]:
        """Those in force, JSON-ready, each with the number of jobs it is still for (null for all)."""
        waiting = [(turn.script, turn.left) for turns in self._next.values() for turn in turns]
        standing = [(self.standing(kind), None) for kind in self._lives]
        return [{"kind": script.kind, "times": left, **script.settings} for script, left in (*waiting, *standing)]

    def describe(self) -> dict[str, Any]:
        """All that a script may set, JSON-ready, by kind."""
        return {
            kind: {
                "outcomes": list(life.outcomes),
                "settings": {
                    name: {"default": setting.default, "is": setting.wanted(), "about": setting.about}
                    for name, setting in life.settings.items()
                },
            }
            for kind, life in self._lives.items()
        }
