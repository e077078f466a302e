"""Every answer that the sandbox gives without a fault is one that its contract allows, with nothing undocumented."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from itertools import product
from typing import Any

import attrs
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unijob.sandbox.plain import Plain, Reply, plain_client
from unijob import registry
from unijob.contract import Contract
from unijob.sandbox import Sandbox, SteppedClock
from unijob.sandbox.messages import Incoming
from unijob.testing.strategies import Payloads

REVISIONS = [(name, revision) for name in registry.provider_names() for revision in registry.revisions(name)]
OUTCOMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "mka1": {
        "mka1:feedback_export": ("succeeded", "failed", "cancelled", "terminated", "timed_out"),
        "mka1:file_batch": ("succeeded", "partial", "failed", "cancelled"),
        "mka1:eval_run": ("succeeded", "partial", "failed", "cancelled"),
    },
    "gradient": {
        "gradient:indexing_job": ("succeeded", "no_changes", "partial", "failed", "error", "cancelled"),
    },
}
PARENTS = {"vector_store_id": "vs_1", "knowledge_base_uuid": "kb", "uuid": "kb"}
BODIES: Mapping[str, Any] = {
    "createVectorStoreFileBatch": {"file_ids": ["a", "b", "c"]},
    "createEvalRun": {"suite_id": "s", "models": ["m"], "metadata": {"a": "b"}},
    "createEvalSchedule": {"name": "n", "suite_id": "s", "interval_seconds": 3, "run": {"models": ["m"]}},
    "updateEvalSchedule": {"description": "d", "webhook_secret": "x"},
    "genai_create_indexing_job": {"knowledge_base_uuid": "kb", "data_source_uuids": ["x", "y", "z"]},
}
CREATES = {
    "batch_id": ("createVectorStoreFileBatch", "id"),
    "run_id": ("createEvalRun", "id"),
    "schedule_id": ("createEvalSchedule", "id"),
    "indexing_job_uuid": ("genai_create_indexing_job", "uuid"),
    "uuid": ("genai_create_indexing_job", "uuid"),
}
CREATES_BY_OPERATION = frozenset(operation for operation, _ in CREATES.values())


@attrs.define
class Walker:
    """Calls operations with whatever was created for them, and holds each answer against the contract."""

    plain: Plain
    provider: str
    contract: Contract
    ids: dict[str, str] = attrs.field(factory=dict[str, str])
    succeeded: set[str] = attrs.field(factory=set[str])
    refused: set[str] = attrs.field(factory=set[str])

    async def call(self, operation: str, *, query: str = "", ids: Mapping[str, str] = {}, **options: Any) -> Reply:
        template = registry.package(self.provider, registry.revisions(self.provider)[-1]).operations[operation]
        values = {**PARENTS, **self.ids, **ids}
        if template.path.endswith("knowledge_bases/{uuid}"):
            values["uuid"] = "kb"
        path = template.path.format(**values)
        if operation in BODIES and "data" not in options:
            options.setdefault("json", BODIES[operation])
        reply = await self.plain.send(template.method, f"{self.provider}{path}{query}", **options)
        found = self.contract.check_response_bytes(operation, reply.status, reply.body, headers=reply.headers)
        assert not found, (operation, reply.status, [str(each) for each in found])
        (self.succeeded if reply.status < 300 else self.refused).add(operation)
        for parameter, (create, name) in CREATES.items():
            if operation == create and reply.status < 300:
                self.ids[parameter] = reply.json.get("job", reply.json)[name]
        return reply

    async def read_all(self) -> None:
        for name, operation in self.contract.operations.items():
            if operation.method == "GET":
                await self.call(name)

    async def create_all(self, turn: str) -> None:
        for name in self.contract.operations:
            if name in CREATES_BY_OPERATION or name.startswith("start"):
                body = BODIES.get(name)
                fresh = (
                    {**body, "file_ids": [f"{turn}{file}" for file in "abc"]} if body and "file_ids" in body else body
                )
                await self.call(name, json=fresh)

    async def act(self) -> None:
        """Whatever changes something that is there, whether it can be done now or not."""
        for name, operation in self.contract.operations.items():
            if operation.method in {"POST", "PUT", "PATCH"} and name not in CREATES_BY_OPERATION:
                await self.call(name)

    async def delete_all(self) -> None:
        for name, operation in self.contract.operations.items():
            if operation.method == "DELETE":
                await self.call(name)


@asynccontextmanager
async def walking(provider: str, revision: str) -> AsyncGenerator[tuple[Sandbox, Walker]]:
    sandbox = Sandbox(clock=SteppedClock(), check=True, revisions={provider: revision}, providers=[provider])
    contract = Contract(registry.package(provider, revision).document(), closed_enums=True)
    async with sandbox, plain_client(sandbox) as plain:
        yield sandbox, Walker(plain, provider, contract)


@pytest.mark.parametrize(("provider", "revision"), REVISIONS)
async def test_every_operation_through_every_life(provider: str, revision: str) -> None:
    """All operations answer, from the beginning to the end of every life of every kind, left alone or not."""
    async with walking(provider, revision) as (sandbox, walker):
        turns = range(max(len(found) for found in OUTCOMES[provider].values()))
        for turn, interfering in product(turns, (False, True)):
            for kind, outcomes in OUTCOMES[provider].items():
                sandbox.script(kind, outcome=outcomes[turn % len(outcomes)])
            await walker.create_all(f"{turn}{interfering}")
            for step in range(8):
                await walker.read_all()
                if interfering and step in {1, 3}:
                    await walker.act()
                sandbox.advance(1.9)
            await walker.act()
            await walker.read_all()
        await walker.delete_all()
        assert walker.succeeded == set(walker.contract.operations)


@pytest.mark.parametrize(("provider", "revision"), REVISIONS)
async def test_every_operation_refuses_as_its_contract_allows(provider: str, revision: str) -> None:
    """Without a token, for ids that are not there, and for bodies that are none."""
    async with walking(provider, revision) as (sandbox, walker):
        nowhere = dict.fromkeys(CREATES, "nowhere")
        for parent in sandbox.parents:
            sandbox.absent(parent)
        for name, operation in walker.contract.operations.items():
            assert (await walker.call(name, token="wrong", ids=nowhere)).status == 401
            await walker.call(name, ids=nowhere)
            if operation.request_body is not None:
                reply = await walker.call(name, ids=nowhere, data=b"[1", headers={"Content-Type": "application/json"})
                assert reply.status == 400
        assert walker.refused == set(walker.contract.operations)


def body_schemas(document: dict[str, Any]) -> dict[str, Any]:
    """The schema of each operation's request body."""
    operations: list[dict[str, Any]] = [
        operation for path in document["paths"].values() for operation in path.values() if "responses" in operation
    ]
    return {
        operation["operationId"]: operation["requestBody"]["content"]["application/json"]["schema"]
        for operation in operations
        if "requestBody" in operation
    }


