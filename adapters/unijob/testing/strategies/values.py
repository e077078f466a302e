"""Strategies of single values, and of what no schema describes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from unijob.jsontypes import is_list, is_object

T = TypeVar("T")

FEW = 2
EXACT = 2**53 - 1
"""The largest integer up to which a float has all digits."""
RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1)}

_DICE = st.integers(0, 4)


@st.composite
def rarely(draw: st.DrawFn, odd: SearchStrategy[T], usual: SearchStrategy[T]) -> T:
    """Draw from `odd` once in a while; `one_of` has no weights."""
    return draw(usual if draw(_DICE) else odd)


def told_apart(value: Any) -> str:
    """Give what differs for values that JSON Schema tells apart: 1 and 1.0 are one number to it."""
    if is_list(value):
        return f"[{','.join(map(told_apart, value))}]"
    if is_object(value):
        return repr(sorted((key, told_apart(item)) for key, item in value.items()))
    return repr(int(value) if isinstance(value, float) and value.is_integer() else value)


texts = st.text(max_size=8)
floats = st.floats(allow_nan=False, allow_infinity=False)
json_leaves: SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-EXACT, EXACT) | floats | texts
json_values = json_leaves | st.recursive(
    json_leaves,
    lambda inner: st.lists(inner, max_size=FEW) | st.dictionaries(texts, inner, max_size=FEW),
    max_leaves=3,
)
_SECOND = timedelta(seconds=1)
_FROM, _MIDDLE, _TO = datetime(1, 1, 1), datetime(2000, 1, 1), datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001
_OFFSETS = ["Z", "z", *(f"{sign}{hour:02}:{minute:02}" for sign in "+-" for hour in range(24) for minute in range(60))]


def _written(seconds: int, mark: str, fraction: str, offset: str) -> str:
    return f"{_MIDDLE + seconds * _SECOND:%4Y-%m-%d}{mark}{_MIDDLE + seconds * _SECOND:%H:%M:%S}{fraction}{offset}"


# Few draws: a payload may have a dozen of them.
_ordinary = st.builds(
    _written,
    st.integers((_FROM - _MIDDLE) // _SECOND, (_TO - _MIDDLE) // _SECOND),
    st.sampled_from("Tt"),
    st.text("0123456789", max_size=12).map(lambda digits: f".{digits}" if digits else ""),
    st.sampled_from(_OFFSETS),
)
_odd = st.sampled_from(
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00.000001+00:01",
        "9999-12-31T23:59:59.9999999-00:01",
        "2016-12-31T23:59:60Z",
        "1972-06-30t23:59:60.5z",
        "2000-02-29T00:00:00-00:00",
    ]
)
date_times = rarely(_odd, _ordinary)

FORMATS: dict[str, SearchStrategy[str]] = {
    "date-time": date_times,
    "date": st.dates().map(str),
    "uuid": st.uuids().map(str),
    "uri": st.just("https://example.com/a?b=c"),
    "byte": st.sampled_from(["", "QQ==", "QUJD"]),
    **{name: st.integers(*ends).map(str) for name, ends in RANGES.items()},
}
