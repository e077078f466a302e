"""What is Gradient's own: two signals, data sources, numbered pages, rate-limit headers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.sandbox.plain import BASES, JOBS, Plain
from unijob.sandbox import Sandbox

START = {"knowledge_base_uuid": "kb"}


async def started(plain: Plain) -> str:
    job = (await plain.post(JOBS, START))["job"]
    return f"{JOBS}/{job['uuid']}"


async def test_the_status_may_follow_the_phase(sandbox: Sandbox, plain: Plain) -> None:
    """With a lag the phase has succeeded while the status is still at work."""
    sandbox.script("gradient:indexing_job", queued=1, duration=4, status_lag=2)
    job = await started(plain)
    seen: list[tuple[str, str]] = []
    for _ in range(8):
        read = (await plain.get(job))["job"]
        seen.append((read["phase"].rpartition("_")[2], read["status"].removeprefix("INDEX_JOB_STATUS_")))
        sandbox.advance(1)
    assert seen == [
        ("PENDING", "PENDING"),
        ("RUNNING", "PENDING"),
        ("RUNNING", "PENDING"),
        ("RUNNING", "IN_PROGRESS"),
        ("RUNNING", "IN_PROGRESS"),
        ("SUCCEEDED", "IN_PROGRESS"),
        ("SUCCEEDED", "IN_PROGRESS"),
        ("SUCCEEDED", "COMPLETED"),
    ]


async def test_a_phase_that_contradicts_the_outcome(sandbox: Sandbox, plain: Plain) -> None:
    """A failed job may say SUCCEEDED in its phase."""
    sandbox.script("gradient:indexing_job", outcome="failed", phase="BATCH_JOB_PHASE_SUCCEEDED")
    job = await started(plain)
    sandbox.advance(60)
    read = (await plain.get(job))["job"]
    assert (read["phase"], read["status"]) == ("BATCH_JOB_PHASE_SUCCEEDED", "INDEX_JOB_STATUS_FAILED")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("succeeded", ["UPDATED"] * 4),
        ("no_changes", ["NOT_UPDATED"] * 4),
        ("partial", ["UPDATED", "PARTIALLY_UPDATED", "UPDATED", "FAILED"]),
        ("failed", ["UPDATED", "UPDATED", "FAILED"]),
        ("cancelled", ["UPDATED", "UPDATED", "CANCELLED"]),
    ],
)
async def test_how_data_sources_end(sandbox: Sandbox, plain: Plain, outcome: str, expected: list[str]) -> None:
    """One after the other; what work had not begun on is not listed; the job counts those that are done with."""
    failed = {"failed_items": 2} if outcome == "partial" else {}
    sandbox.script("gradient:indexing_job", outcome=outcome, items=4, **failed)
    job = await started(plain)
    sandbox.advance(60)
    read = (await plain.get(job))["job"]
    sources = (await plain.get(f"{job}/data_sources"))["indexed_data_sources"]
    assert sources == read["data_source_jobs"]
    assert [source["status"].removeprefix("DATA_SOURCE_STATUS_") for source in sources] == expected
    assert (read["completed_datasources"], read["total_datasources"]) == (4 if len(expected) == 4 else 2, 4)
    for source in sources:
        done = int(source["indexed_file_count"]) + int(source["failed_item_count"]) + int(source["skipped_item_count"])
        assert done <= int(source["total_file_count"]) == 10
        assert ("error_msg" in source) == (source["status"].endswith(("FAILED", "PARTIALLY_UPDATED")))
        assert source["started_at"] <= source["completed_at"]


async def test_zero_times(sandbox: Sandbox, plain: Plain) -> None:
    """Where asked for, what has not happened yet is written as Go's zero time."""
    sandbox.script("gradient:indexing_job", zero_times=True)
    read = (await plain.get(await started(plain)))["job"]
    assert (read["started_at"], read["finished_at"]) == ("0001-01-01T00:00:00Z",) * 2
    sandbox.script("gradient:indexing_job")
    assert "finished_at" not in (await plain.get(await started(plain)))["job"]


