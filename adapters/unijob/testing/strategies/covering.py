"""A few values of a schema that together take every way through it: each enum value, branch, bound and absence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from unijob.testing.strategies.documents import ALL_TYPES, Schema, members, merged, resolve
from unijob.testing.strategies.samples import text_of
from unijob.testing.strategies.values import RANGES

_ANYTHING: tuple[Any, ...] = (None, True, 1, 0.5, "x", [1], {"a": 1})
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "date-time": ("2026-01-01T00:00:00Z", "2026-01-01t01:00:00.123456789+01:00", "0001-01-01T00:00:00Z"),
    "date": ("2026-01-01", "2024-02-29"),
    "uuid": ("00000000-0000-4000-8000-000000000001",),
    "uri": ("https://example.com/",),
    "byte": ("", "QQ=="),
    **{name: tuple(map(str, ends)) for name, ends in RANGES.items()},
}
_FEW = 2
_NOT_DOCUMENTED = "not documented"


class Covering:
    """Makes such values: without chance, and as few as the longest way needs.

    Args:
        document: an OpenAPI 3.0 or 3.1 document with its references intact.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def of(self, schema: Schema | bool) -> list[Any]:  # noqa: FBT001 (a schema may be a boolean)
        """Give the values of one of the document's schemas."""
        return self._values(schema, ())

    def _values(self, schema: Schema | bool, around: tuple[int, ...]) -> list[Any]:  # noqa: FBT001
        if isinstance(schema, bool):
            return list(_ANYTHING) if schema else []
        node = resolve(self._document, schema)
        if id(node) in around:  # it recurs, and what is required cannot
            return []
        nulls = [None] if node.get("nullable") is True else []
        return [*self._allowed(node, (*around, id(node))), *nulls]

    def _allowed(self, node: Schema, around: tuple[int, ...]) -> list[Any]:
        if "const" in node or "enum" in node:
            return [value for value in members(node) if value is not None or "const" in node]
        for keyword in ("anyOf", "oneOf"):
            if keyword in node:
                beside = {key: value for key, value in node.items() if key not in {keyword, "nullable"}}
                branches = [merged(self._document, beside, branch) for branch in node[keyword]]
                return [value for branch in branches for value in self._values(branch, around)]
        if "allOf" in node:
            beside = {key: value for key, value in node.items() if key not in {"allOf", "nullable"}}
            return self._values(merged(self._document, beside, *node["allOf"]), around)
        types = node.get("type", "object" if "properties" in node else ALL_TYPES)
        names: Sequence[str] = [types] if isinstance(types, str) else types
        return [value for name in names for value in self._typed(name, node, around)]

    def _typed(self, name: str, node: Schema, around: tuple[int, ...]) -> list[Any]:
        match name:
            case "object":
                return list(self._objects(node, around))
            case "array":
                return list(self._arrays(node, around))
            case "string":
                return _strings(node)
            case "integer" | "number":
                return _numbers(node)
            case _:
                return [False, True] if name == "boolean" else [None]

    def _arrays(self, node: Schema, around: tuple[int, ...]) -> Iterator[list[Any]]:
        items = self._values(node.get("items", True), around)
        low, high = node.get("minItems", 0), node.get("maxItems", len(items))
        if low == 0:
            yield []
        step = min(high, len(items), max(low, _FEW))  # all at once would make values of values without bound
        for at in range(0, len(items) if step else 0, step or 1):
            found = items[at : at + step]
            yield found + [found[0]] * (low - len(found))

    def _objects(self, node: Schema, around: tuple[int, ...]) -> Iterator[dict[str, Any]]:
        required = frozenset(node.get("required", ()))
        values = {name: self._values(schema, around) for name, schema in node.get("properties", {}).items()}
        values = {name: found for name, found in values.items() if found}
        if not required <= values.keys():
            return
        least = {name: found[0] for name, found in values.items() if name in required}
        yield least
        for turn in range(max(map(len, values.values()), default=0)):
            yield {name: found[turn % len(found)] for name, found in values.items()}
        more = node.get("additionalProperties", True)
        if more is not False:
            yield from ({**least, _NOT_DOCUMENTED: value} for value in self._values(more, around))


def _numbers(node: Schema) -> list[Any]:
    low, high = RANGES.get(node.get("format", ""), (-1, 1))
    low = node.get("minimum", low)
    high = node.get("maximum", max(high, low))
    above, below = node.get("exclusiveMinimum", False), node.get("exclusiveMaximum", False)
    if above is not False:
        low = low + 1 if above is True else above + 1
    if below is not False:
        high = high - 1 if below is True else below - 1
    return list(dict.fromkeys([low, high]))


def _strings(node: Schema) -> list[Any]:
    if "pattern" in node:
        return [text_of(node)]
    if node.get("format") in _TEXTS:
        return list(_TEXTS[node["format"]])
    low, high = node.get("minLength", 0), node.get("maxLength")
    return ["x" * low, "x" * (high if high is not None else low + 3)]
