"""OpenTelemetry spans and metrics of a client. Imported only where the API package is installed (extra `otel`).

Requests follow OpenTelemetry's semantic conventions for HTTP clients; what is unijob's own begins with `unijob.`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

if TYPE_CHECKING:
    from unijob.client.hooks import PollEvent
    from unijob.client.observing import Sending
    from unijob.job import Job

_NAME = "unijob"
_SCHEMA = "https://opentelemetry.io/schemas/1.37.0"
_ERROR = 400
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Seconds, as the conventions advise."""

Attributes = Mapping[str, str | int]


class Telemetry:
    """Spans and metrics of a client.

    Args:
        tracer_provider: where spans go; the global one if None.
        meter_provider: where metrics go; the global one if None.
    """

    def __init__(self, tracer_provider: Any = None, meter_provider: Any = None) -> None:
        release = version(_NAME)
        self._tracer = trace.get_tracer(_NAME, release, tracer_provider, schema_url=_SCHEMA)
        meter = metrics.get_meter(_NAME, release, meter_provider, schema_url=_SCHEMA)
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="How long requests took.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        self._held = meter.create_histogram(
            "unijob.client.held", unit="s", description="How long an upstream's rate limit held requests back."
        )
        self._polls = meter.create_counter(
            "unijob.client.polls", unit="{poll}", description="Looks at jobs that are waited for."
        )

    @contextmanager
    def span(self, name: str, attributes: Attributes) -> Generator[Callable[[Job[Any, Any]], None], None, None]:
        """A span around a call of the client, with the kind of error that it raises; gives what takes the job of it."""
        given = {f"unijob.job.{key}": value for key, value in attributes.items()}
        with self._tracer.start_as_current_span(f"unijob.{name}", attributes=given, record_exception=False) as span:

            def note(job: Job[Any, Any]) -> None:
                span.set_attributes({"unijob.job.ref": str(job.ref), "unijob.job.state": job.state.value})

            try:
                yield note
            except Exception as error:
                span.set_attribute("error.type", type(error).__qualname__)
                job = getattr(error, "job", None)
                if job is not None:
                    note(job)
                raise

    @contextmanager
    def request(self, sending: Sending) -> Generator[None, None, None]:
        """A span around one request, and what it counts for."""
        operation = sending.request.operation
        server = urlsplit(sending.account.base_url)
        common: dict[str, str | int] = {
            "http.request.method": operation.method,
            "server.address": server.hostname or "",
            "server.port": server.port or (443 if server.scheme == "https" else 80),
            "url.template": operation.path,
        }
        own: dict[str, str | int] = {
            "url.full": sending.account.base_url + sending.path,
            "unijob.account": str(sending.account),
            "unijob.operation": operation.id,
        }
        if sending.resends:
            own["http.request.resend_count"] = sending.resends
        name = f"{operation.method} {operation.path}"
        with self._tracer.start_as_current_span(
            name, kind=SpanKind.CLIENT, attributes=common | own, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            finally:
                ended = _ended(sending)
                span.set_attributes(ended)
                if "error.type" in ended:
                    span.set_status(Status(StatusCode.ERROR))
                self._duration.record(sending.seconds, common | ended)
                self._held.record(sending.held, {"unijob.account": str(sending.account)})

    def polled(self, event: PollEvent) -> None:
        """Count a look at a job."""
        told = {"error.type": type(event.error).__qualname__} if event.error is not None else {}
        state = {"unijob.job.state": event.job.state.value} if event.job is not None else {}
        self._polls.add(1, {"unijob.job.kind": event.ref.kind, **state, **told})


def _ended(sending: Sending) -> dict[str, str | int]:
    if sending.reply is not None:
        status = sending.reply.status
        return {"http.response.status_code": status, **({"error.type": str(status)} if status >= _ERROR else {})}
    return {"error.type": type(sending.error).__qualname__} if sending.error is not None else {}
