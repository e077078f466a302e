"""MKA1's eval schedules in both revisions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from tests.unijob.providers.payloads import load
from unijob.errors import ContractViolation
from unijob.parsing import parse
from unijob.ref import JobRef
from unijob.schedule import Cron, Interval, Schedule, Trigger

KIND = "mka1:eval_schedule"
REF = JobRef("mka1", "eval_schedule", ("eval_sched_aa87e2b1112a455b8deabed784372198",))
FILES = {"2026-07": "seeds/eval_schedule", "2026-10": "2026-10/eval_schedule"}
SEED = Schedule[Any](
    ref=REF,
    name="Nightly MMLU regression",
    active=True,
    trigger=Cron("0 3 * * *", "US/Pacific"),
    overlap_policy="skip",
    next_run_at=datetime(2025, 7, 1, tzinfo=UTC),
    created_at=datetime(2025, 6, 30, tzinfo=UTC),
    updated_at=datetime(2025, 6, 30, tzinfo=UTC),
    revision="",
    source=None,
)


def read(kind: str | JobRef = KIND, **fields: Any) -> Schedule[Any]:
    """Parse the documented schedule with other fields."""
    found = parse(kind, load("seeds/eval_schedule") | fields)
    assert isinstance(found, Schedule)
    return found


@pytest.mark.parametrize("revision", FILES)
def test_payloads(revision: str) -> None:
    """The documented schedule is the same in both revisions."""
    found = parse(KIND, load(FILES[revision]), revision=revision, strict=True)
    assert found == SEED
    assert found.revision == revision


@pytest.mark.parametrize(
    ("cron", "seconds", "trigger", "warned"),
    [
        ("* * * * *", None, Cron("* * * * *", "US/Pacific"), False),
        (None, 3600, Interval(3600), False),
        (None, None, None, False),
        ("* * * * *", 3600, Cron("* * * * *", "US/Pacific"), True),
        (None, -5, None, True),
    ],
)
def test_triggers(cron: str | None, seconds: int | None, trigger: Trigger | None, warned: bool) -> None:  # noqa: FBT001
    """A schedule fires by a cron expression or an interval; both at once are warned of."""
    found = read(cron=cron, interval_seconds=seconds)
    assert found.trigger == trigger
    assert bool(found.warnings) == warned


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", "queued"),
        ("in_progress", "running"),
        ("finalizing", "running"),
        ("completed", "succeeded"),
        ("failed", "failed"),
        ("cancelling", "cancelling"),
        ("cancelled", "cancelled"),
        ("skipped", "unknown"),
        (None, None),
    ],
)
def test_last_run(status: str | None, state: str | None) -> None:
    """The last run's status is a free string, read with the table of the eval runs."""
    found = read(last_run_id="r/1", last_run_at=1751328000, last_run_status=status)
    assert found.last_run == JobRef("mka1", "eval_run", ("r/1",))
    assert found.last_run_at == datetime(2025, 7, 1, tzinfo=UTC)
    assert found.last_run_state == state
    assert bool(found.warnings) == (status == "skipped")


def test_the_last_run_belongs_to_the_account_of_the_schedule() -> None:
    """The reference of the last run names the account that the schedule was read from."""
    found = read(attrs.evolve(REF, account="prod"), last_run_id="r")
    assert str(found.last_run) == "mka1@prod:eval_run/r"


def test_a_last_run_that_no_reference_holds() -> None:
    """An id that cannot be held is left out, with a warning."""
    found = read(last_run_id="..")
    assert found.last_run is None
    assert found.warnings == ("last_run_id: not an id that a reference can hold",)


@pytest.mark.parametrize("field", ["id", "object"])
@pytest.mark.parametrize("value", [None, 5, "other"])
def test_identity_is_vital(field: str, value: Any) -> None:
    """An answer with another or no readable id or object is a violation."""
    with pytest.raises(ContractViolation):
        read(REF, **{field: value})


@pytest.mark.parametrize("field", [name for name in load("seeds/eval_schedule") if name not in {"id", "object"}])
@pytest.mark.parametrize("value", ["absent", None, 1.5, "x", [], {}])
def test_anything_else_may_be_missing_or_garbage(field: str, value: Any) -> None:
    """Any other field may be absent or garbage, and the schedule is read all the same."""
    payload = load("seeds/eval_schedule") | {field: value}
    if value == "absent":
        del payload[field]
    found = parse(KIND, payload)
    assert isinstance(found, Schedule)
    assert found.ref == REF
