"""Instants: what the wire has, against an independent calculation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unijob.timestamps import format_utc, from_rfc3339, from_unix_milliseconds, from_unix_seconds

SAFE = 9007199254740991
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
EPOCH_DAY = 719163  # date(1970, 1, 1).toordinal()

offsets = st.none() | st.sampled_from(["Z", "z"]) | st.integers(-1439, 1439)
digits = st.text("0123456789", max_size=15)
garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)


class Warnings(list[str]):
    """Collects warnings."""

    def __call__(self, message: str) -> None:
        """Record one."""
        self.append(message)


def offset_text(offset: str | int | None) -> str:
    """Write an offset as the wire has it."""
    if offset is None:
        return ""
    if isinstance(offset, str):
        return offset
    return f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"


def microseconds(*, day: int, hour: int, minute: int, second: int, fraction: str, offset: str | int | None) -> int:
    """Microseconds since 1970 in UTC, by integer arithmetic; a leap second is the last microsecond of its minute."""
    micros = int(Fraction(int(fraction or "0"), 10 ** len(fraction)) * 1_000_000)
    if second == 60:
        second, micros = 59, 999_999
    east = offset if isinstance(offset, int) else 0
    minutes = (day - EPOCH_DAY) * 1440 + hour * 60 + minute - east
    return (minutes * 60 + second) * 1_000_000 + micros


def as_microseconds(instant: datetime) -> int:
    """Microseconds since 1970, from the fields of a UTC datetime."""
    seconds = ((instant.toordinal() - EPOCH_DAY) * 24 + instant.hour) * 3600 + instant.minute * 60 + instant.second
    return seconds * 1_000_000 + instant.microsecond


@given(
    day=st.dates(),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    second=st.integers(0, 60),
    fraction=digits,
    separator=st.sampled_from("Tt"),
    offset=offsets,
)
def test_rfc3339(*, day: Any, separator: str, hour: int, minute: int, second: int, fraction: str, offset: Any) -> None:
    """Every RFC 3339 date-time is the instant that arithmetic gives, or None with a warning out of range."""
    text = f"{day}{separator}{hour:02}:{minute:02}:{second:02}" + (f".{fraction}" if fraction else "")
    warnings = Warnings()
    instant = from_rfc3339(text + offset_text(offset), warnings)
    expected = microseconds(
        day=day.toordinal(), hour=hour, minute=minute, second=second, fraction=fraction, offset=offset
    )
    if expected == as_microseconds(FIRST):
        assert instant is None
    elif as_microseconds(FIRST) < expected <= as_microseconds(LAST):
        assert instant is not None
        assert instant.tzinfo is UTC
        assert as_microseconds(instant) == expected
        assert len(warnings) == (offset is None)
    else:
        assert instant is None
        assert warnings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-15T10:30:00Z", "2024-01-15T10:30:00Z"),
        ("2024-01-15t10:30:00z", "2024-01-15T10:30:00Z"),
        ("2024-01-15T12:30:00+02:00", "2024-01-15T10:30:00Z"),
        ("2024-01-15T05:00:00-05:30", "2024-01-15T10:30:00Z"),
        ("2024-01-15T10:30:00-00:00", "2024-01-15T10:30:00Z"),
        ("2024-01-15T10:30:00.1Z", "2024-01-15T10:30:00.1Z"),
        ("2024-01-15T10:30:00.123456789Z", "2024-01-15T10:30:00.123456Z"),
        ("2024-01-15T10:30:00.9999999Z", "2024-01-15T10:30:00.999999Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z"),
        ("2017-01-01T00:59:60.5+01:00", "2016-12-31T23:59:59.999999Z"),
        ("2024-02-29T23:59:59+23:59", "2024-02-29T00:00:59Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("9999-12-31T23:59:60Z", "9999-12-31T23:59:59.999999Z"),
        ("0001-01-01T00:00:00.000001Z", "0001-01-01T00:00:00.000001Z"),
        ("0001-01-01T00:00:01Z", "0001-01-01T00:00:01Z"),
    ],
)
def test_rfc3339_examples(text: str, expected: str) -> None:
    """Offsets, either case, any digits, leap seconds and the ends of the range are read without a warning."""
    warnings = Warnings()
    instant = from_rfc3339(text, warnings)
    assert instant is not None
    assert format_utc(instant) == expected
    assert warnings == []


def test_a_missing_offset_is_utc_with_a_warning() -> None:
    """Without an offset the time is taken for UTC, and that is said."""
    warnings = Warnings()
    assert from_rfc3339("2024-01-15T10:30:00", warnings) == datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
    assert warnings == ["no offset; read as UTC"]


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "0001-01-01t00:00:00.000z", "0001-01-01T01:00:00+01:00"])
def test_the_zero_time_is_none(text: str) -> None:
    """Go's zero time means never: None, without a warning."""
    warnings = Warnings()
    assert from_rfc3339(text, warnings) is None
    assert warnings == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-01-15",
        "10:30:00Z",
        "2024-01-15 10:30:00Z",
        "2024-1-15T10:30:00Z",
        "2024-01-15T10:30Z",
        "2024-01-15T10:30:00.Z",
        "2024-01-15T10:30:00+0200",
        "2024-01-15T10:30:00+02",
        "2024-01-15T10:30:00 Z",
        "2024-01-15T10:30:00Z\n",
        " 2024-01-15T10:30:00Z",
        "+2024-01-15T10:30:00Z",
        "12024-01-15T10:30:00Z",
        "٢٠٢٤-01-15T10:30:00Z",
        "2024-02-30T10:30:00Z",
        "2023-02-29T10:30:00Z",
        "2024-13-01T10:30:00Z",
        "2024-00-01T10:30:00Z",
        "0000-01-01T00:00:00Z",
        "2024-01-15T24:00:00Z",
        "2024-01-15T10:60:00Z",
        "2024-01-15T10:30:61Z",
        "2024-01-15T10:30:00+24:00",
        "2024-01-15T10:30:00+02:60",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "1705314600",
    ],
)
def test_what_is_no_instant_is_none_with_one_warning(text: str) -> None:
    """What is malformed, does not exist or leaves the years 1 to 9999 gives None and one warning."""
    warnings = Warnings()
    assert from_rfc3339(text, warnings) is None
    assert len(warnings) == 1