BODY_SCHEMAS = {key: body_schemas(registry.package(*key).document()) for key in REVISIONS}
PAYLOADS = {key: Payloads(registry.package(*key).document()) for key in REVISIONS}


@st.composite
def requests(draw: st.DrawFn, provider: str, revision: str) -> tuple[str, Any, float]:
    """An operation, a body that its contract allows, and how long to wait first."""
    operation = draw(st.sampled_from(sorted(registry.package(provider, revision).operations)))
    schema = BODY_SCHEMAS[provider, revision].get(operation)
    body = None if schema is None else draw(PAYLOADS[provider, revision].of(schema))
    return operation, body, draw(st.sampled_from([0, 0.3, 1, 2.5, 100]))


@pytest.mark.parametrize(("provider", "revision"), REVISIONS)
@settings(max_examples=30)
@given(data=st.data())
def test_whatever_is_asked_the_answer_holds(provider: str, revision: str, data: st.DataObject) -> None:
    """Any requests that the contract allows, in any order: no answer breaks the contract, and none is a 5xx."""
    sandbox = Sandbox(clock=SteppedClock(), check=True, revisions={provider: revision}, providers=[provider])
    service = sandbox.services[provider]
    ids: dict[str, str] = {}
    for operation, body, wait in data.draw(st.lists(requests(provider, revision), max_size=12)):
        sandbox.advance(wait)
        template = registry.package(provider, revision).operations[operation]
        path = template.path.format(**{**dict.fromkeys(CREATES, "nowhere"), **PARENTS, **ids})
        headers = {"authorization": f"Bearer {sandbox.token}", "content-type": "application/json"}
        content = b"" if body is None else orjson.dumps(body)
        outgoing = asyncio.run(
            service.answer(
                Incoming(method=template.method, path=path, headers=headers, body=content, base_url="http://here")
            )
        )
        assert not outgoing.violations
        assert outgoing.status is not None
        assert outgoing.status < 500
        for parameter, (create, name) in CREATES.items():
            if operation == create and outgoing.status < 300:
                answer = orjson.loads(outgoing.body)
                ids[parameter] = answer.get("job", answer)[name]
