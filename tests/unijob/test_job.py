"""The Job: what it derives, how it compares, what it prints."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unijob.job import Job, JobFailure, JobPart, JobState, Progress, to_plain
from unijob.jsontypes import is_list, is_object
from unijob.ref import JobRef

T0 = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
TERMINAL = {"succeeded", "partial", "failed", "cancelled", "timed_out"}
GOING = {"queued", "running", "cancelling", "unknown"}
counts = st.none() | st.integers(0, 2**64 - 1)


@attrs.frozen(kw_only=True)
class Result:
    """A made-up result."""

    files: tuple[str, ...]
    took: timedelta
    scores: dict[str, Any]


JOB: Job[object, Result] = Job(
    ref=JobRef("mka1", "eval_run", ("run/1",), "prod"),
    state=JobState.PARTIAL,
    raw_status="completed",
    created_at=T0,
    started_at=T0 + timedelta(seconds=1),
    finished_at=T0 + timedelta(seconds=2, microseconds=500),
    progress=Progress(total=3, completed=2, failed=1, unit="requests"),
    error=JobFailure(code="x", message="one failed", details={"at": [1, None]}),
    result=Result(files=("f1", "f2"), took=timedelta(milliseconds=1500), scores={"mmlu": 0.5}),
    parts=(JobPart(id="p", state=JobState.FAILED, raw_status="FAILED", finished_at=T0),),
    warnings=("status: odd",),
    revision="2026-10",
    source=object(),
)

GOLDEN = """{
  "ref": "mka1@prod:eval_run/run%2F1",
  "state": "partial",
  "raw_status": "completed",
  "created_at": "2024-01-15T10:30:00Z",
  "started_at": "2024-01-15T10:30:01Z",
  "finished_at": "2024-01-15T10:30:02.0005Z",
  "updated_at": null,
  "progress": {
    "total": 3,
    "completed": 2,
    "failed": 1,
    "cancelled": null,
    "skipped": null,
    "unit": "requests",
    "stage": null,
    "message": null
  },
  "error": {
    "code": "x",
    "message": "one failed",
    "details": {
      "at": [
        1,
        null
      ]
    }
  },
  "result": {
    "files": [
      "f1",
      "f2"
    ],
    "took": 1.5,
    "scores": {
      "mmlu": 0.5
    }
  },
  "parts": [
    {
      "id": "p",
      "state": "failed",
      "raw_status": "FAILED",
      "started_at": null,
      "finished_at": "2024-01-15T10:30:00Z",
      "progress": null,
      "error": null
    }
  ],
  "warnings": [
    "status: odd"
  ],
  "revision": "2026-10"
}"""


def bare(state: JobState = JobState.RUNNING, **changes: Any) -> Job[Any, Any]:
    """A job with little in it."""
    return Job(ref=JobRef("mka1", "eval_run", ("a",)), state=state, revision="2026-10", source=None, **changes)


def test_states_are_the_nine() -> None:
    """There are nine states, and their values are what users write and read."""
    assert {state.value for state in JobState} == TERMINAL | GOING
    assert [str(state) for state in JobState] == [state.value for state in JobState]


@pytest.mark.parametrize("state", JobState)
def test_terminal_states(state: JobState) -> None:
    """Succeeded, partial, failed, cancelled and timed out are ends; unknown is not."""
    assert state.is_terminal == bare(state).is_terminal == (state in TERMINAL)
    assert bare(state).succeeded == (state == "succeeded")


@pytest.mark.parametrize(
    ("started", "finished", "duration"),
    [
        (None, None, None),
        (T0, None, None),
        (None, T0, None),
        (T0, T0, timedelta()),
        (T0, T0 + timedelta(seconds=90), timedelta(seconds=90)),
        (T0 + timedelta(microseconds=1), T0, None),
    ],
)
def test_duration(started: datetime | None, finished: datetime | None, duration: timedelta | None) -> None:
    """The duration is from start to finish, never negative, None where it cannot be told."""
    assert bare(started_at=started, finished_at=finished).duration == duration


@given(counts, counts, counts, counts, counts)
def test_fraction(total: int | None, done: int | None, bad: int | None, off: int | None, left: int | None) -> None:
    """The fraction is what came to an end over the total, in 0..1, or None where it cannot be told."""
    progress = Progress(total=total, completed=done, failed=bad, cancelled=off, skipped=left)
    known = [n for n in (done, bad, off, left) if n is not None]
    if not total or not known:
        assert progress.fraction is None
    else:
        assert progress.fraction is not None
        assert 0 <= progress.fraction <= 1
        assert progress.fraction == pytest.approx(min(sum(known) / total, 1))


@pytest.mark.parametrize(
    ("progress", "fraction"),
    [
        (Progress(), None),
        (Progress(total=10), None),
        (Progress(completed=10), None),
        (Progress(total=0, completed=0), None),
        (Progress(total=100, completed=10, failed=0), 0.1),
        (Progress(total=8, completed=1, failed=1, cancelled=1, skipped=1), 0.5),
        (Progress(total=2, completed=3), 1.0),
        (Progress(total=-1, completed=1), None),
        (Progress(total=4, completed=-1), 0.0),
    ],
)
def test_fraction_examples(progress: Progress, fraction: float | None) -> None:
    """Failed, cancelled and skipped items count as worked through; more than all is all."""
    assert progress.fraction == fraction


def test_to_dict_is_stable() -> None:
    """The printed job is JSON, in this order and in these words, without the source."""
    assert json.dumps(JOB.to_dict(), indent=2) == GOLDEN


def test_to_dict_holds_every_field_but_source() -> None:
    """A field added to the Job is printed, unless it is the source."""
    assert [*JOB.to_dict(), "source"] == [field.name for field in attrs.fields(Job)]


def test_to_dict_is_not_the_job() -> None:
    """What is printed can be changed without changing the job."""
    JOB.to_dict()["result"]["files"].append("f3")
    assert JOB.result is not None
    assert JOB.result.files == ("f1", "f2")


def test_revision_and_source_take_no_part_in_equality() -> None:
    """The same job read with another revision is equal."""
    assert attrs.evolve(bare(), revision="2026-07", source="other") == bare()
    assert hash(attrs.evolve(bare(), revision="2026-07")) == hash(bare())


@pytest.mark.parametrize(
    "field", [field.name for field in attrs.fields(Job) if field.name not in {"revision", "source"}]
)
def test_every_other_field_takes_part_in_equality(field: str) -> None:
    """Jobs that differ in anything else are not equal."""
    another: dict[str, Any] = {field: "another"}
    assert attrs.evolve(JOB, **another) != JOB


def test_a_job_is_frozen() -> None:
    """A snapshot does not change."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        bare().state = JobState.FAILED  # type: ignore[misc]


