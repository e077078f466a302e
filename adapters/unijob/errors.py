"""Every error that unijob raises.

    UnijobError
    ├── ConfigError                what the user set up is wrong
    │   └── UnusableProvider       an installed provider, or something of it, cannot be used
    ├── InvalidArgument            an argument of a call is wrong (a ValueError too)
    ├── TransportError             no answer came
    │   └── StartUncertain         a start or retry was sent and its answer was lost
    ├── UpstreamError              an answer that is an error
    │   ├── AuthenticationError    401, 403
    │   ├── JobNotFound            404, or a status that says so
    │   │   └── JobSuperseded      a newer job took its place
    │   ├── Conflict               409
    │   └── RateLimited            429
    ├── ContractViolation          an answer without identity or status, or any breach under strict
    ├── UnsupportedOperation       the kind, in this revision, cannot do that
    ├── JobEnded                   a job ended otherwise than asked for
    │   ├── JobFailed
    │   ├── JobCancelled
    │   ├── JobTimedOut
    │   └── JobPartial
    ├── JobStalled                 a job stopped moving; carries .job
    ├── JobUnknown                 a job's status is one that no table lists; carries .job
    └── WaitTimeout                the deadline of a wait passed (a TimeoutError too)

Errors carry data, not only text; all pickle; none carries a credential.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unijob.job import Job
    from unijob.ref import JobRef

Place = Literal[
    "request.path",
    "request.query",
    "request.header",
    "request.cookie",
    "request.body",
    "response.status",
    "response.header",
    "response.body",
]

_E = TypeVar("_E", bound="UnijobError")


@attrs.frozen(kw_only=True)
class Violation:
    """One place where a message leaves its contract. It never quotes the value found there."""

    place: Place
    pointer: str
    """JSON pointer to the value, or to its parent where something is missing; of a parameter or header, its name."""
    keyword: str
    """The JSON Schema keyword that was broken, or `status`, `media-type`, `path`, `method`, `parse`."""
    message: str
    schema_pointer: str = ""
    """JSON pointer into the contract document, where one stands for the rule."""
    missing: str | None = None
    """The name of the required property that is absent."""
    drift: bool = False
    """True for what the contract does not know and reality does: an undocumented field or enum value."""

    @property
    def target(self) -> str:
        """The pointer of the value itself, also where it is missing."""
        if self.missing is None:
            return self.pointer
        return self.pointer + "/" + self.missing.replace("~", "~0").replace("/", "~1")

    def __str__(self) -> str:
        return f"{self.place} {self.target or '/'}: {self.message}"


def _rebuild(cls: type[_E], args: tuple[Any, ...], state: Mapping[str, Any]) -> _E:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class UnijobError(Exception):
    """The base of all errors of unijob."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by state, since the constructors take keywords."""
        return _rebuild, (type(self), self.args, self.__dict__)


class ConfigError(UnijobError):
    """A setting is wrong or missing.

    Args:
        setting: its name, as the user knows it (`MKA1_API_KEY`, `base_url`).
    """

    def __init__(self, message: str, *, setting: str) -> None:
        super().__init__(message)
        self.setting = setting


class UnusableProvider(ConfigError):
    """An installed provider cannot be used, or something of it: a kind, a contract revision.

    Args:
        provider: its name.
        distribution: name and version of the package that it is from, where that is known.
        reason: what is wrong, and where.
    """

    def __init__(self, message: str, *, provider: str, distribution: str | None, reason: str) -> None:
        super().__init__(message, setting=f"unijob.providers:{provider}")
        self.provider = provider
        self.distribution = distribution
        self.reason = reason


class InvalidArgument(UnijobError, ValueError):
    """An argument of a call is wrong: a reference, a filter, a field of a request.

    Args:
        argument: its name or JSON pointer.
        violations: where a request was held against its contract, all that is wrong with it.
    """

    def __init__(self, message: str, *, argument: str, violations: Iterable[Violation] = ()) -> None:
        super().__init__(message)
        self.argument = argument
        self.violations = tuple(violations)


