"""Instants and counts of a payload, read a second way: by integer arithmetic, without the library's readers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any, Literal

from unijob.jsontypes import is_object

Format = Literal["rfc3339", "seconds", "milliseconds"]
FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The first and the last microsecond since 1970 that a datetime has; the first is the zero time, which is no time."""
EPOCH_DAY = date(1970, 1, 1).toordinal()
WRITTEN = re.compile(r"(\d+)-(\d+)-(\d+)[Tt](\d+):(\d+):(\d+)(?:\.(\d+))?(?:[Zz]|([+-])(\d+):(\d+))?", re.ASCII)


def microseconds(value: Any, format: Format) -> int | None:  # noqa: A002
    """Microseconds since 1970, or None for what is no instant or one that a datetime cannot hold."""
    if format == "rfc3339":
        micros = written(value) if isinstance(value, str) else None
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        micros = None
    else:
        micros = int(value) * (1_000_000 if format == "seconds" else 1_000)
    return micros if micros is not None and FIRST < micros <= LAST else None


def written(text: str) -> int | None:
    match = WRITTEN.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    micros = int(Fraction(int(match[7] or 0), 10 ** len(match[7] or "")) * 1_000_000)
    if second == 60:
        second, micros = 59, 999_999
    east = (int(match[9] or 0) * 60 + int(match[10] or 0)) * (-1 if match[8] == "-" else 1)
    minutes = (date(year, month, day).toordinal() - EPOCH_DAY) * 1440 + hour * 60 + minute - east
    return (minutes * 60 + second) * 1_000_000 + micros


def of(instant: datetime | None) -> int | None:
    """Microseconds since 1970 of a datetime, from its fields."""
    if instant is None:
        return None
    assert instant.tzinfo is UTC
    seconds = ((instant.toordinal() - EPOCH_DAY) * 24 + instant.hour) * 3600 + instant.minute * 60 + instant.second
    return seconds * 1_000_000 + instant.microsecond


def count(value: Any) -> int | None:
    """A number of items: whole, from 0 to 2**64 - 1, as a number whose digits are all there or in decimal digits."""
    if isinstance(value, str):
        value = int(value) if re.fullmatch(r"[0-9]{1,400}", value, re.ASCII) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float) and (value % 1 or abs(value) >= 2**53):
        return None
    return int(value) if 0 <= value < 2**64 else None


def at(payload: Any, path: str) -> Any:
    """What stands at a dotted path; of names joined by `|` the one that is there."""
    for step in path.split("."):
        found = [payload[name] for name in step.split("|") if is_object(payload) and name in payload]
        payload = found[0] if found else None
    return payload
