"""What a client can tell of its work, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from unijob.errors import UnijobError
    from unijob.job import Job
    from unijob.ref import JobRef


@attrs.frozen(kw_only=True)
class RequestEvent:
    """One request that was sent once, and what became of it. It holds no header, no body and no credential.

    Args:
        account: the account, `mka1` or `mka1@prod`.
        operation: the operation's id.
        method: the HTTP method.
        path: the path with its ids, without the query; secrets masked.
        status: the HTTP status; None where no answer came.
        error: what kept the answer from coming; None where one came.
        resends: how often the same call was sent before.
        held: seconds that the upstream's rate limit held it back.
        seconds: from then to the answer's last byte, by the client's clock.
    """

    account: str
    operation: str
    method: str
    path: str
    status: int | None
    error: str | None
    resends: int
    held: float
    seconds: float


@attrs.frozen(kw_only=True)
class PollEvent:
    """One look at a job that is waited for, whether it was read by itself or on a page of many.

    Args:
        ref: the job.
        job: its snapshot; None where the poll failed.
        error: why it failed; None where it did not.
        polls: how often it was looked at, this time included.
        elapsed: seconds since the wait began.
    """

    ref: JobRef
    job: Job[Any, Any] | None
    error: UnijobError | None
    polls: int
    elapsed: float


@attrs.frozen(kw_only=True)
class Hooks:
    """Who is told of what a client does.

    A callback is called in the client's event loop, and must not block. What it raises is logged, and harms nothing.

    Args:
        on_request: told of each request when it has ended.
        on_poll: told of each look at a job that is waited for.
        tracer_provider: where spans go, if not to OpenTelemetry's global provider.
        meter_provider: where metrics go, if not to OpenTelemetry's global provider.
    """

    on_request: Callable[[RequestEvent], None] | None = None
    on_poll: Callable[[PollEvent], None] | None = None
    tracer_provider: TracerProvider | None = None
    meter_provider: MeterProvider | None = None