class TransportError(UnijobError):
    """No answer came: the connection failed, broke, or the request's time ran out.

    Args:
        is_final: whether another try cannot do better: the server's certificate is not trusted.
    """

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class StartUncertain(TransportError):
    """A request that starts something was sent and its answer was lost, or cannot be read: it may be running.

    Args:
        kind: the kind of job, or the operation that was called.
        arguments: what was sent, secrets masked.
        candidates: jobs of that kind that appeared since the request was sent, where the kind lists.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        arguments: Mapping[str, Any],
        candidates: Iterable[Job[Any, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.arguments = dict(arguments)
        self.candidates = tuple(candidates)


class UpstreamError(UnijobError):
    """An upstream answered with an error.

    Args:
        status: the HTTP status; None where a success carried the error in its body.
        body: the decoded body, secrets masked; text where it was not JSON.
        request_id: the upstream's own name for the request, where it gave one.
    """

    def __init__(self, message: str, *, status: int | None, body: Any = None, request_id: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body
        self.request_id = request_id


class AuthenticationError(UpstreamError):
    """401 or 403: the credential is missing, wrong, or not allowed to do that."""


class JobNotFound(UpstreamError):
    """There is no such job (404, or a status that says so).

    Args:
        ref: the job that was asked for, where one was.
    """

    def __init__(
        self,
        message: str,
        *,
        ref: JobRef | None = None,
        status: int | None = None,
        body: Any = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, status=status, body=body, request_id=request_id)
        self.ref = ref


class JobSuperseded(JobNotFound):
    """A newer job took its place; the upstream no longer tells of the one asked for."""


class Conflict(UpstreamError):
    """409: the job is not in a state that allows that."""


class RateLimited(UpstreamError):
    """429.

    Args:
        retry_after: seconds that the upstream asked to wait, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = 429,
        body: Any = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, status=status, body=body, request_id=request_id)
        self.retry_after = retry_after


class ContractViolation(UnijobError):
    """An answer has no identity or status, or breaks its contract under `strict`.

    Args:
        violations: all of them, each with its place and JSON pointer.
        revision: the contract revision it was held against.
    """

    def __init__(self, message: str, *, violations: Iterable[Violation] = (), revision: str | None = None) -> None:
        super().__init__(message)
        self.violations = tuple(violations)
        self.revision = revision


class UnsupportedOperation(UnijobError):
    """A kind, in this revision, cannot do what was asked.

    Args:
        kind: the kind's name.
        operation: what was asked (`cancel`).
        supported: what it can do.
    """

    def __init__(self, message: str, *, kind: str, operation: str, supported: Iterable[str]) -> None:
        super().__init__(message)
        self.kind = kind
        self.operation = operation
        self.supported = tuple(supported)


class JobEnded(UnijobError):
    """A job ended otherwise than asked for.

    Args:
        job: the job as it ended.
    """

    def __init__(self, message: str, *, job: Job[Any, Any]) -> None:
        super().__init__(message)
        self.job = job


class JobFailed(JobEnded):
    """It ended in `failed`."""


class JobCancelled(JobEnded):
    """It ended in `cancelled`."""


class JobTimedOut(JobEnded):
    """It ended in `timed_out`: the upstream gave it up."""


class JobPartial(JobEnded):
    """It ended in `partial`: some items done, some not."""


class JobStalled(UnijobError):
    """Neither state nor progress changed for the stall time-out. The job itself goes on.

    Args:
        job: the last snapshot.
    """

    def __init__(self, message: str, *, job: Job[Any, Any]) -> None:
        super().__init__(message)
        self.job = job


class JobUnknown(UnijobError):
    """A job's status is one that no table lists, and the caller asked to be told (`on_unknown="raise"`).

    Args:
        job: the snapshot with that status.
    """

    def __init__(self, message: str, *, job: Job[Any, Any]) -> None:
        super().__init__(message)
        self.job = job


class WaitTimeout(UnijobError, TimeoutError):
    """The deadline of a wait passed before the job ended. The job itself goes on.

    Args:
        job: the last snapshot, or None where none was read.
        elapsed: the time waited.
        polls: how often the upstream was asked.
    """

    def __init__(self, message: str, *, job: Job[Any, Any] | None, elapsed: timedelta, polls: int) -> None:
        super().__init__(message)
        self.job = job
        self.elapsed = elapsed
        self.polls = polls
