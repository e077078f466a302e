"""MKA1's feedback export: a singleton told apart by its start time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from tests.unijob.providers.payloads import NEWEST, is_read_as, load, result_of
from unijob import parsing, registry
from unijob.errors import ContractViolation, InvalidArgument, JobNotFound, JobSuperseded
from unijob.job import Job, JobFailure, JobState, Progress
from unijob.kinds import Answer, Started
from unijob.parsing import parse
from unijob.providers.mka1 import feedback_export
from unijob.providers.mka1.feedback_export_result import FeedbackExportResult
from unijob.reading import Reading
from unijob.ref import JobRef

KIND = "mka1:feedback_export"
LATEST = JobRef("mka1", "feedback_export")
T0 = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
STARTED = "2024-01-15T10:30:00Z"
LATER = "2024-01-15T10:45:00Z"
REF = JobRef("mka1", "feedback_export", (STARTED,))
FOLDER = "s3://exports/feedback/2024-01-15"
STATES = {
    "UNKNOWN": "unknown",
    "RUNNING": "running",
    "COMPLETED": "succeeded",
    "FAILED": "failed",
    "CANCELLED": "cancelled",
    "TERMINATED": "cancelled",
    "TIMED_OUT": "timed_out",
    "CONTINUED_AS_NEW": "running",
    "BRAND_NEW": "unknown",
}
SEED = Job[Any, Any](
    ref=REF,
    state=JobState.SUCCEEDED,
    raw_status="COMPLETED",
    started_at=T0,
    finished_at=T0 + timedelta(seconds=90),
    progress=Progress(
        total=120, completed=120, unit="records", stage="completed", message="Export completed successfully"
    ),
    result=FeedbackExportResult(
        output_path=FOLDER,
        completions_file=f"{FOLDER}/completions.parquet",
        responses_file=f"{FOLDER}/responses.parquet",
        record_count=120,
        completion_feedback_count=70,
        response_feedback_count=50,
        exported_at=T0 + timedelta(seconds=90),
        duration=timedelta(seconds=90),
    ),
    revision="",
    source=None,
)
RUNNING = Job[Any, Any](
    ref=REF,
    state=JobState.RUNNING,
    raw_status="RUNNING",
    started_at=T0,
    progress=Progress(completed=80, unit="records", stage="fetching", message="Fetching feedback records"),
    revision="",
    source=None,
)


def read(payload: Mapping[str, Any], kind: str | JobRef = KIND, **how: Any) -> Job[Any, Any]:
    """Parse an export's status."""
    found = parse(kind, payload, **how)
    assert isinstance(found, Job)
    return found


def poll(ref: JobRef, previous: Job[Any, Any] | None, status: str, started: str | None = STARTED) -> Job[Any, Any]:
    """Read an export's status as the next poll of a wait."""
    payload = {"status": status} | ({"start_time": started} if started is not None else {})
    answer = parsing.interpret("mka1", "getExportStatus", 200, payload)
    return parsing.read(registry.job_kind(KIND), answer, ref=ref, previous=previous)


# --- Payloads ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "revision"), [("seeds/feedback_export", "2026-07"), ("2026-10/feedback_export", "2026-10")]
)
def test_completed_payloads(name: str, revision: str) -> None:
    """The documented export is the same job in both revisions, milliseconds and date-times alike."""
    found = read(load(name))
    assert found == SEED
    assert is_read_as(found, revision)
    assert found.duration == timedelta(seconds=90)
    assert read(load(name), REF, strict=True) == SEED


@pytest.mark.parametrize("revision", ["2026-07", "2026-10"])
def test_running_payloads(revision: str) -> None:
    """A running export, of which only `status` is required, is read by its own revision, with time and counters."""
    found = read(load(f"{revision}/feedback_export_running"))
    assert found == RUNNING
    assert is_read_as(found, revision)


def test_the_wrong_revision_named_reads_what_it_can() -> None:
    """Who names the wrong revision gets the status, without what that revision calls otherwise."""
    found = read(load("2026-07/feedback_export_running"), revision="2026-10")
    assert (found.state, found.started_at, found.revision) == (JobState.RUNNING, None, "2026-10")


def test_a_bare_status_is_read_by_the_newest_revision() -> None:
    """Where nothing tells revisions apart, it is the newest."""
    assert read({"status": "RUNNING"}).revision == NEWEST


def test_more_done_than_there_is_is_warned_of() -> None:
    """The result of an export that goes on as another may tell of fewer records than the progress of this one."""
    payload = load("2026-10/feedback_export")
    found = read(payload | {"progress": {"stage": "starting", "message": "", "record_count": 1_000}})
    assert found.warnings == (f"progress.record_count: 1000 items done of {payload['result']['record_count']}",)


