"""What a client tells of its work: to callbacks, to the log, and to OpenTelemetry."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from tests.unijob.upstream import DROP, JOB, KEY, RUN, RUNS, error, indexing, page, run, serving
from unijob import Hooks, JobFailed, JobNotFound, JobState, Poll, PollEvent, RateLimited, RequestEvent, Retry

REF, OTHER = "mka1:eval_run/r1", "gradient:indexing_job/j1"
STEADY = Poll(initial=1, factor=1, jitter=0)


@attrs.define
class Told:
    """What callbacks were told."""

    requests: list[RequestEvent] = attrs.field(factory=list[RequestEvent])
    polls: list[PollEvent] = attrs.field(factory=list[PollEvent])

    def hooks(self) -> Hooks:
        return Hooks(on_request=self.requests.append, on_poll=self.polls.append)


class Collected:
    """What OpenTelemetry was told."""

    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.hooks = Hooks(tracer_provider=tracers, meter_provider=MeterProvider([self.reader]))

    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())

    def points(self) -> Iterator[tuple[str, Any]]:
        data = self.reader.get_metrics_data()
        assert data is not None
        for resource in data.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.data.data_points:
                        yield metric.name, point


async def test_each_request_is_told() -> None:
    """What was sent, what came, how often it had been sent before, and how long the upstream held it back."""
    told = Told()
    async with serving(hooks=told.hooks()) as (server, client):
        server.on("GET", RUN, error(503), error(429, retry_after="7"), run())
        await client.get(REF)
        server.on("GET", RUN, error(404))
        with pytest.raises(JobNotFound):
            await client.get(REF)
    assert [(one.status, one.resends) for one in told.requests] == [(503, 0), (429, 1), (200, 2), (404, 0)]
    first = told.requests[0]
    assert (first.account, first.operation, first.method, first.path) == ("mka1", "getEvalRun", "GET", RUN)
    assert first.error is None


async def test_a_request_without_an_answer_is_told_too() -> None:
    """With what went wrong."""
    told = Told()
    async with serving(hooks=told.hooks(), retry=Retry(attempts=1)) as (server, client):
        server.on("POST", RUNS, DROP)
        server.on("GET", RUNS, page())
        with pytest.raises(Exception, match="its answer was lost"):
            await client.start("mka1:eval_run", suite_id="s", models=["m"])
    assert told.requests[0].status is None
    assert "no answer" in str(told.requests[0].error)


async def test_what_holds_a_request_back_is_told() -> None:
    """Seconds that the rate limit took, apart from those that the request took."""
    told = Told()
    async with serving(hooks=told.hooks(), max_requests_per_second=0.5, retry=Retry(attempts=1)) as (server, client):
        server.on("GET", RUN, run())
        for _ in range(3):
            await client.get(REF)
        server.on("GET", RUN, error(429, retry_after="9"), run())
        with pytest.raises(RateLimited):
            await client.get(REF)
        await client.get(REF)
    assert [one.held for one in told.requests] == pytest.approx([0, 2, 2, 2, 9])
    assert all(one.seconds < 1 for one in told.requests)


async def test_each_poll_is_told() -> None:
    """Also the one that failed, and those of many; a `get` is none."""
    told = Told()
    async with serving(hooks=told.hooks()) as (server, client):
        server.on("GET", RUN, run("queued"), error(503), run("completed", done=10))
        server.on("GET", JOB, indexing("COMPLETED", "SUCCEEDED"))
        await client.wait(REF, poll=STEADY)
        seen = [(one.polls, one.job and one.job.state, type(one.error).__name__, one.elapsed) for one in told.polls]
        assert seen == [
            (1, JobState.QUEUED, "NoneType", 0),
            (2, None, "UpstreamError", 1),
            (3, JobState.SUCCEEDED, "NoneType", 2),
        ]
        await client.get(OTHER)
        assert len(told.polls) == 3
        await client.wait_all([OTHER])
        assert str(told.polls[-1].ref) == OTHER


async def test_a_hook_that_fails_harms_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the work goes on."""

    def fail(_: object) -> None:
        raise ValueError("a bad hook")

    async with serving(hooks=Hooks(on_request=fail, on_poll=fail)) as (server, client):
        server.on("GET", RUN, run("completed", done=10))
        assert (await client.wait(REF)).succeeded
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        "a hook failed at RequestEvent",
        "a hook failed at PollEvent",
    ]


async def test_levels_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """A request is DEBUG, a job's end INFO, what is tried again WARNING; and nothing is ERROR."""
    caplog.set_level(logging.DEBUG, "unijob")
    async with serving() as (server, client):
        server.on("GET", RUN, error(503), run("completed", done=10))
        await client.wait(REF, poll=STEADY)
    levels = [record.levelname for record in caplog.records if record.name == "unijob"]
    assert levels == ["DEBUG", "WARNING", "DEBUG", "INFO"]
    assert f"{REF} ended as succeeded, after 1 s and 2 polls" in caplog.messages


