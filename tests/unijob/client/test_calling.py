"""Calling any operation that a provider documents."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

import unijob.sync
from tests.unijob.upstream import DROP, JOB, KEY, RUN, RUNS, Answer, error, run, serving
from unijob import Account, ContractViolation, InvalidArgument, JobNotFound, StartUncertain, TransportError
from unijob.client.calling import operation_names
from unijob.sandbox import Sandbox
from unijob_models.gradient.v2026_08 import models

BASES = "/v2/gen-ai/knowledge_bases"
CREATE = "gradient:genai_create_knowledge_base"
BASE = {"knowledge_base": {"uuid": "b1", "name": "handbook"}}


async def test_the_answer_is_a_model() -> None:
    """Path, query and body are given by name, and what comes back is typed."""
    async with serving() as (server, client):
        server.on("POST", BASES, BASE)
        made = await client.call(CREATE, name="handbook", tags=["docs"])
        assert isinstance(made, models.KnowledgeBaseWritten)
        assert isinstance(made.knowledge_base, models.KnowledgeBase)
        assert made.knowledge_base.name == "handbook"
        server.on("GET", f"{BASES}/b1/data_sources", {"knowledge_base_data_sources": []})
        listed = await client.call("gradient:genai_list_knowledge_base_data_sources", knowledge_base_uuid="b1", page=2)
        assert listed == models.DataSourceList(knowledge_base_data_sources=())
        assert [(one.method, one.target, one.body) for one in server.requests] == [
            ("POST", BASES, b'{"name":"handbook","tags":["docs"]}'),
            ("GET", f"{BASES}/b1/data_sources?page=2", b""),
        ]


async def test_a_whole_request() -> None:
    """A model or JSON is sent as it is, also what its contract does not know."""
    async with serving() as (server, client):
        server.on("POST", BASES, BASE)
        await client.call(CREATE, models.KnowledgeBaseRequest(name="a"))
        await client.call(CREATE, {"name": "a", "new": 1})
        assert [one.body for one in server.requests] == [b'{"name":"a"}', b'{"name":"a","new":1}']


@pytest.mark.parametrize(
    ("operation", "arguments", "told"),
    [
        ("genai_create_knowledge_base", {}, "write 'provider:operation'"),
        ("gradient:", {}, "write 'provider:operation'"),
        ("acme:do", {}, "there is no provider 'acme'"),
        ("gradient:create_knowledge_base", {}, "it may be genai_create_knowledge_base, .*, and [0-9]+ others"),
        ("gradient:x", {}, "has no operation 'x' in revision 2026-08: it may be "),
        (CREATE, {"nam": "a"}, "does not take nam: it may be given"),
        (CREATE, {"name": 5}, "request.body /name: is not of type string"),
        ("gradient:genai_get_knowledge_base", {"uuid": ".."}, "must not be empty"),
        ("gradient:genai_get_knowledge_base", {}, "request.path /uuid|uuid"),
    ],
)
async def test_what_is_wrong_is_told_before_anything_is_sent(
    operation: str, arguments: dict[str, Any], told: str
) -> None:
    """A wrong name or argument is refused with what would be right."""
    async with serving() as (server, client):
        with pytest.raises(InvalidArgument, match=told):
            await client.call(operation, **arguments)
        assert server.requests == []


async def test_an_operation_of_the_accounts_revision() -> None:
    """An account that fixes a revision calls by that, and is told what it does not have."""
    async with serving() as (server, _):
        account = Account("mka1", base_url=server.url, key=KEY, revision="2026-07")
        async with unijob.JobClient([account], env={}) as client:
            with pytest.raises(InvalidArgument, match="in revision 2026-07"):
                await client.call("mka1:getNothing")


async def test_what_is_not_safe_is_sent_once() -> None:
    """The lost answer of a POST is uncertain: what was sent is told, secrets masked, and it is not sent again."""
    source = {"aws_data_source": {"bucket_name": "b", "secret_key": KEY}}
    for answer in (DROP, error(504)):
        async with serving() as (server, client):
            server.on("POST", BASES, answer, BASE)
            with pytest.raises(StartUncertain, match="may have been done") as caught:
                await client.call(CREATE, name="a", datasources=[source])
            assert len(server.requests) == 1
            assert (caught.value.kind, caught.value.arguments["name"]) == (CREATE, "a")
            assert KEY not in repr(caught.value.arguments) + str(caught.value)


async def test_a_post_whose_answer_cannot_be_read_is_uncertain_too() -> None:
    """It is a success, so it was done: what follows must not be another call."""
    async with serving(max_answer_bytes=10_000) as (server, client):
        for step in (Answer(body=b"<html>"), Answer(body=b"x" * 20_000)):
            server.on("POST", BASES, step)
            with pytest.raises(StartUncertain, match="cannot be read, so it may have been done"):
                await client.call(CREATE, name="a")
        assert server.count("POST", BASES) == 2


async def test_what_is_safe_is_sent_again() -> None:
    """GET, PUT and DELETE are tried until an answer stands."""
    async with serving() as (server, client):
        server.on("GET", JOB, DROP, error(503), {"job": {"uuid": "j1"}})
        found = await client.call("gradient:genai_get_indexing_job", uuid="j1")
        assert found.job.uuid == "j1"
        assert len(server.requests) == 3


async def test_a_refused_post_is_sent_again_when_it_was_not_received() -> None:
    """429 says that nothing was done."""
    async with serving() as (server, client):
        server.on("POST", BASES, error(429), BASE)
        assert (await client.call(CREATE, name="a")).knowledge_base.uuid == "b1"


async def test_errors_are_those_of_everything() -> None:
    """Not found, no connection, an answer that is no JSON."""
    async with serving() as (server, client):
        with pytest.raises(JobNotFound, match="it is said so"):
            await client.call("gradient:genai_get_knowledge_base", uuid="b1")
        server.on("GET", JOB, DROP)
        with pytest.raises(TransportError):
            await client.call("gradient:genai_get_indexing_job", uuid="j1")
        server.on("GET", RUNS, {"data": 5})
        with pytest.raises(ContractViolation):
            async with unijob.JobClient([Account("mka1", base_url=server.url, key=KEY)], env={}, strict=True) as strict:
                await strict.call("mka1:listEvalRuns")


async def test_a_breach_is_told_and_read_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    """Unless the client is strict, what can be read is given, and the breach is logged."""
    async with serving() as (server, client):
        server.on("GET", RUN, run(models="auto", id="r1"))
        with caplog.at_level(logging.WARNING, logger="unijob"):
            found = await client.call("mka1:getEvalRun", run_id="r1")
        assert found.id == "r1"
        assert "/models" in caplog.text


async def test_an_answer_without_a_body_is_none() -> None:
    """Where nothing came there is nothing to read."""
    async with serving() as (server, client):
        server.on("DELETE", f"{BASES}/b1", Answer(body=b""))
        assert await client.call("gradient:genai_delete_knowledge_base", uuid="b1") is None


async def test_without_async() -> None:
    """The synchronous client calls the same."""
    async with Sandbox(seed=1, check=True) as sandbox:
        account = Account("gradient", base_url=sandbox.url("gradient"), key=sandbox.token)

        def create() -> Any:
            with unijob.sync.JobClient([account], env={}) as client:
                return client.call(CREATE, name="handbook")

        assert (await asyncio.to_thread(create)).knowledge_base.name == "handbook"


def test_names() -> None:
    """All operations of all revisions are known by name."""
    assert CREATE in operation_names("gradient")
    assert len(set(operation_names("mka1"))) == len(operation_names("mka1"))


async def test_a_parent_chooses_the_listing() -> None:
    """With or without the ending of its id; both at once is one too many."""
    async with serving() as (server, client):
        server.on("GET", f"{BASES}/b1/indexing_jobs", {"jobs": [{"uuid": "j1"}]})
        filters: list[dict[str, Any]] = [{"knowledge_base": "b1"}, {"knowledge_base_uuid": "b1"}]
        for given in filters:
            listed = [str(job.ref) async for job in client.list("gradient:indexing_job", **given)]
            assert listed == ["gradient:indexing_job/j1"]
        with pytest.raises(InvalidArgument, match="cannot be listed by knowledge_base_uuid, knowledge_base"):
            _ = [
                job async for job in client.list("gradient:indexing_job", knowledge_base_uuid="b1", knowledge_base="b")
            ]
        with pytest.raises(InvalidArgument, match="cannot be listed by base"):
            _ = [job async for job in client.list("gradient:indexing_job", base="b1")]
