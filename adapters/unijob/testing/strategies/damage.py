"""Payloads that broke on the way: anything, anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from unijob.testing.strategies.values import json_values

KEYS: Mapping[type, Callable[[Any], Iterable[Any]]] = {dict: tuple, list: lambda items: range(len(items))}
GARBAGE: SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 0.5, 2**64, 1e300, "", "x", "..", "\x00", [], [None], {}, {"": {}}]
)


@st.composite
def damaged(draw: st.DrawFn, values: SearchStrategy[Any]) -> Any:
    """Draw a JSON value in which a few places, at any depth, are gone or hold something else."""
    value = draw(values)
    for _ in range(draw(st.integers(1, 3))):
        value = _damage(draw, value)
    return value


def _damage(draw: st.DrawFn, value: Any) -> Any:
    keys = [*KEYS[type(value)](value)] if type(value) in KEYS else []
    how = draw(st.sampled_from(["deeper", "deeper", "gone", "other"])) if keys else "other"
    if how == "other":
        return draw(GARBAGE | json_values)
    copy, key = value.copy(), draw(st.sampled_from(keys))
    if how == "gone":
        del copy[key]
    else:
        copy[key] = _damage(draw, value[key])
    return copy
