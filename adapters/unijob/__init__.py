"""unijob: one job client for every AI platform's long-running jobs."""

from __future__ import annotations

from unijob.catalog import KindInfo
from unijob.client import Account, Clock, JobClient, Outcome, Poll, Retry, SystemClock
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
    "Progress",
    "RateLimited",
    "Retry",
    "Schedule",
    "StartUncertain",
    "SystemClock",
    "TransportError",
    "Trigger",
    "UnijobError",
    "UnsupportedOperation",
    "UpstreamError",
    "Violation",
    "WaitTimeout",
    "Weekly",
    "parse",
]
