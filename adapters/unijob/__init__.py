"""unijob: one job client for every AI platform's long-running jobs.

Each name is imported when it is first asked for, so that who needs one (the command line's help, the proxy) does not
wait for all.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unijob.catalog import KindInfo
    from unijob.client import (
        Account,
        Clock,
        Hooks,
        JobClient,
        Outcome,
        Poll,
        PollEvent,
        RequestEvent,
        Retry,
        SystemClock,
    )
    from unijob.errors import (
        AuthenticationError,
        ConfigError,
        Conflict,
        ContractViolation,
        InvalidArgument,
        JobCancelled,
        JobEnded,
        JobFailed,
        JobNotFound,
        JobPartial,
        JobStalled,
        JobSuperseded,
        JobTimedOut,
        JobUnknown,
        RateLimited,
        StartUncertain,
        TransportError,
        UnijobError,
        UnsupportedOperation,
        UnusableProvider,
        UpstreamError,
        Violation,
        WaitTimeout,
    )
    from unijob.job import Job, JobFailure, JobPart, JobState, Progress
    from unijob.parsing import parse
    from unijob.ref import JobRef
    from unijob.schedule import Cron, Interval, Schedule, Trigger, Weekly

__all__ = [
    "Account",
    "AuthenticationError",
    "Clock",
    "ConfigError",
    "Conflict",
    "ContractViolation",
    "Cron",
    "Hooks",
    "Interval",
    "InvalidArgument",
    "Job",
    "JobCancelled",
    "JobClient",
    "JobEnded",
    "JobFailed",
    "JobFailure",
    "JobNotFound",
    "JobPart",
    "JobPartial",
    "JobRef",
    "JobStalled",
    "JobState",
    "JobSuperseded",
    "JobTimedOut",
    "JobUnknown",
    "KindInfo",
    "Outcome",
    "Poll",
    "PollEvent",
    "Progress",
    "RateLimited",
    "RequestEvent",
    "Retry",
    "Schedule",
    "StartUncertain",
    "SystemClock",
    "TransportError",
    "Trigger",
    "UnijobError",
    "UnsupportedOperation",
    "UnusableProvider",
    "UpstreamError",
    "Violation",
    "WaitTimeout",
    "Weekly",
    "parse",
]

if not TYPE_CHECKING:  # type checkers take a `__getattr__` for a sign that there is any name
    _HOMES = {
        "catalog": ("KindInfo",),
        "client": (
            "Account",
            "Clock",
            "Hooks",
            "JobClient",
            "Outcome",
            "Poll",
            "PollEvent",
            "RequestEvent",
            "Retry",
            "SystemClock",
        ),
        "job": ("Job", "JobFailure", "JobPart", "JobState", "Progress"),
        "parsing": ("parse",),
        "ref": ("JobRef",),
        "schedule": ("Cron", "Interval", "Schedule", "Trigger", "Weekly"),
    }
    _REST = "errors"
    """Where all other names are."""
    _HOME = {name: home for home, names in _HOMES.items() for name in names}

    def __getattr__(name: str) -> object:
        if name in _HOMES or name == _REST:
            return _import_module(f"{__name__}.{name}")
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(_import_module(f"{__name__}.{_HOME.get(name, _REST)}"), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