# --- States ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ["2026-07", "2026-10", None])
@pytest.mark.parametrize(("status", "state"), STATES.items())
def test_table(revision: str | None, status: str, state: str) -> None:
    """Each status has its state; an unlisted one is unknown, with its text and a warning."""
    found = read({"status": status}, revision=revision)
    assert (found.state, found.raw_status) == (state, status)
    assert [status in warning for warning in found.warnings] == ([True] if status == "BRAND_NEW" else [])


@pytest.mark.parametrize("revision", ["2026-07", "2026-10"])
@pytest.mark.parametrize("ref", [KIND, str(REF)])
def test_not_found_is_no_job(revision: str, ref: str) -> None:
    """NOT_FOUND is no state: there is no such job."""
    with pytest.raises(JobNotFound) as caught:
        read({"status": "NOT_FOUND"}, ref, revision=revision)
    assert not isinstance(caught.value, JobSuperseded)
    assert caught.value.ref == (None if ref == KIND else REF)


@pytest.mark.parametrize("status", STATES)
def test_only_an_ended_export_has_an_end_and_a_result(status: str) -> None:
    """The close time of a run that goes on in the next one is not the export's end."""
    found = read(load("2026-10/feedback_export") | {"status": status})
    assert (found.finished_at is not None) == found.is_terminal
    assert (found.result is not None) == found.is_terminal


def test_the_error_is_the_message() -> None:
    """A failed export says why."""
    assert read({"status": "FAILED", "error": "no space"}).error == JobFailure(message="no space")


@pytest.mark.parametrize("broken", [None, 5, {}, []])
def test_the_status_is_vital(broken: Any) -> None:
    """Without a readable status there is no job."""
    with pytest.raises(ContractViolation):
        read({"status": broken})
    with pytest.raises(ContractViolation):
        read({"start_time": STARTED})


# --- Identity ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("started", ["2024-01-15T10:30:00.000Z", "2024-01-15T12:30:00+02:00", "2024-01-15t10:30:00z"])
def test_instants_are_compared_not_strings(started: str) -> None:
    """The same instant written otherwise is the same export, and the requested reference is kept."""
    assert read({"status": "RUNNING", "start_time": started}, REF).ref == REF
    pinned = JobRef("mka1", "feedback_export", (started,))
    assert read({"status": "RUNNING", "start_time": STARTED}, pinned).ref == pinned
    assert read({"status": "RUNNING", "start_time": started}).ref == REF


def test_the_latest_export_is_pinned_once_it_has_a_start() -> None:
    """A reference to the latest export becomes one to the export that was found."""
    assert read({"status": "RUNNING"}, LATEST).ref == LATEST
    assert read({"status": "RUNNING", "start_time": STARTED}, LATEST).ref == REF
    assert (
        read({"status": "RUNNING", "start_time": STARTED}, "mka1@prod:feedback_export/" + STARTED).ref.account == "prod"
    )


@pytest.mark.parametrize("status", ["COMPLETED", "RUNNING", "CONTINUED_AS_NEW", "FAILED"])
def test_a_later_export_supersedes(status: str) -> None:
    """A pinned export is gone once the upstream tells of a later one: never somebody else's success."""
    with pytest.raises(JobSuperseded) as caught:
        read({"status": status, "start_time": LATER}, REF)
    assert isinstance(caught.value, JobNotFound)
    assert caught.value.ref == REF
    assert LATER in str(caught.value)


def test_an_earlier_export_is_not_the_one() -> None:
    """An export that started before the pinned one is not it, and not superseding either."""
    with pytest.raises(JobNotFound) as caught:
        read({"status": "COMPLETED", "start_time": "2024-01-15T10:00:00Z"}, REF)
    assert not isinstance(caught.value, JobSuperseded)


def test_a_missing_start_time_is_warned_of() -> None:
    """Without a start time it cannot be told whether it is the pinned export."""
    found = read({"status": "RUNNING"}, REF)
    assert found.ref == REF
    assert any("start_time" in warning for warning in found.warnings)


@pytest.mark.parametrize("pin", ["yesterday", "1705314600", "0001-01-01T00:00:00Z"])
def test_a_pin_that_is_no_time(pin: str) -> None:
    """A reference pinned to no time says what it may be."""
    with pytest.raises(InvalidArgument, match="2024-01-15T10:30:00Z"):
        read({"status": "RUNNING", "start_time": STARTED}, JobRef("mka1", "feedback_export", (pin,)))


def test_continued_as_new_pins_anew() -> None:
    """After CONTINUED_AS_NEW the next start time is the same export's."""
    first = poll(REF, None, "RUNNING")
    closed = poll(REF, first, "CONTINUED_AS_NEW")
    again = poll(REF, closed, "RUNNING", LATER)
    assert (again.state, str(again.ref)) == (JobState.RUNNING, f"mka1:feedback_export/{LATER}")


