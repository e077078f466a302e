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
from unijob.jsontypes import is_list
from unijob.sandbox import Sandbox, SteppedClock, installed
from unijob.sandbox.messages import Incoming
from unijob.testing.strategies import Payloads

REVISIONS = [(name, revision) for name in registry.provider_names() for revision in registry.revisions(name)]
PARENTS = {"vector_store_id": "vs_1", "agent_id": "agent_1", "knowledge_base_uuid": "kb"}
BODIES: Mapping[str, Any] = {
    "createVectorStoreFileBatch": {"file_ids": ["a", "b", "c"]},
    "createEvalRun": {"suite_id": "s", "models": ["m"], "metadata": {"a": "b"}},
    "createEvalSchedule": {"name": "n", "suite_id": "s", "interval_seconds": 3, "run": {"models": ["m"]}},
    "updateEvalSchedule": {"description": "d", "webhook_secret": "x"},
    "createBatch": {"input_file_id": "f", "endpoint": "/v1/embeddings"},
    "createFineTuningJob": {"model": "m", "training_file": "f", "method": {"type": "dpo"}},
    "createAgentRun": {"input": [{"type": "message", "text": "hi"}]},
    "createJob": {
        "compute": {"accelerator": "h100", "gpu_count": 1, "ephemeral_disk_gb": 10},
        "container": {
            "image": "i",
            "command": ["c"],
            "ports": [{"name": "p", "container_port": 8, "protocol": "http"}],
        },
        "access": {"ssh_public_key": "k"},
    },
    "genai_create_indexing_job": {"knowledge_base_uuid": "kb", "data_source_uuids": ["x", "y", "z"]},
    "genai_create_knowledge_base": {"name": "n", "datasources": [{"bucket_name": "b", "item_path": "i"}]},
    "genai_update_knowledge_base": {"name": "m", "reranking_config": {"enabled": True}},
    "genai_create_data_source_file_upload_presigned_urls": {"files": [{"file_name": "f", "file_size": "3"}]},
    "genai_create_knowledge_base_data_source": {"aws_data_source": {"bucket_name": "b", "secret_key": "k"}},
    "genai_update_knowledge_base_data_source": {"chunking_algorithm": "CHUNKING_ALGORITHM_SEMANTIC"},
    "genai_create_scheduled_indexing": {"knowledge_base_uuid": "kb", "days": [0, 3, 6], "time": "00:00"},
    "genai_run_evaluation_test_case": {"test_case_uuid": "t", "agent_uuids": ["a", "b"]},
    "genai_create_model_evaluation_run": {"eval_preset_uuid": "p", "candidate_inference_config": {"max_tokens": 3}},
    "genai_update_model_evaluation_run": {"name": "n"},
}
CREATES = {
    "batch_id": ("createVectorStoreFileBatch", "id"),
    "run_id": ("createEvalRun", "id"),
    "schedule_id": ("createEvalSchedule", "id"),
    "fine_tuning_job_id": ("createFineTuningJob", "id"),
    "id": ("createJob", "id"),
    "request_batch_id": ("createBatch", "id"),
    "agent_run_id": ("createAgentRun", "id"),
    "indexing_job_uuid": ("genai_create_indexing_job", "job.uuid"),
    "data_source_uuid": ("genai_create_knowledge_base_data_source", "knowledge_base_data_source.uuid"),
    "evaluation_run_uuid": ("genai_run_evaluation_test_case", "evaluation_run_uuids.0"),
    "eval_run_uuid": ("genai_create_model_evaluation_run", "eval_run_uuid"),
    "schedule_uuid": ("genai_create_scheduled_indexing", "indexing_info.uuid"),
}
"""Path parameter, or what `values_of` calls it: the operation that makes one, and where its answer has the id."""
CREATES_BY_OPERATION = frozenset(operation for operation, _ in CREATES.values())


def values_of(path: str, ids: Mapping[str, str]) -> dict[str, str]:
    """The path parameters of an operation; what `uuid`, `batch_id` and `run_id` name follows from its path."""
    uuids = {"indexing_jobs": "indexing_job_uuid", "scheduled-indexing": "schedule_uuid"}
    of = next((ids.get(name, "nowhere") for part, name in uuids.items() if f"/{part}/{{uuid}}" in path), "kb")
    namesakes = {"/llm/batches": ("batch_id", "request_batch_id"), "/agents/": ("run_id", "agent_run_id")}
    own = {name: ids.get(own, "nowhere") for part, (name, own) in namesakes.items() if part in path}
    return {**PARENTS, "uuid": of, **ids, **own}


def made(operation: str, answer: Any) -> dict[str, str]:
    """The id of what an operation made, under the parameter that takes it."""
    found: dict[str, str] = {}
    for parameter, (create, path) in CREATES.items():
        if operation == create:
            value = answer
            for step in path.split("."):
                value = value[int(step)] if is_list(value) else value[step]
            found[parameter] = value
    return found


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
        path = template.path.format(**values_of(template.path, {**self.ids, **ids}))
        if operation in BODIES and "data" not in options:
            options.setdefault("json", BODIES[operation])
        reply = await self.plain.send(template.method, f"{self.provider}{path}{query}", **options)
        found = self.contract.check_response_bytes(operation, reply.status, reply.body, headers=reply.headers)
        assert not found, (operation, reply.status, [str(each) for each in found])
        (self.succeeded if reply.status < 300 else self.refused).add(operation)
        if reply.status < 300:
            self.ids.update(made(operation, reply.json))
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
        """Whatever changes something that is there, whether it can be done now or not; what ends it comes last."""
        for name in sorted(self.contract.operations, key=lambda name: not name.startswith(("pause", "resume"))):
            operation = self.contract.operations[name]
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
        outcomes_of = {kind: life.outcomes for kind, life in installed.lives(provider, revision).items()}
        turns = range(max(map(len, outcomes_of.values())))
        for turn, interfering in product(turns, (False, True)):
            for kind, outcomes in outcomes_of.items():
                if outcomes:
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
@settings(max_examples=settings().max_examples * 3 // 5)
@given(data=st.data())
def test_whatever_is_asked_the_answer_holds(provider: str, revision: str, data: st.DataObject) -> None:
    """Any requests that the contract allows, in any order: no answer breaks the contract, and none is a 5xx.

    The suite for authors of providers holds the same with ids that it finds by itself. Those here are told, so that
    other operations find what they are about.
    """
    sandbox = Sandbox(clock=SteppedClock(), check=True, revisions={provider: revision}, providers=[provider])
    service = sandbox.services[provider]
    ids: dict[str, str] = {}
    for operation, body, wait in data.draw(st.lists(requests(provider, revision), max_size=12)):
        sandbox.advance(wait)
        template = registry.package(provider, revision).operations[operation]
        path = template.path.format(**values_of(template.path, {**dict.fromkeys(CREATES, "nowhere"), **ids}))
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
        if outgoing.status < 300:
            ids.update(made(operation, orjson.loads(outgoing.body)))
