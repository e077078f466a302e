"""Errors for people: what went wrong, and what to do next, in a line or two."""

from __future__ import annotations

import os
import re
import traceback

import click

from unijob import registry
from unijob.cli.settings import NAMES as SETTINGS
from unijob.cli.texts import Exit, say
from unijob.errors import (
    AuthenticationError,
    ConfigError,
    Conflict,
    ContractViolation,
    InvalidArgument,
    JobNotFound,
    JobStalled,
    JobSuperseded,
    RateLimited,
    StartUncertain,
    TransportError,
    UnijobError,
    UnsupportedOperation,
    UpstreamError,
    WaitTimeout,
)
from unijob.job import JobState
from unijob.kinds import JobKind

ENDS = {
    JobState.FAILED: Exit.FAILED,
    JobState.CANCELLED: Exit.CANCELLED,
    JobState.TIMED_OUT: Exit.TIMED_OUT,
    JobState.PARTIAL: Exit.PARTIAL,
}
_CODES: tuple[tuple[type[Exception], Exit], ...] = (
    (JobNotFound, Exit.NOT_FOUND),
    (WaitTimeout, Exit.WAIT_TIMEOUT),
    (JobStalled, Exit.WAIT_TIMEOUT),
    (UpstreamError, Exit.UPSTREAM),
    (TransportError, Exit.UPSTREAM),
    (ContractViolation, Exit.UPSTREAM),
    (UnijobError, Exit.WRONG_USE),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_CALL = re.compile(r"client\.(get|list|schedules)\('([^']+)'\)")
_SERVERS = 500
"""From this status on, an error is the server's."""
_IN_CODE = ", or give JobClient an Account"


def plain(text: str) -> str:
    """A text from elsewhere on one line, without what a terminal would obey."""
    return _CONTROL.sub("�", " ".join(text.split()))


def exit_code(error: Exception) -> Exit:
    """The exit code that an error is."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), Exit.BUG)


def tell(error: Exception, *, debug: bool = False, step: str | None = None) -> None:
    """Say on standard error what went wrong and what to do next.

    Args:
        error: what went wrong.
        debug: whether the traceback is wanted.
        step: what to do next, where whoever asks knows it better.
    """
    if debug:
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    say(message(error), next_step(error) if step is None else step)


def message(error: Exception) -> str:
    """What went wrong, in the words of the command line."""
    if not isinstance(error, UnijobError):
        return plain(f"{type(error).__name__}: {error}")
    text = _CALL.sub(r"`unijob \1 \2`", str(error)).replace(_IN_CODE, "")
    if isinstance(error, ConfigError):  # several settings may be wrong, each on a line
        return "\n  ".join(map(plain, text.splitlines()))
    return plain(text)


def next_step(error: Exception) -> str:  # noqa: PLR0911  one answer each
    """What to do about it, or nothing where the message says it."""
    if not isinstance(error, UnijobError):
        return "This is an error of unijob itself: run it again with --debug, and report what that shows."
    if isinstance(error, ConfigError):
        return _setting_step(error)
    if isinstance(error, InvalidArgument):
        is_type = any(violation.keyword == "type" for violation in error.violations)
        return "What is not text is written name:=JSON, as in items:='[\"a\", 1]'." if is_type else ""
    if isinstance(error, UnsupportedOperation):
        return "`unijob kinds` shows what each kind can do."
    if isinstance(error, (StartUncertain, WaitTimeout, JobStalled)):
        return ""
    if isinstance(error, TransportError):
        return "Check the network, and base_url with `unijob config show`; then try again."
    if isinstance(error, ContractViolation):
        return "The upstream answered what its contract does not allow: its base_url may be another's, or it changed."
    return _upstream_step(error)


def _setting_step(error: ConfigError) -> str:
    for name in registry.provider_names():
        if error.setting in registry.provider(name).key_variables:
            return "Or write the key into the settings' file: `unijob config --help` shows how."
    if error.setting in SETTINGS:
        return "`unijob config show` says where each setting comes from."
    if error.setting == "accounts":
        return "`unijob config --help` shows how a named account is set up."
    is_in_file = error.setting.lstrip("[").startswith("profile") or os.sep in error.setting
    return "`unijob config --help` shows how that file is written." if is_in_file else ""


def _upstream_step(error: UnijobError) -> str:
    if isinstance(error, AuthenticationError):
        return "Check the key: `unijob config show` says where it comes from."
    if isinstance(error, JobSuperseded):
        return "The latest is shown by `unijob get` without the id." if error.ref else ""
    if isinstance(error, JobNotFound):
        return _look(error)
    if isinstance(error, Conflict):
        return "`unijob get REF` shows its state."
    if isinstance(error, RateLimited):
        when = "a while" if error.retry_after is None else f"{error.retry_after:.3g} s"
        return f"Wait for {when}, and try again."
    is_refused = isinstance(error, UpstreamError) and error.status is not None and error.status < _SERVERS
    step = "It was refused: change what is asked for" if is_refused else "Try again later"
    return f"{step}; `unijob config show` says whom it asked."


def _look(error: JobNotFound) -> str:
    kind = registry.kind(error.ref.kind) if error.ref is not None else None
    if error.ref is not None and isinstance(kind, JobKind) and kind.singleton:
        return _look_for_the_one(kind.name, is_pinned=bool(error.ref.ids))
    if kind is None or not kind.lists:
        return "Check the ids; `unijob config show` says whom it asked."
    command = "list" if isinstance(kind, JobKind) else "schedules"
    return f"Check the id; `unijob {command} {kind.name}` shows those that there are."


def _look_for_the_one(kind: str, *, is_pinned: bool) -> str:
    return f"`unijob get {kind}` shows the latest." if is_pinned else f"`unijob start {kind}` starts one."
