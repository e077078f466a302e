"""Whatever the wire has for an instant, as an aware UTC `datetime`, by the field's declared format.

Each reader takes the wire value and a `warn` callback. What cannot be held or read gives None and one warning,
never an exception; nothing is guessed from a number's size. The zero time, with which Go says "never", is None in any
format.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Warn = Callable[[str], None]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO = datetime(1, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)
_LEAP_SECOND = 60
_MINUTES_PER_HOUR = 60
_HOURS_PER_DAY = 24


def from_rfc3339(text: object, warn: Warn) -> datetime | None:
    """Read an RFC 3339 date-time: any offset, any number of fractional digits (cut to microseconds).

    A leap second is the last microsecond of its minute; a missing offset is read as UTC, with a warning; the zero
    time `0001-01-01T00:00:00Z` is None.
    """
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        warn("not an RFC 3339 date-time")
        return None
    year, month, day, hour, minute, second = (int(match[n]) for n in range(1, 7))
    microsecond = int((match[7] or "0")[:6].ljust(6, "0"))
    if second == _LEAP_SECOND:
        second, microsecond = 59, 999_999
    offset = _offset(match[8])
    if offset is None:
        warn("an offset out of range")
        return None
    if match[8] is None:
        warn("no offset; read as UTC")
    try:
        instant = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC) - offset
    except (ValueError, OverflowError):
        warn("no such instant, or one that a datetime cannot hold")
        return None
    return _unless_zero(instant)


def _unless_zero(instant: datetime) -> datetime | None:
    return None if instant == _ZERO else instant


def _offset(text: str | None) -> timedelta | None:
    if text is None or text in "Zz":
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours >= _HOURS_PER_DAY or minutes >= _MINUTES_PER_HOUR:
        return None
    size = timedelta(hours=hours, minutes=minutes)
    return -size if text[0] == "-" else size


def from_unix_seconds(number: object, warn: Warn) -> datetime | None:
    """Read whole seconds since 1970-01-01T00:00:00Z."""
    return _from_epoch(number, "seconds", warn)


def from_unix_milliseconds(number: object, warn: Warn) -> datetime | None:
    """Read whole milliseconds since 1970-01-01T00:00:00Z."""
    return _from_epoch(number, "milliseconds", warn)


def _from_epoch(number: object, unit: str, warn: Warn) -> datetime | None:
    if isinstance(number, float) and number.is_integer():
        number = int(number)  # JSON Schema counts 1.0 as an integer
    if isinstance(number, bool) or not isinstance(number, int):
        warn(f"not a whole number of Unix {unit}")
        return None
    try:
        return _unless_zero(_EPOCH + timedelta(**{unit: number}))
    except OverflowError:
        warn(f"a number of Unix {unit} that a datetime cannot hold")
        return None


def format_utc(instant: datetime) -> str:
    """Write an aware instant as RFC 3339 in UTC, with as many fractional digits as it needs."""
    whole, _, fraction = instant.astimezone(UTC).isoformat().removesuffix("+00:00").partition(".")
    digits = fraction.rstrip("0")
    return f"{whole}.{digits}Z" if digits else f"{whole}Z"