async def test_spans_of_a_wait() -> None:
    """One around it with the job's end, and in it one for each request, by OpenTelemetry's conventions for HTTP."""
    collected = Collected()
    async with serving(hooks=collected.hooks) as (server, client):
        server.on("GET", RUN, error(503), run("failed"))
        with pytest.raises(JobFailed):
            await client.wait(REF, poll=STEADY)
        port = int(server.url.rpartition(":")[2])
    refused, answered, wait = collected.spans()
    assert (wait.name, wait.kind, wait.status.status_code) == ("unijob.wait", SpanKind.INTERNAL, StatusCode.ERROR)
    assert dict(wait.attributes or {}) == {
        "unijob.job.kind": "mka1:eval_run",
        "unijob.job.ref": REF,
        "unijob.job.state": "failed",
        "error.type": "JobFailed",
    }
    assert wait.context is not None
    assert {span.parent and span.parent.span_id for span in (refused, answered)} == {wait.context.span_id}
    assert answered.name == "GET /api/v1/llm/evals/runs/{run_id}"
    assert answered.kind is SpanKind.CLIENT
    assert dict(answered.attributes or {}) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.full": f"http://127.0.0.1:{port}{RUN}",
        "url.template": "/api/v1/llm/evals/runs/{run_id}",
        "unijob.account": "mka1",
        "unijob.operation": "getEvalRun",
    }
    assert refused.status.status_code is StatusCode.ERROR
    assert (refused.attributes or {})["error.type"] == "503"


async def test_spans_of_many_and_of_a_start() -> None:
    """The requests of all jobs lie in the span of their wait; a start has the job that came of it."""
    collected = Collected()
    async with serving(hooks=collected.hooks) as (server, client):
        server.on("GET", RUN, run("completed", done=10))
        server.on("GET", JOB, indexing("COMPLETED", "SUCCEEDED"))
        await client.wait_all([REF, OTHER])
        *requests, wait = collected.spans()
        assert wait.name == "unijob.wait_all"
        assert wait.context is not None
        assert {span.parent and span.parent.span_id for span in requests} == {wait.context.span_id}
        collected.exporter.clear()
        server.on("POST", RUNS, run("queued"))
        await client.start("mka1:eval_run", suite_id="s", models=["m"])
        assert [span.name for span in collected.spans()] == ["POST /api/v1/llm/evals/runs", "unijob.start"]
        assert (collected.spans()[-1].attributes or {})["unijob.job.ref"] == REF


async def test_metrics() -> None:
    """The durations of requests by their outcome, and polls by what they brought."""
    collected = Collected()
    async with serving(hooks=collected.hooks) as (server, client):
        server.on("GET", RUN, error(503), run(), run("completed", done=10))
        await client.wait(REF, poll=STEADY)
    points = list(collected.points())
    durations = {
        point.attributes["http.response.status_code"]: point.count
        for name, point in points
        if name == "http.client.request.duration"
    }
    assert durations == {503: 1, 200: 2}
    polls = [dict(point.attributes) for name, point in points if name == "unijob.client.polls"]
    kind = {"unijob.job.kind": "mka1:eval_run"}
    assert polls == [
        {**kind, "error.type": "UpstreamError"},
        {**kind, "unijob.job.state": "running"},
        {**kind, "unijob.job.state": "succeeded"},
    ]
    assert "unijob.client.held" in dict(points)


async def test_without_opentelemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything works where it is not imported, and callbacks are told as ever."""
    monkeypatch.delitem(sys.modules, "opentelemetry.trace")
    told, collected = Told(), Collected()
    async with serving(hooks=attrs.evolve(collected.hooks, on_request=told.requests.append)) as (server, client):
        server.on("GET", RUN, run("completed", done=10))
        await client.wait(REF)
        await client.wait_all([REF])
    assert len(told.requests) == 2
    assert collected.spans() == []


async def test_no_secret_is_told() -> None:
    """Not where a reference holds the key by mistake."""
    told, collected = Told(), Collected()
    hooks = attrs.evolve(collected.hooks, on_request=told.requests.append, on_poll=told.polls.append)
    async with serving(hooks=hooks) as (server, client):
        server.on("GET", RUN, run("failed", error={"code": "c", "message": KEY}))
        with pytest.raises(JobFailed):
            await client.wait(REF)
        with pytest.raises(JobNotFound):
            await client.get(f"mka1:eval_run/{KEY}")
    spans = "".join(span.to_json() for span in collected.spans())
    assert KEY not in repr(told.requests) + spans
