"""Pieces of a job: the same pages as lists, as generated models."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, assert_type

import attrs
import pytest

from tests.unijob.upstream import serving
from unijob import ContractViolation, InvalidArgument, JobNotFound, UnsupportedOperation, registry
from unijob.kinds import JobKind, Pieces
from unijob.providers.mka1.file_batch import FILES as PIECES
from unijob_models.mka1 import models
from unijob_models.mka1.v2026_10.models import VectorStoreFile

REF = "mka1:file_batch/vs/b"
FILES = "/api/v1/llm/vector_stores/vs/file_batches/b/files"
SOURCES = "/v2/gen-ai/indexing_jobs/j1/data_sources"


def file(id_: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "object": "vector_store.file",
        "usage_bytes": 1,
        "created_at": 1,
        "vector_store_id": "vs",
        "status": "completed",
        "last_error": None,
        "chunk_count": 3,
        **changes,
    }


def files(*ids: str, more: bool = False) -> dict[str, Any]:
    ends = {"first_id": ids[0], "last_id": ids[-1]} if ids else {"first_id": "", "last_id": ""}
    return {"object": "list", "data": [file(id_) for id_ in ids], "has_more": more, **ends}


async def read(pieces: AsyncGenerator[Any, None]) -> list[Any]:
    return [piece async for piece in pieces]


@pytest.fixture
def with_report(monkeypatch: pytest.MonkeyPatch) -> Pieces[Any]:
    """A second set of pieces for file batches: one document, the batch itself."""
    report: Pieces[Any] = Pieces(name="report", operation="getVectorStoreFileBatch")
    kind = registry.job_kind("mka1:file_batch")
    changed = attrs.evolve(kind, pieces=(*kind.pieces, report))

    def found(_name: str) -> JobKind:
        return changed

    monkeypatch.setattr(registry, "job_kind", found)
    return report


async def test_pages_are_followed_to_the_end() -> None:
    """Page after page with the filters on each, in the upstream's order, as generated models."""
    async with serving() as (server, client):
        server.on("GET", FILES, files("a", "b", more=True), files("c"))
        found = await read(client.pieces(REF, "files", page_size=2, filter="completed"))
        assert [type(one) for one in found] == [VectorStoreFile] * 3
        assert [one.id for one in found] == ["a", "b", "c"]
        assert [one.target.partition("?")[2] for one in server.requests] == [
            "limit=2&filter=completed",
            "limit=2&filter=completed&after=b",
        ]


async def test_the_only_name_goes_without_saying() -> None:
    """And a kind's own declaration of its pieces tells a type checker what they are."""
    async with serving() as (server, client):
        server.on("GET", FILES, files("a"))
        assert await read(client.pieces(REF)) == await read(client.pieces(REF, "files"))
        typed = client.pieces(REF, PIECES)
        assert_type(typed, AsyncGenerator[models.VectorStoreFile, None])
        assert [one.status async for one in typed] == ["completed"]


async def test_a_document_is_one_piece(with_report: Pieces[Any]) -> None:
    """Where no property holds items the answer is the one piece; of two names one must be said."""
    batch = {
        "id": "b",
        "object": "vector_store.file_batch",
        "created_at": 1,
        "vector_store_id": "vs",
        "status": "failed",
    }
    counts = dict.fromkeys(("in_progress", "completed", "failed", "cancelled", "total"), 0)
    async with serving() as (server, client):
        server.on("GET", FILES.rpartition("/")[0], {**batch, "file_counts": counts})
        (found,) = await read(client.pieces(REF, with_report, page_size=5))
        assert (found.status, found.file_counts.total) == ("failed", 0)
        with pytest.raises(InvalidArgument, match="say which pieces of mka1:file_batch: it may be files, report"):
            client.pieces(REF)


async def test_what_there_is_not_is_refused_at_once() -> None:
    """A name, a filter, an id in place of the reference's, a kind without pieces; nothing is sent."""
    async with serving() as (server, client):
        with pytest.raises(InvalidArgument, match="no pieces called 'events': it may be files"):
            client.pieces(REF, "events")
        with pytest.raises(InvalidArgument, match="by status: it may be limit, order, after") as caught:
            client.pieces(REF, status="x")
        assert caught.value.argument == "status"
        with pytest.raises(InvalidArgument, match="cannot be listed by batch_id"):
            client.pieces(REF, batch_id="other")
        with pytest.raises(UnsupportedOperation, match="mka1:eval_run cannot list pieces"):
            client.pieces("mka1:eval_run/r1")
        with pytest.raises(InvalidArgument, match="filter"):
            await read(client.pieces(REF, filter="nonsense"))
        assert server.requests == []


async def test_odd_pieces_are_read_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    """One broken field costs that field, with a warning in the log; under strict it is an error."""
    broken = files("a") | {"data": [file("a", usage_bytes="many", status="brand_new")]}
    async with serving() as (server, client):
        server.on("GET", FILES, broken)
        (found,) = await read(client.pieces(REF))
        assert (found.id, found.status) == ("a", "brand_new")
    assert "/data/0/usage_bytes" in caplog.text
    async with serving(strict=True) as (server, client):
        server.on("GET", FILES, broken)
        with pytest.raises(ContractViolation):
            await read(client.pieces(REF))


async def test_one_page_twice_is_an_error() -> None:
    """A cursor that goes nowhere ends in an error, not in a loop."""
    async with serving() as (server, client):
        server.on("GET", FILES, files("a", more=True))
        with pytest.raises(ContractViolation, match="gave one page twice"):
            await read(client.pieces(REF))


@pytest.mark.parametrize("payload", [[], {}, {"data": "none"}])
async def test_without_readable_items_there_is_no_page(payload: Any) -> None:
    """An answer that holds no items is a violation, not an empty list."""
    async with serving() as (server, client):
        server.on("GET", FILES, payload)
        with pytest.raises(ContractViolation, match="no readable data"):
            await read(client.pieces(REF))


async def test_a_job_that_is_not_there_has_none() -> None:
    """A 404 is JobNotFound."""
    async with serving() as (_, client):
        with pytest.raises(JobNotFound):
            await read(client.pieces(REF))


def test_pieces_are_declared_by_name() -> None:
    """No kind has two of one name, and each is listed by an operation that takes the job's ids and nothing else."""
    for name in registry.kind_names():
        kind = registry.kind(name)
        if not isinstance(kind, JobKind):
            continue
        assert len({one.name for one in kind.pieces}) == len(kind.pieces)
        operations = registry.package(kind.provider, registry.revisions(kind.provider)[-1]).operations
        for one in kind.pieces:
            in_path = [p.name for p in operations[one.operation].parameters if p.location == "path"]
            assert len(in_path) == len(kind.ids)