@pytest.mark.parametrize("follows", [True, False])
def test_a_new_pin_holds_for_the_polls_after_it(follows: bool) -> None:  # noqa: FBT001
    """The poll after the new pin reads the same export, whether it asks by the new reference or still by the old."""
    again = poll(REF, poll(REF, None, "CONTINUED_AS_NEW"), "RUNNING", LATER)
    ended = poll(again.ref if follows else REF, again, "COMPLETED", LATER)
    assert ended.state is JobState.SUCCEEDED
    assert ended.ref == again.ref
    with pytest.raises(JobSuperseded):
        poll(again.ref if follows else REF, ended, "RUNNING", "2024-01-15T11:00:00Z")


def test_without_continued_as_new_nothing_is_pinned_anew() -> None:
    """A later start after any other status is another export's."""
    with pytest.raises(JobSuperseded):
        poll(REF, poll(REF, None, "RUNNING"), "RUNNING", LATER)


# --- Progress and result -----------------------------------------------------------------------------------------


def test_counts_beyond_a_datetime_or_a_duration() -> None:
    """Numbers that the spec allows and Python's types cannot hold are None with warnings."""
    payload = load("seeds/feedback_export")
    payload["result"] |= {"exportedAt": 9007199254740991, "durationMs": -9007199254740991, "recordCount": -1}
    found = read(payload)
    assert (result_of(found).exported_at, result_of(found).duration, result_of(found).record_count) == (
        None,
        None,
        None,
    )
    assert len(found.warnings) == 3


@pytest.mark.parametrize("name", ["seeds/feedback_export", "2026-10/feedback_export"])
@pytest.mark.parametrize("part", ["progress", "result"])
@pytest.mark.parametrize("value", [None, 5, [], {}, {"stage": 1, "record_count": "x"}])
def test_garbage_in_a_part_does_not_stop_a_wait(name: str, part: str, value: Any) -> None:
    """Progress and result may be garbage: the job has ended all the same, with warnings."""
    found = read(load(name) | {part: value})
    assert found.state is JobState.SUCCEEDED
    assert any(part in warning for warning in found.warnings)


def test_progress_from_the_result() -> None:
    """An export without progress has the records of its result."""
    payload = load("2026-10/feedback_export")
    del payload["progress"]
    assert read(payload).progress == Progress(total=120, completed=120, unit="records")
    assert read({"status": "COMPLETED"}).progress is None


# --- Starting ----------------------------------------------------------------------------------------------------


@attrs.define
class Upstream:
    """An upstream that tells of one export before the start and of another after it."""

    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    answer: Mapping[str, Any]
    sent: list[str] = attrs.field(factory=list[str])

    async def find(self, ref: JobRef) -> Job[Any, Any] | None:
        """Read the latest export."""
        payload = self.after if self.sent else self.before
        return None if payload is None else read(payload, ref)

    async def start(self, operation: str, arguments: Mapping[str, Any]) -> Answer:  # noqa: ARG002
        """Start one."""
        self.sent.append(operation)
        return parsing.interpret("mka1", operation, 202, self.answer)

    def reading(self, answer: Answer) -> Reading:
        """A reading of the start's answer."""
        assert isinstance(answer, parsing.CheckedAnswer)
        return parsing.reading(registry.job_kind(KIND), answer)


async def start(before: Any, after: Any, answer: Any) -> Started:
    """Start an export at such an upstream."""
    upstream = Upstream(before, after, answer)
    started = await feedback_export.start(upstream, {})
    assert upstream.sent == ["startExportFeedback"]
    return started


NEW = {"started": True, "status": "RUNNING"}
OLD = {"started": False, "status": "RUNNING"}
ENDED_BEFORE = {"status": "COMPLETED", "start_time": STARTED}
NOW_RUNNING = {"status": "RUNNING", "start_time": LATER}


@pytest.mark.parametrize("before", [None, ENDED_BEFORE, {"status": "UNKNOWN"}])
async def test_start_pins_a_start_time_that_was_not_there_before(before: Any) -> None:
    """The export started is the one whose start time appeared."""
    started = await start(before, NOW_RUNNING, NEW)
    assert str(started.job.ref) == f"mka1:feedback_export/{LATER}"
    assert started.job.warnings == ()


@pytest.mark.parametrize("after", [None, {"status": "RUNNING"}, ENDED_BEFORE])
async def test_start_stays_unpinned_until_then(after: Any) -> None:
    """Until a new start time appears, the reference names the latest export, with a warning, and the old is known."""
    before = ENDED_BEFORE if after == ENDED_BEFORE else None
    started = await start(before, after, NEW)
    assert started.job.ref == LATEST
    assert started.job.state is JobState.RUNNING
    assert any("start_time" in warning for warning in started.job.warnings)
    assert started.before == (None if before is None else read(before, LATEST))


@pytest.mark.parametrize("after", [None, {"status": "RUNNING"}, NOW_RUNNING])
async def test_an_export_already_under_way(after: Any) -> None:
    """`started: false` gives the one already running, and says so."""
    started = await start(after, after, OLD)
    assert started.job.state is JobState.RUNNING
    assert started.job.warnings[-1] == "already running"
    assert started.before is None
