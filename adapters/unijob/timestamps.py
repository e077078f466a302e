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
# The form is checked here, since `fromisoformat` takes more than RFC 3339 allows.
_HOUR_AND_MINUTE = r"(?:[01]\d|2[0-3]):[0-5]\d"
_RFC3339 = re.compile(
    rf"(\d{{4}}-\d\d-\d\d)[Tt]({_HOUR_AND_MINUTE}):([0-5]\d|60)(\.\d+)?(?:([Zz])|([+-]{_HOUR_AND_MINUTE}))?", re.ASCII
)
# What nearly every API sends, which `fromisoformat` reads as it stands.
_PLAIN = re.compile(rf"\d{{4}}-\d\d-\d\dT{_HOUR_AND_MINUTE}:[0-5]\d(?:\.\d+)?Z", re.ASCII)


def from_rfc3339(text: object, warn: Warn) -> datetime | None:
    """Read an RFC 3339 date-time: any offset, any number of fractional digits (cut to microseconds).

    A leap second is the last microsecond of its minute; a missing offset is read as UTC, with a warning; the zero
    time `0001-01-01T00:00:00Z`, with which Go says "never", is None.
    """
    try:
        if isinstance(text, str) and _PLAIN.fullmatch(text):
            return _unless_zero(datetime.fromisoformat(text))
        return _from_any_rfc3339(text, warn)
    except (ValueError, OverflowError):
        warn("no such instant, or one that a datetime cannot hold")
        return None


def _from_any_rfc3339(text: object, warn: Warn) -> datetime | None:
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        warn("not an RFC 3339 date-time")
        return None
    date, minute, second, fraction, zulu, offset = match.groups()
    if second == "60":
        second, fraction = "59", ".999999"
    if zulu is None and offset is None:
        warn("no offset; read as UTC")
    instant = datetime.fromisoformat(f"{date}T{minute}:{second}{fraction or ''}{offset or '+00:00'}")
    return _unless_zero(instant.astimezone(UTC))


def _unless_zero(instant: datetime) -> datetime | None:
    return None if instant == _ZERO else instant


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
