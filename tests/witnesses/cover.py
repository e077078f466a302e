"""A few values of a schema that together have in them whatever the schema allows in one place.

Every property present and absent, every enum value, every alternative, both ends of every range, every form of a
format.
Always the same, so that what is found with them can be held against a table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from unijob.jsontypes import is_list, is_object
from unijob.testing.strategies.documents import merged, resolve
from unijob.testing.strategies.values import RANGES

Schema = Mapping[str, Any]

ANYTHING: Sequence[Any] = ({"any": 1}, "text", 0.5, 7, True, [1, "a", None], {}, None)
TEXTS = ("plain", "", "Ünïcödé 😀", "a/b?c#d%2Fe", '"\\\n', "7", "x" * 200)
FORMS: Mapping[str, Sequence[str]] = {
    "date-time": (
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.6Z",
        "2026-01-02t03:04:05z",
        "2026-01-02T03:04:05.123456789+05:30",
        "2026-01-02T03:04:05-00:00",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00.000001+00:01",
        "9999-12-31T23:59:59.9999999-00:01",
        "2016-12-31T23:59:60Z",
    ),
    "date": ("2026-01-02",),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000",),
    "uri": ("https://example.com/a?b=c",),
    "header": ("plain", "", "7", "a, b; c=d", "x" * 200),
    "byte": ("QUJD", ""),
    **{name: ("0", *map(str, ends)) for name, ends in RANGES.items()},
}


class Cover:
    """The values for the schemas of one document; the first of each is the plainest.

    Args:
        document: what references lead into.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._known: dict[int, tuple[Schema, list[Any]]] = {}
        self._open: set[int] = set()

    def of(self, schema: Schema | bool) -> list[Any]:  # noqa: FBT001 (a schema may be a boolean)
        """Give the values of a schema."""
        if isinstance(schema, bool):
            return list(ANYTHING) if schema else []
        node = resolve(self._document, schema)
        key = id(node)
        if key in self._open:
            return []  # a schema within itself: once is enough
        if key not in self._known:
            self._open.add(key)
            values = self._values(node)
            self._open.discard(key)
            if node.get("nullable") is True:
                values = [*values, None]
            self._known[key] = node, distinct(values)
        return self._known[key][1]

    def _values(self, schema: Schema) -> list[Any]:
        if "const" in schema:
            return [schema["const"]]
        if "enum" in schema:
            return list(schema["enum"])
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                beside = _without(schema, keyword)
                return alternating([self.of(merged(self._document, beside, branch)) for branch in schema[keyword]])
        if "allOf" in schema:
            return self.of(merged(self._document, _without(schema, "allOf"), *schema["allOf"]))
        types = schema.get("type", "object" if "properties" in schema else None)
        if types is None:
            return list(ANYTHING)
        return alternating([self._typed(name, schema) for name in ([types] if isinstance(types, str) else types)])

    def _typed(self, name: str, schema: Schema) -> list[Any]:
        if name == "object":
            return self._objects(schema)
        if name == "array":
            return self._arrays(schema)
        return scalars(name, schema)

    def _arrays(self, schema: Schema) -> list[Any]:
        items = self.of(schema.get("items", True))
        low, high = schema.get("minItems", 0), schema.get("maxItems", len(items))
        lists = [(items * max(1, low))[: max(1, low)], *([[]] if low == 0 else [])]
        step = max(1, high)
        return [*lists[:1], *(items[at : at + step] for at in range(0, len(items), step)), *lists[1:]]

    def _objects(self, schema: Schema) -> list[Any]:
        more = schema.get("additionalProperties", not schema.get("properties"))
        extra = self.of(more) if more is not False else []
        named = {name: self.of(node) for name, node in schema.get("properties", {}).items()}
        if not named:
            return [{"key": extra[0]}, {f"key {n}": one for n, one in enumerate(extra)}, {}] if extra else [{}]
        named = {name: values for name, values in named.items() if values}
        rows = range(max(map(len, named.values()), default=1))
        plainest = {name: values[0] for name, values in named.items()}
        # Each property begins elsewhere, so that an odd value of one meets plain values of others.
        shifted = [(values, shift, name) for shift, (name, values) in enumerate(named.items())]
        whole = [
            plainest,
            *({name: values[(row + shift) % len(values)] for values, shift, name in shifted} for row in rows),
        ]
        least = {name: named[name][0] for name in schema.get("required", ()) if name in named}
        with_extra = [{**whole[0], **{f"key {n}": one for n, one in enumerate(extra)}}] if extra else []
        return [*whole, least, *with_extra]


def scalars(name: str, schema: Schema) -> list[Any]:
    """Give the values of a type that has no parts."""
    if name == "null":
        return [None]
    if name == "boolean":
        return [True, False]
    if name == "string":
        return list(FORMS[schema["format"]]) if schema.get("format") in FORMS else texts(schema)
    low, high = _bounds(schema)
    values = [one for one in (1, 0, -1, 12, low, high) if low <= one <= high]
    pointed = [float(values[0])] if name == "integer" else [0.5, 1e300, float(values[0])]
    return [*values, *(one for one in pointed if low <= one <= high)]


def texts(schema: Schema) -> list[str]:
    """Give texts of any allowed length."""
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    fit = [one.ljust(low, "x")[:high] for one in TEXTS]
    return [*fit, *(["x" * high] if high is not None else [])]


def _bounds(schema: Schema) -> tuple[int, int]:
    low, high = RANGES.get(schema.get("format", ""), RANGES["int64"])
    return max(low, schema.get("minimum", low)), min(high, schema.get("maximum", high))


def _without(schema: Schema, keyword: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in {keyword, "nullable"}}


def alternating(groups: Iterable[list[Any]]) -> list[Any]:
    """Join lists, taking from each in turn."""
    missing = object()
    rows = zip_longest(*groups, fillvalue=missing)
    return [one for row in rows for one in row if one is not missing]


def distinct(values: Iterable[Any]) -> list[Any]:
    """Leave out what is there already; `1` and `1.0` are two."""
    return list({json.dumps(value): value for value in values}.values())


def mended(value: Any, plain: Any, paths: Iterable[Sequence[str | int]]) -> Any:
    """Give a value with the plain one's parts at some places; what has none there is left out."""
    for path in paths:
        value = _mended(value, plain, path)
    return value


_GONE: Any = object()


def _mended(value: Any, plain: Any, path: Sequence[str | int]) -> Any:
    if not path:
        return plain
    key, rest = path[0], path[1:]
    if is_object(value) and key in value:
        inner = _mended(value[key], plain.get(key, _GONE) if is_object(plain) else _GONE, rest)
        return {name: one for name, one in {**value, key: inner}.items() if one is not _GONE}
    if is_list(value) and isinstance(key, int) and key < len(value):
        model = plain[min(key, len(plain) - 1)] if is_list(plain) and plain else _GONE
        inner = _mended(value[key], model, rest)
        return [one for one in [*value[:key], inner, *value[key + 1 :]] if one is not _GONE]
    return plain
