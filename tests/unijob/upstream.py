"""A real server on port 0 that answers what a test scripts, a clock that jumps, and payloads of both vendors."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Self

import attrs
from aiohttp import web
from multidict import CIMultiDictProxy

from unijob import Account, JobClient

KEY = "canary-7f3a9c51e8"
START = datetime(2026, 10, 1, 12, 0, 0, tzinfo=UTC)
RUN = "/api/v1/llm/evals/runs/r1"
RUNS = "/api/v1/llm/evals/runs"
EXPORT = "/api/v1/llm/feedback/export"
STATUS = "/api/v1/llm/feedback/export/status"
SCHEDULE = "/api/v1/llm/evals/schedules/s1"
JOB = "/v2/gen-ai/indexing_jobs/j1"
JOBS = "/v2/gen-ai/indexing_jobs"


@attrs.frozen(kw_only=True)
class Answer:
    """What the server does with one request."""

    json: Any = None
    status: int = 200
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    body: bytes | None = None
    drop: bool = False
    """Break the connection instead, when the request was read."""
    hang: bool = False
    """Never answer."""


DROP = Answer(drop=True)
HANG = Answer(hang=True)


def error(status: int, **headers: str) -> Answer:
    """An error answer; `_` in header names is `-`."""
    return Answer(
        status=status,
        json={"error": {"code": "oops", "message": "it is said so"}},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


@attrs.frozen(kw_only=True)
class Received:
    """One request, as the server had it."""

    method: str
    target: str
    headers: CIMultiDictProxy[str]
    body: bytes


class FakeClock:
    """Stands still until someone sleeps, and then jumps."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.sleeps: list[float] = []
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return START + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return 1000.0 + self.elapsed

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.sleeps.append(seconds)
        self.elapsed += seconds
        self.on_sleep()
        await asyncio.sleep(0)


class Middle(Random):
    """Chance that is always in the middle."""

    def random(self) -> float:
        return 0.5


class Upstream:
    """Answers each (method, path) with its script, in order; the last answer goes on."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.requests: list[Received] = []
        self.clock = FakeClock()
        self._scripts: dict[tuple[str, str], list[Answer]] = {}
        self._runner: web.ServerRunner | None = None
        self._released = asyncio.Event()
        self.hanging = asyncio.Event()
        """Set when a request came that is never answered."""
        self.url = ""

    def on(self, method: str, path: str, *answers: Answer | Mapping[str, Any]) -> None:
        """Script what a method and path answer; a mapping is a 200 with that JSON."""
        self._scripts[method, path] = [one if isinstance(one, Answer) else Answer(json=one) for one in answers]

    def count(self, method: str, path: str) -> int:
        """How many of such requests came."""
        return sum((one.method, one.target.partition("?")[0]) == (method, path) for one in self.requests)

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"{'http' if self._tls is None else 'https'}://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._released.set()
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        self.requests.append(
            Received(method=request.method, target=request.raw_path, headers=request.headers, body=body)
        )
        script = self._scripts.get((request.method, request.raw_path.partition("?")[0]), [error(404)])
        answer = script.pop(0) if len(script) > 1 else script[0]
        if answer.hang:
            self.hanging.set()
            await self._released.wait()
        if answer.drop or answer.hang:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        headers = {"Date": self.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT"), **answer.headers}
        if answer.body is not None:
            response = web.Response(body=answer.body, status=answer.status, headers=headers)
            if "Content-Length" in answer.headers:
                response.force_close()
            return response
        return web.json_response(answer.json, status=answer.status, headers=headers)


@asynccontextmanager
async def serving(**options: Any) -> AsyncGenerator[tuple[Upstream, JobClient], None]:
    """A server, and a client of it with an account of each provider."""
    async with Upstream() as server:
        accounts = [Account(name, base_url=server.url, key=KEY) for name in ("mka1", "gradient")]
        given: dict[str, Any] = {"accounts": accounts, "env": {}, "clock": server.clock, "random": Middle(), **options}
        async with JobClient(**given) as client:
            yield server, client


# --- Payloads ------------------------------------------------------------------------------------------------------


def run(status: str = "in_progress", *, done: int = 0, id: str = "r1", **changes: Any) -> dict[str, Any]:  # noqa: A002
    """An eval run of revision 2026-10."""
    ended = {"completed": "completed_at", "failed": "failed_at", "cancelled": "cancelled_at"}.get(status)
    times = {"completed_at": None, "failed_at": None, "cancelled_at": None}
    return {
        "id": id,
        "object": "eval.run",
        "org_id": "o1",
        "team_id": "t1",
        "suite_id": "suite",
        "suite_version": 1,
        "suite_version_id": "sv1",
        "status": status,
        "models": ["auto"],
        "task_ids": None,
        "judge_model": None,
        "embedding_model": None,
        "agent_name": None,
        "agent_version": None,
        "agent_effort": None,
        "generation": {"temperature": 0, "max_output_tokens": 512},
        "request_counts": {"total": 10, "completed": done, "failed": 0},
        "cost_usd": 0.5,
        "tokens": {"input": 1, "output": 1, "cached": 0, "reasoning": None},
        "metrics": None,
        "error": None,
        "artifact_file_ids": [],
        "metadata": {},
        "created_at": int(START.timestamp()),
        "started_at": None,
        **times,
        **({ended: int(START.timestamp()) + 60} if ended else {}),
        **changes,
    }


def page(*runs: Mapping[str, Any], more: bool = False) -> dict[str, Any]:
    """A page of eval runs."""
    ends = {"first_id": runs[0]["id"], "last_id": runs[-1]["id"]} if runs else {}
    return {"object": "list", "data": [*runs], **ends, "has_more": more}


def export(status: str = "RUNNING", started: str | None = "2026-10-01T12:00:00Z", **changes: Any) -> dict[str, Any]:
    """The status of the feedback export, in revision 2026-10."""
    times = {} if started is None else {"start_time": started}
    return {"status": status, **times, **changes}


def indexing(status: str = "IN_PROGRESS", phase: str = "RUNNING", **changes: Any) -> dict[str, Any]:
    """An indexing job in its envelope."""
    job = {"uuid": "j1", "status": f"INDEX_JOB_STATUS_{status}", "phase": f"BATCH_JOB_PHASE_{phase}", **changes}
    return {"job": job}


def schedule(**changes: Any) -> dict[str, Any]:
    """An eval schedule."""
    return {
        "id": "s1",
        "object": "eval.schedule",
        "name": "nightly",
        "description": None,
        "suite_id": "suite",
        "suite_version": None,
        "cron": "0 3 * * *",
        "interval_seconds": None,
        "timezone": "UTC",
        "overlap_policy": "skip",
        "enabled": True,
        "webhook_url": None,
        "webhook_configured": False,
        "run": {"models": ["auto"]},
        "metadata": {},
        "last_run_id": None,
        "last_run_at": None,
        "last_run_status": None,
        "next_run_at": None,
        "created_at": int(START.timestamp()),
        "updated_at": int(START.timestamp()),
        **changes,
    }
