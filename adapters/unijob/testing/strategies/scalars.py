"""Strategies of numbers and strings within their schemas' bounds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from unijob.testing.strategies.documents import Schema
from unijob.testing.strategies.values import EXACT, FORMATS, RANGES


def _integers(schema: Schema) -> list[SearchStrategy[Any]]:
    low, high = RANGES.get(schema.get("format", ""), RANGES["int64"])
    low, high = max(low, schema.get("minimum", low)), min(high, schema.get("maximum", high))
    low, high = (
        max(low, _past(schema, "exclusiveMinimum", low, 1)),
        min(high, _past(schema, "exclusiveMaximum", high, -1)),
    )
    likely = st.integers(max(low, min(0, high)), min(high, max(low, 200)))
    # JSON Schema counts 1.0 as an integer; past 2**53 a float no longer has all digits.
    pointed = st.integers(max(low, -EXACT), min(high, EXACT)).map(float)
    return [likely, st.integers(low, high), likely, pointed]


def _past(schema: Schema, keyword: str, bound: int, step: int) -> int:
    """Give the first integer past an exclusive bound: true beside the bound in OpenAPI 3.0, the bound itself in 3.1."""
    written = schema.get(keyword, False)
    if written is False:
        return bound
    return (bound if written is True else int(written)) + step


def _numbers(schema: Schema) -> list[SearchStrategy[Any]]:
    low, high = schema.get("minimum"), schema.get("maximum")
    return [st.floats(low, high, allow_nan=False, allow_infinity=False), *_integers(schema)]


def _strings(schema: Schema) -> SearchStrategy[Any]:
    if "pattern" in schema:
        return st.from_regex(re.compile(re.sub(r"\$$", r"\\Z", schema["pattern"])))  # `$` of Python takes a newline too
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    low = schema.get("minLength", 0)
    return st.text(min_size=low, max_size=max(low, min(8, schema.get("maxLength", 8))))


SCALARS: Mapping[str, Callable[[Schema], list[SearchStrategy[Any]]]] = {
    "null": lambda _: [st.none()],
    "boolean": lambda _: [st.booleans()],
    "integer": _integers,
    "number": _numbers,
    "string": lambda schema: [_strings(schema)],
}
