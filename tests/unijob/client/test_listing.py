"""Listing: pages, filters, and where the key must not go."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.upstream import JOBS, KEY, RUNS, SCHEDULE, Answer, Upstream, error, page, run, schedule, serving
from unijob import ContractViolation, InvalidArgument, JobNotFound


def jobs_page(*ids: str, following: str | None = None) -> dict[str, Any]:
    jobs = [{"uuid": id_, "status": "INDEX_JOB_STATUS_PENDING", "phase": "BATCH_JOB_PHASE_PENDING"} for id_ in ids]
    pages = {} if following is None else {"next": following}
    return {"jobs": jobs, "links": {"pages": pages}, "meta": {"page": 1, "pages": 9, "total": 9}}


async def ids(listing: Any) -> list[str]:
    return [job.ref.ids[-1] async for job in listing]


async def test_cursors_are_followed_to_the_end() -> None:
    """Page after page, with the filters on each."""
    async with serving() as (server, client):
        server.on("GET", RUNS, page(run(id="a"), run(id="b"), more=True), page(run(id="c")))
        assert await ids(client.list("mka1:eval_run", page_size=2, suite_id="s x")) == ["a", "b", "c"]
        assert [one.target.partition("?")[2] for one in server.requests] == [
            "limit=2&suite_id=s%20x",
            "limit=2&suite_id=s%20x&after=b",
        ]


async def test_pages_are_fetched_as_they_are_needed() -> None:
    """Whoever stops early asks for no further page."""
    async with serving() as (server, client):
        server.on("GET", RUNS, page(run(id="a"), more=True), page(run(id="b"), more=True))
        listing = client.list("mka1:eval_run")
        assert (await anext(listing)).ref.ids == ("a",)
        await listing.aclose()
        assert len(server.requests) == 1


async def test_page_links_never_get_the_key() -> None:
    """A link to a next page says that there is one; where it leads gets no request, of another origin least of all."""
    async with Upstream() as other, serving() as (server, client):
        link = f"{other.url}/v2/gen-ai/indexing_jobs?page=2"
        server.on("GET", JOBS, jobs_page("a", following=link), jobs_page("b"))
        assert await ids(client.list("gradient:indexing_job")) == ["a", "b"]
        assert [one.target for one in server.requests] == [JOBS, f"{JOBS}?page=2"]
        assert server.requests[1].headers["Authorization"] == f"Bearer {KEY}"
    assert other.requests == []


async def test_a_path_argument_chooses_the_listing() -> None:
    """The runs of a schedule, the jobs of a knowledge base."""
    async with serving() as (server, client):
        server.on("GET", SCHEDULE + "/runs", page(run(id="a")))
        server.on("GET", "/v2/gen-ai/knowledge_bases/kb/indexing_jobs", jobs_page("b"))
        assert await ids(client.list("mka1:eval_run", schedule_id="s1", status="completed")) == ["a"]
        assert await ids(client.list("gradient:indexing_job", knowledge_base_uuid="kb", page_size=5)) == ["b"]


async def test_a_listing_that_cannot_be_paged_ends_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A knowledge base's jobs take no page parameter, although the answer has a link."""
    async with serving() as (server, client):
        server.on("GET", "/v2/gen-ai/knowledge_bases/kb/indexing_jobs", jobs_page("a", following="https://x/?page=2"))
        assert await ids(client.list("gradient:indexing_job", knowledge_base_uuid="kb")) == ["a"]
    assert "further pages" in caplog.text


@pytest.mark.parametrize(
    "filters", [{"colour": "blue"}, {"knowledge_base_uuid": "kb"}, {"schedule_id": "s", "owned_only": True}]
)
async def test_unknown_filters_are_named_with_those_that_are(filters: dict[str, Any]) -> None:
    """Before anything is sent."""
    async with serving() as (server, client):
        with pytest.raises(InvalidArgument, match=r"suite_id.*; or schedule_id"):
            client.list("mka1:eval_run", **filters)
        assert server.requests == []


async def test_ranges_are_held_before_anything_is_sent() -> None:
    """A page of 1000 is an InvalidArgument."""
    async with serving() as (server, client):
        with pytest.raises(InvalidArgument, match="limit"):
            await ids(client.list("mka1:eval_run", page_size=1000))
        assert server.requests == []


async def test_a_page_that_comes_twice_ends_the_listing() -> None:
    """An upstream that ignores the cursor is not asked for ever."""
    async with serving() as (server, client):
        server.on("GET", RUNS, page(run(id="a"), more=True))
        with pytest.raises(ContractViolation, match="one page twice"):
            await ids(client.list("mka1:eval_run"))
        assert len(server.requests) == 2


async def test_empty_pages_end_a_listing() -> None:
    """Nothing there, and an empty page that claims more, are both the end."""
    async with serving() as (server, client):
        server.on("GET", RUNS, page(), page(more=True))
        assert await ids(client.list("mka1:eval_run")) == []
        assert await ids(client.list("mka1:eval_run")) == []


@pytest.mark.parametrize("answer", [Answer(json=[]), Answer(json=3), Answer(body=b"<html>")])
async def test_what_is_no_page_is_a_violation(answer: Answer) -> None:
    """JSON of another shape, or no JSON."""
    async with serving() as (server, client):
        server.on("GET", RUNS, answer)
        with pytest.raises(ContractViolation):
            await ids(client.list("mka1:eval_run"))


async def test_errors_come_as_pages_come() -> None:
    """The first page is given before the second fails."""
    async with serving() as (server, client):
        server.on("GET", RUNS, page(run(id="a"), more=True), error(404))
        listing = client.list("mka1:eval_run")
        assert (await anext(listing)).ref.ids == ("a",)
        with pytest.raises(JobNotFound):
            await anext(listing)


async def test_schedules_are_listed() -> None:
    """As jobs are, with their own filters."""
    async with serving() as (server, client):
        server.on("GET", "/api/v1/llm/evals/schedules", {"object": "list", "data": [schedule()], "has_more": False})
        found = [one async for one in client.schedules("mka1:eval_schedule", enabled="true")]
        assert [str(one.ref) for one in found] == ["mka1:eval_schedule/s1"]
        with pytest.raises(InvalidArgument, match="kind of schedule"):
            client.list("mka1:eval_schedule")
        with pytest.raises(InvalidArgument, match="kind of job"):
            client.schedules("mka1:eval_run")
