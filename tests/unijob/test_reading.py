"""The readers of wire values: tolerant, and they say what they tolerated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unijob import registry
from unijob.errors import ContractViolation, JobNotFound
from unijob.job import JobState, Progress
from unijob.kinds import StatusTable
from unijob.reading import Reading
from unijob.ref import JobRef
from unijob.testing.strategies import json_values
from unijob_models.runtime import UNSET

BATCH = JobRef("mka1", "file_batch", ("vs", "b"))
TABLE = StatusTable(enum="E", states={"on": JobState.RUNNING, "quiet": None}, absent=frozenset({"GONE"}))


def reading(requested: JobRef | None = None, account: str | None = None) -> Reading:
    """A reading of a file batch."""
    kind = registry.kind("mka1:file_batch")
    return Reading(kind=kind, revision="2026-10", source=None, requested=requested, account=account)


@pytest.mark.parametrize("value", [None, UNSET])
def test_what_is_missing_is_none_without_a_word(value: object) -> None:
    """Null and absent are None, and no reason to warn."""
    read = reading()
    found = [
        read.rfc3339(value, "f"),
        read.unix_seconds(value, "f"),
        read.unix_milliseconds(value, "f"),
        read.count(value, "f"),
        read.number(value),
        read.text(value),
        read.flag(value),
        read.milliseconds(value, "f"),
        read.status(TABLE, value, "f"),
        read.other_ref("mka1:eval_run", value, "f"),
    ]
    assert found == [None] * len(found)
    assert read.texts(value) == ()
    assert read.noted() == ()


def test_times_are_read_by_their_format() -> None:
    """Each reader takes its own format."""
    read = reading()
    instant = datetime(2024, 1, 1, tzinfo=UTC)
    assert read.rfc3339("2024-01-01T00:00:00Z", "f") == instant
    assert read.unix_seconds(1704067200, "f") == instant
    assert read.unix_milliseconds(1704067200000, "f") == instant
    assert read.noted() == ()
    assert read.rfc3339(1704067200, "a") is None
    assert read.unix_seconds("2024-01-01T00:00:00Z", "b") is None
    assert read.noted() == ("a: not an RFC 3339 date-time", "b: not a whole number of Unix seconds")


@given(st.integers(0, 2**64 - 1), st.integers(0, 25))
@example(2**64 - 1, 0)
@example(2**53, 0)
def test_counts(number: int, zeros: int) -> None:
    """A count is an integer, or the same in a string, up to 64 bits, without loss."""
    read = reading()
    assert read.count(number, "f") == number
    assert read.count("0" * zeros + str(number), "f") == number
    if number < 2**53:
        assert read.count(float(number), "f") == number
    assert read.noted() == ()


@pytest.mark.parametrize(
    "value",
    [-1, 2**64, 2**70, -(2**70), 1.5, 1e30, float("nan"), float("inf"), True, False, "-1", "+1", "1.0", "1e3", "", " 1",
     "1\n", "0x1", "\u0661", "1_000", str(2**64), "9" * 5000, [], {}, b"1"],
)  # fmt: skip
def test_what_is_no_count(value: object) -> None:
    """A negative, fractional, too large or other value is None with one warning."""
    read = reading()
    assert read.count(value, "f") is None
    assert read.noted() == ("f: not a count",)


def test_durations() -> None:
    """Milliseconds become a timedelta; what it cannot hold is None with a warning."""
    read = reading()
    assert read.milliseconds(90000, "f") == timedelta(seconds=90)
    assert read.noted() == ()
    assert read.milliseconds(2**63, "f") is None
    assert read.noted() == ("f: a duration that a timedelta cannot hold",)


class Colour(StrEnum):
    """An enum as generated ones are."""

    RED = "red"


@pytest.mark.parametrize(
    ("value", "number", "text", "flag"),
    [
        (1, 1, None, None),
        (0.5, 0.5, None, None),
        (float("nan"), None, None, None),
        (float("-inf"), None, None, None),
        (10**400, 10**400, None, None),
        (True, None, None, True),
        (False, None, None, False),
        ("", None, None, None),
        ("x", None, "x", None),
        (Colour.RED, None, "red", None),
        ([], None, None, None),
    ],
)
def test_leaves(value: object, number: object, text: object, flag: object) -> None:
    """Numbers, texts and flags are taken as they are, or are None."""
    read = reading()
    assert (read.number(value), read.text(value), read.flag(value)) == (number, text, flag)


def test_an_enum_member_becomes_its_text() -> None:
    """What a Job holds is plain text, whichever model it came from."""
    assert type(reading().text(Colour.RED)) is str


def test_progress_of_counts() -> None:
    """Counts under their names, each read as one; more done than all is warned of."""
    read = reading()
    found = read.progress("counts", "files", total=2, completed="2", failed=1, cancelled=None, stage="x")
    assert found == Progress(total=2, completed=2, failed=1, unit="files", stage="x")
    assert read.progress("counts", "files", total=-1, completed=UNSET, failed=None).done is None
    assert read.noted() == ("counts: 3 items done of 2", "counts.total: not a count")


def test_stages() -> None:
    """Only a status that the table calls a stage."""
    table = StatusTable(enum="E", states={"a": JobState.RUNNING, "b": JobState.RUNNING}, stages=frozenset({"b"}))
    assert [reading().stage(table, raw) for raw in ("a", "b", "c", None, 5, ["b"])] == [
        None,
        "b",
        None,
        None,
        None,
        None,
    ]


def test_texts() -> None:
    """The strings of an array, without what is none."""
    assert reading().texts(["a", 1, None, "b"]) == reading().texts(("a", "b")) == ("a", "b")
    assert reading().texts("ab") == ()


def test_statuses() -> None:
    """A listed status has its state or says nothing; an unlisted one is unknown, with a warning that shows it."""
    read = reading()
    assert read.status(TABLE, "on", "status") is JobState.RUNNING
    assert read.status(TABLE, "quiet", "status") is None
    assert read.noted() == ()
    assert read.status(TABLE, "off", "status") is JobState.UNKNOWN
    assert read.noted() == ("status: 'off' is not a listed value",)
    assert read.status(TABLE, 5, "status") is None


@pytest.mark.parametrize("requested", [None, BATCH])
def test_a_status_that_means_there_is_no_job(requested: JobRef | None) -> None:
    """The error names what was asked for."""
    with pytest.raises(JobNotFound, match=str(requested) if requested else "mka1:file_batch") as caught:
        reading(requested).status(TABLE, "GONE", "status")
    assert caught.value.ref == requested


@pytest.mark.parametrize("ids", [("vs", "b"), (UNSET, "b"), (None, None)])
def test_the_requested_reference_is_kept(ids: Any) -> None:
    """What was asked for is the reference, unless the answer contradicts it."""
    assert reading(BATCH).ref(ids) is BATCH


@pytest.mark.parametrize(
    ("ids", "name"), [(("vs", "c"), "batch_id"), (("x", UNSET), "vector_store_id"), (("", "b"), "v")]
)
def test_another_id_is_a_violation(ids: Any, name: str) -> None:
    """An answer about another job is none about this."""
    with pytest.raises(ContractViolation, match=f"another {name}") as caught:
        reading(BATCH).ref(ids)
    assert caught.value.revision == "2026-10"


def test_a_reference_from_the_payload() -> None:
    """Where only a kind was asked for, the answer tells, with the account that it came from."""
    assert reading(account="prod").ref(("a", "b/c")) == JobRef("mka1", "file_batch", ("a", "b/c"), "prod")


@pytest.mark.parametrize("ids", [("a", UNSET), ("", "b"), ("a", None), ("a", ".."), ("a", 5), ("a", "\ud800")])
def test_a_payload_without_identity(ids: Any) -> None:
    """An answer without all its ids names no job."""
    with pytest.raises(ContractViolation, match="no identity that names a mka1:file_batch: vector_store_id, batch_id"):
        reading().ref(ids)


def test_a_reference_to_another_job() -> None:
    """An id of another kind becomes a reference in the same account, or a warning."""
    read = reading(account="prod")
    assert read.other_ref("mka1:eval_run", "r", "f") == JobRef("mka1", "eval_run", ("r",), "prod")
    assert read.other_ref("mka1:eval_run", "", "f") is None
    assert read.noted() == ("f: not an id that a reference can hold",)


def test_each_warning_once_in_order() -> None:
    """What is warned of twice is noted once."""
    read = reading()
    for field in ("b", "a", "b"):
        read.warn(field)("odd")
    assert read.noted() == ("b: odd", "a: odd")


@given(json_values)
def test_leaves_never_raise(value: Any) -> None:
    """Whatever stands in a field, reading it gives a value or None."""
    read = reading()
    for leaf in (read.rfc3339, read.unix_seconds, read.unix_milliseconds, read.count, read.milliseconds):
        leaf(value, "f")
    for plain in (read.number, read.text, read.flag, read.texts):
        plain(value)
    assert isinstance(read.noted(), tuple)