async def test_numbered_pages(plain: Plain) -> None:
    """Links are absolute, and only to pages that there are; counts are told."""
    for _ in range(5):
        await plain.post(JOBS, START)
    ids: list[str] = []
    url: str | None = f"{JOBS}?per_page=2"
    pages: list[dict[str, Any]] = []
    while url is not None:
        page = await plain.get(url)
        ids.extend(job["uuid"] for job in page["jobs"])
        pages.append(page["links"].get("pages", {}))
        assert page["meta"] == {"page": len(pages), "pages": 3, "total": 5}
        url = pages[-1].get("next")
    assert len(set(ids)) == 5
    assert [sorted(links) for links in pages] == [
        ["last", "next"],
        ["first", "last", "next", "previous"],
        ["first", "previous"],
    ]
    past = await plain.get(f"{JOBS}?page=9&per_page=2")
    assert (past["jobs"], past["links"]["pages"]["previous"][-18:]) == ([], "?page=3&per_page=2")
    for wrong in ("page=0", "per_page=0", "per_page=201", "page=x"):
        assert (await plain.send("GET", f"{JOBS}?{wrong}")).status == 400


async def test_jobs_of_a_knowledge_base(sandbox: Sandbox, plain: Plain) -> None:
    """All on one page; a base that is not there has none, and is neither read nor listed."""
    await plain.post(JOBS, START)
    await plain.post(JOBS, {"knowledge_base_uuid": "another"})
    page = await plain.get(f"{BASES}/kb/indexing_jobs")
    assert ([job["knowledge_base_uuid"] for job in page["jobs"]], page["links"]) == (["kb"], {})
    assert (await plain.get(f"{BASES}/kb"))["database_status"] == "ONLINE"
    assert (await plain.get(BASES))["meta"]["total"] == 4
    sandbox.absent("gradient:knowledge_base", "kb")
    for path in (f"{BASES}/kb/indexing_jobs", f"{BASES}/kb"):
        assert (await plain.send("GET", path)).status == 404
    assert (await plain.send("POST", JOBS, json=START)).status == 404
    assert (await plain.get(BASES))["meta"]["total"] == 3


async def test_the_report_of_a_job(sandbox: Sandbox, plain: Plain) -> None:
    """There is a link once the job has ended, and none before."""
    job = await started(plain)
    assert (await plain.send("GET", f"{job}/details_signed_url")).status == 404
    sandbox.advance(60)
    assert "X-Amz-Signature=" in (await plain.get(f"{job}/details_signed_url"))["signed_url"]


async def test_cancelling(plain: Plain) -> None:
    """The body may repeat the id, not name another; what has ended is a conflict; before the start nothing was read."""
    job = await started(plain)
    assert (await plain.send("PUT", f"{job}/cancel", json={"uuid": "another"})).status == 400
    cancelled = (await plain.send("PUT", f"{job}/cancel", json={"uuid": job.rpartition("/")[2]})).json["job"]
    assert (cancelled["phase"], cancelled["data_source_jobs"]) == ("BATCH_JOB_PHASE_CANCELLED", [])
    assert not cancelled["is_report_available"]
    assert (await plain.send("PUT", f"{job}/cancel")).status == 409


async def test_rate_limit_headers(sandbox: Sandbox, plain: Plain) -> None:
    """Every success tells what is left in the hour that began with the first request; errors do not."""
    told: list[tuple[str, str]] = []
    for _ in range(2):
        headers = (await plain.send("GET", JOBS)).headers
        told.append((headers["ratelimit-remaining"], headers["ratelimit-reset"]))
        sandbox.advance(10)
    assert told == [("4999", "1767229200"), ("4998", "1767229200")]
    assert "ratelimit-limit" not in (await plain.send("GET", f"{JOBS}/nope")).headers
    sandbox.advance(3600)
    assert (await plain.send("GET", JOBS)).headers["ratelimit-remaining"] == "4999"