def test_the_source_is_not_printed() -> None:
    """A payload may hold what does not belong into a log."""
    assert "secret" not in repr(attrs.evolve(bare(), source="secret"))


def test_jobs_pickle() -> None:
    """A job crosses a process with its source."""
    job = attrs.evolve(JOB, source={"id": "a"})
    again = pickle.loads(pickle.dumps(job))
    assert again == job
    assert again.source == {"id": "a"}
    assert again.revision == "2026-10"


def test_plain_values() -> None:
    """Domain values turn into JSON deeply, keys into strings."""
    value = {1: (JobState.FAILED, T0), "d": {"ref": JobRef("mka1", "eval_run")}, "t": timedelta(seconds=2)}
    assert to_plain(value) == {"1": ["failed", "2024-01-15T10:30:00Z"], "d": {"ref": "mka1:eval_run"}, "t": 2.0}


@attrs.frozen
class Holder:
    """Holds a value."""

    a: Any


WRAPS: list[Callable[[Any], Any]] = [
    lambda inner: {"a": inner},
    lambda inner: [inner],
    lambda inner: (inner,),
    Holder,
]


@pytest.mark.parametrize("wrap", WRAPS)
def test_what_lies_a_hundred_deep_is_printed_and_no_deeper(wrap: Callable[[Any], Any]) -> None:
    """Objects and arrays are printed to a depth of a hundred; what lies below is null."""

    def nested(depth: int) -> Any:
        value: Any = 1
        for _ in range(depth):
            value = wrap(value)
        return value

    def bottom(value: Any) -> Any:
        if is_object(value) and value:
            return bottom(value["a"])
        return bottom(value[0]) if is_list(value) else value

    assert bottom(to_plain(nested(100))) == 1
    assert bottom(to_plain(nested(101))) is None
    assert bottom(to_plain(nested(102))) is None
