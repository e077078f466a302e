"""MKA1's runs of agents in both revisions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unijob.providers.payloads import load
from unijob.errors import ContractViolation
from unijob.job import Job, JobFailure, JobState
from unijob.parsing import parse
from unijob.providers.mka1.agent_run import AgentRunResult
from unijob.ref import JobRef

DIGITS = "aa87e2b1112a455b8deabed784372198"
REF = JobRef("mka1", "agent_run", (f"agent_{DIGITS}", f"run_{DIGITS}"))
SEED = Job[Any, Any](
    ref=REF,
    state=JobState.SUCCEEDED,
    raw_status="completed",
    created_at=datetime(2024, 1, 15, 10, 30, tzinfo=UTC),
    finished_at=datetime(2024, 1, 15, 10, 30, 5, tzinfo=UTC),
    result=AgentRunResult(response_id=f"resp_{DIGITS}", response={"output_text": "It is good."}),
    revision="",
    source=None,
)
WHY = {"code": "x", "message": "y", "at": [1]}
each_revision = pytest.mark.parametrize("revision", ["2026-07", "2026-10"])


def run(revision: str = "2026-10", **fields: Any) -> dict[str, Any]:
    """The documented run of a revision, with other fields."""
    found: dict[str, Any] = load(f"{revision}/agent_run")
    return found | fields


def read(payload: dict[str, Any], revision: str | None = None) -> Job[Any, Any]:
    """Parse a run."""
    found = parse("mka1:agent_run", payload, revision=revision)
    assert isinstance(found, Job)
    return found


@each_revision
def test_payloads(revision: str) -> None:
    """The documented run is the same job in both revisions."""
    assert read(run(revision)) == SEED
    assert parse(REF, run(revision), revision=revision, strict=True) == SEED


@each_revision
@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", "queued"),
        ("submitting", "running"),
        ("completed", "succeeded"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
        ("incomplete", "partial"),
        ("brand_new", "unknown"),
    ],
)
def test_table(revision: str, status: str, state: str) -> None:
    """Each status has its state; an unlisted one is unknown. Only a run that has ended has an end and a result."""
    found = read(run(revision, status=status))
    assert (found.state, found.raw_status) == (state, status)
    assert (found.result is not None) == (found.finished_at is not None) == found.is_terminal
    assert any(status in warning for warning in found.warnings) == (state == "unknown")


def test_words_that_came_later_are_read_by_the_revision_that_has_them() -> None:
    """`cancelled` is no member of July's enum; read by that, it is the same job, with a warning."""
    assert read(run("2026-07", status="cancelled")).revision == "2026-10"
    old = read(run("2026-07", status="cancelled"), "2026-07")
    assert old.state is JobState.CANCELLED
    assert old.source.status == "cancelled"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, None),
        ("it broke", JobFailure(message="it broke")),
        ("", None),
        (WHY, JobFailure(code="x", message="y", details=WHY)),
        ({"code": 5}, JobFailure(details={"code": 5})),
        ([{"code": "x"}], JobFailure(code="x", details=[{"code": "x"}])),
        (7, JobFailure(details=7)),
        (False, JobFailure(details=False)),
    ],
)
def test_an_error_may_be_any_json(error: Any, expected: JobFailure | None) -> None:
    """A text, an object with code and message, or anything else, which is kept."""
    assert read(run(status="failed", error=error)).error == expected


@pytest.mark.parametrize("field", ["id", "agent_id", "object", "status"])
def test_identity_and_status_are_vital(field: str) -> None:
    """Without a readable id, agent, object or status there is no job."""
    with pytest.raises(ContractViolation):
        read(run() | {field: None})


@pytest.mark.parametrize(("field", "hint"), [("id", "another run_id"), ("agent_id", "another agent_id")])
def test_another_run_is_a_violation(field: str, hint: str) -> None:
    """Both ids of the answer are those that were asked for."""
    with pytest.raises(ContractViolation, match=hint):
        parse(REF, run() | {field: "other"})


def test_what_is_missing_does_not_stop_a_wait() -> None:
    """A status is enough."""
    found = read({"id": "r", "agent_id": "a", "object": "agent.run", "status": "completed"})
    assert (found.state, found.result, found.error) == (JobState.SUCCEEDED, AgentRunResult(), None)
