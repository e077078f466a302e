"""A plain HTTP client for the sandbox, and the requests that the tests make of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import attrs
import orjson

from unijob.sandbox import Fault, Sandbox

EVALS = "mka1/api/v1/llm/evals"
RUNS = f"{EVALS}/runs"
SCHEDULES = f"{EVALS}/schedules"
EXPORT = "mka1/api/v1/llm/feedback/export"
STORES = "mka1/api/v1/llm/vector_stores"
JOBS = "gradient/v2/gen-ai/indexing_jobs"
BASES = "gradient/v2/gen-ai/knowledge_bases"
SCHEDULED = "gradient/v2/gen-ai/scheduled-indexing"
AGENT_RUNS = "gradient/v2/gen-ai/evaluation_runs"
MODEL_RUNS = "gradient/v2/gen-ai/model_evaluation_runs"
RUN = {"suite_id": "eval_suite_1", "models": ["auto"]}
SCHEDULE = {"name": "n", "suite_id": "eval_suite_1", "run": {"models": ["auto"]}}


@attrs.frozen
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Plain:
    """Sends one request on a connection of its own, so that nothing is retried behind the test's back."""

    def __init__(self, session: aiohttp.ClientSession, sandbox: Sandbox) -> None:
        self._session = session
        self._sandbox = sandbox

    async def send(self, method: str, path: str, *, token: str | None = "", **options: Any) -> Reply:
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token or self._sandbox.token}"
        url = path if "://" in path else f"{self._sandbox.url()}/{path}"
        async with self._session.request(method, url, headers=headers, **options) as response:
            return Reply(response.status, response.headers, await response.read())

    async def get(self, path: str, **options: Any) -> Any:
        reply = await self.send("GET", path, **options)
        assert reply.status == 200, reply.body
        return reply.json

    async def post(self, path: str, body: Any = None, **options: Any) -> Any:
        reply = (
            await self.send("POST", path, json=body, **options) if body is not None else await self.send("POST", path)
        )
        assert reply.status in {200, 202}, reply.body
        return reply.json


@asynccontextmanager
async def plain_client(sandbox: Sandbox) -> AsyncGenerator[Plain]:
    connector = aiohttp.TCPConnector(force_close=True)
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield Plain(session, sandbox)


async def struck(fault: Fault) -> None:
    """Wait until a fault has struck a request."""
    while not fault.hits:  # noqa: ASYNC110  the sandbox has no event for it
        await asyncio.sleep(0.001)