@given(st.integers(-SAFE, SAFE), st.booleans())
@example(SAFE, True)
@example(SAFE, False)
@example(-SAFE, True)
@example(-SAFE, False)
@example(-62135596799, True)
@example(-62135596801, True)
@example(253402300799, True)
@example(253402300800, True)
@example(253402300799999, False)
@example(253402300800000, False)
def test_unix_times(number: int, in_seconds: bool) -> None:  # noqa: FBT001
    """Every number that the spec allows is the instant that arithmetic gives, or None with a warning out of range."""
    warnings = Warnings()
    instant = from_unix_seconds(number, warnings) if in_seconds else from_unix_milliseconds(number, warnings)
    expected = number * (1_000_000 if in_seconds else 1000)
    if as_microseconds(FIRST) < expected <= as_microseconds(LAST):
        assert instant is not None
        assert instant.tzinfo is UTC
        assert as_microseconds(instant) == expected
        assert warnings == []
    elif expected != as_microseconds(FIRST):
        assert instant is None
        assert len(warnings) == 1


def test_the_zero_time_as_a_number_is_none() -> None:
    """Go's zero time is never in any format."""
    warnings = Warnings()
    assert from_unix_seconds(-62135596800, warnings) is None
    assert from_unix_milliseconds(-62135596800000, warnings) is None
    assert warnings == []


def test_size_does_not_choose_the_unit() -> None:
    """Milliseconds in a field of seconds are not taken for milliseconds: they are out of range."""
    warnings = Warnings()
    assert from_unix_seconds(1705314690000, warnings) is None
    assert from_unix_milliseconds(1705314690, warnings) == datetime(1970, 1, 20, 17, 41, 54, 690000, tzinfo=UTC)
    assert warnings == ["a number of Unix seconds that a datetime cannot hold"]


def test_an_integer_with_a_decimal_point() -> None:
    """JSON Schema counts 1704067200.0 as an integer."""
    warnings = Warnings()
    assert from_unix_seconds(1704067200.0, warnings) == datetime(2024, 1, 1, tzinfo=UTC)
    assert warnings == []


@pytest.mark.parametrize("value", [True, False, 0.5, float("nan"), float("inf"), 1e300, "1704067200", None, [], {}])
@pytest.mark.parametrize("read", [from_unix_seconds, from_unix_milliseconds])
def test_what_is_no_whole_number_is_none_with_one_warning(read: Any, value: object) -> None:
    """Booleans, fractions, strings and other types are not Unix times."""
    warnings = Warnings()
    assert read(value, warnings) is None
    assert len(warnings) == 1


@given(garbage)
@pytest.mark.parametrize("read", [from_rfc3339, from_unix_seconds, from_unix_milliseconds])
def test_nothing_raises(read: Any, value: object) -> None:
    """Whatever the value, a reader gives an aware UTC datetime or None, and None for a reason."""
    warnings = Warnings()
    instant = read(value, warnings)
    assert instant is None or instant.tzinfo is UTC
    assert instant is not None or warnings


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)), st.integers(-1439, 1439))  # noqa: DTZ001
def test_written_times_read_back(naive: datetime, east: int) -> None:
    """What `format_utc` writes is RFC 3339 in UTC of the same instant."""
    instant = naive.replace(tzinfo=timezone(timedelta(minutes=east)))
    text = format_utc(instant)
    warnings = Warnings()
    assert text.endswith("Z")
    assert from_rfc3339(text, warnings) == instant
    assert warnings == []
