"""The formats that are checked; any other is ignored.

| format | on a string | on an integer or number |
| --- | --- | --- |
| date-time | RFC 3339, `t` and `z` too, leap seconds at the end of a UTC day | |
| date, time, duration, uuid | RFC 3339 (ISO 8601 durations), RFC 9562 with hyphens | |
| uri, uri-reference, email, hostname, ipv4, ipv6 | their RFCs | |
| regex, json-pointer | ECMA 262, RFC 6901 | |
| byte | base64, padded | |
| int32, int64, uint32, uint64 | a decimal number in the range | the range |
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RANGES: Mapping[str, tuple[int, int]] = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
BUILT_IN = frozenset(
    {
        "date",
        "date-time",
        "duration",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "json-pointer",
        "regex",
        "time",
        "uri",
        "uri-reference",
        "uuid",
    }
)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,19})\Z")
_SHORT = 9
"""So many digits fit all ranges."""


def _decimal(low: int, high: int) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        if len(text) <= _SHORT and text.isascii() and text.isdigit():  # nearly all counts: in every range
            return text[0] != "0" or len(text) == 1
        return _DECIMAL.match(text) is not None and low <= int(text) <= high

    return check


def _byte(text: str) -> bool:
    try:
        binascii.a2b_base64(text, strict_mode=True)
    except (ValueError, binascii.Error):
        return False
    return True


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "byte": _byte,
    **{name: _decimal(low, high) for name, (low, high) in RANGES.items()},
}
KNOWN = BUILT_IN | CHECKS.keys()
