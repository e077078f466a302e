"""What the refresh does, whatever happens upstream. Hours pass there, and none here."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from handbook import PATIENCE, percentages, refresh
from unijob.sync import JobClient
from unijob.testing import RunningSandbox

FILES = ["file_1", "file_2", "file_3"]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """Where references are noted."""
    return tmp_path / "notebook"


def starts(sandbox: RunningSandbox) -> int:
    """How many jobs were asked for."""
    return sum(received.method == "POST" for received in sandbox.requests)


def test_all_is_well(unijob_sandbox: RunningSandbox, notebook: Path) -> None:
    """Both jobs are whole, and nothing is left to remember."""
    report = refresh(notebook, FILES)
    assert [ref.partition("/")[0] for ref in report.whole] == ["mka1:file_batch", "gradient:indexing_job"]
    assert not report.in_part
    assert not report.lost
    assert not notebook.exists()
    assert starts(unijob_sandbox) == 2


def test_indexing_ends_partially(unijob_sandbox: RunningSandbox, notebook: Path) -> None:
    """The report names the data sources that were left behind."""
    unijob_sandbox.script("gradient:indexing_job", outcome="partial", items=4, failed_items=2, duration=3600)
    report = refresh(notebook, FILES)
    ((ref, sources),) = report.in_part.items()
    assert ref.startswith("gradient:indexing_job/")
    assert len(sources) == 2


def test_every_file_fails(unijob_sandbox: RunningSandbox, notebook: Path) -> None:
    """One lost job does not keep the other from being told."""
    unijob_sandbox.script("mka1:file_batch", outcome="failed", duration=600)
    report = refresh(notebook, FILES)
    assert len(report.lost) == 1
    assert len(report.whole) == 1


def test_a_run_that_was_cut_short_goes_on(unijob_sandbox: RunningSandbox, notebook: Path) -> None:
    """What takes longer than anyone waits is found again, and not started twice."""
    unijob_sandbox.script("gradient:indexing_job", duration=2 * PATIENCE)
    first = refresh(notebook, FILES)
    assert len(first.under_way) == 1
    unijob_sandbox.advance(2 * PATIENCE)
    second = refresh(notebook, FILES)
    assert len(second.whole) == 2
    assert starts(unijob_sandbox) == 2


@pytest.mark.parametrize("effect", ["rate_limit", "error", "drop"])
def test_an_upstream_in_trouble(unijob_sandbox: RunningSandbox, notebook: Path, effect: str) -> None:
    """A poll that fails is not a job that failed."""
    unijob_sandbox.fault(effect, operation="genai_get_indexing_job", times=2)
    assert len(refresh(notebook, FILES).whole) == 2


@pytest.mark.unijob_sandbox(revisions={"mka1": "2026-07"})
def test_the_contract_of_july(unijob_sandbox: RunningSandbox, notebook: Path) -> None:
    """Where the upstream still speaks its contract of July, all is the same."""
    assert len(refresh(notebook, FILES).whole) == 2
    assert starts(unijob_sandbox) == 2


def test_percentages(unijob_sandbox: RunningSandbox) -> None:
    """They only grow, and end at a hundred; without a plugin for async tests."""
    unijob_sandbox.script("mka1:file_batch", items=20, duration=60)
    with JobClient() as client:
        batch = client.start("mka1:file_batch", vector_store_id="vs_handbook", file_ids=FILES)

    async def seen() -> list[int]:
        return [percentage async for percentage in percentages(str(batch.ref))]

    found = asyncio.run(seen())
    assert found == sorted(found)
    assert found[-1] == 100
