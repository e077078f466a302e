"""One ordinary value of a schema, always the same: for what must be sent, and whose content does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import find
from hypothesis import strategies as st

from unijob.testing.strategies.documents import ALL_TYPES, Schema, members, merged, resolve
from unijob.testing.strategies.values import RANGES

_ITEMS = 3
_TEXTS: Mapping[str, str] = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "uri": "https://example.com/",
    "byte": "QQ==",
    **dict.fromkeys(RANGES, "1"),
}


class Samples:
    """Makes values of what is required, with arrays of three.

    Args:
        document: an OpenAPI 3.0 or 3.1 document with its references intact.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def of(self, schema: Schema | bool, name: str = "value", number: int = 1) -> Any:  # noqa: FBT001 (a schema may be a boolean)
        """Make a value.

        Args:
            schema: of the document.
            name: what it is called, from which a text is made.
            number: which of several it is.
        """
        node: Schema = {} if isinstance(schema, bool) else resolve(self._document, schema)
        if "const" in node or "enum" in node:
            listed = members(node)
            return listed[(number - 1) % len(listed)]
        for keyword in ("anyOf", "oneOf"):
            if keyword in node:
                beside = {key: value for key, value in node.items() if key != keyword}
                branches = [resolve(self._document, branch) for branch in node[keyword]]
                chosen = next(branch for branch in branches if branch.get("type") != "null")
                return self.of(merged(self._document, beside, chosen), name, number)
        if "allOf" in node:
            beside = {key: value for key, value in node.items() if key != "allOf"}
            return self.of(merged(self._document, beside, *node["allOf"]), name, number)
        return self._typed(node, name, number)

    def _typed(self, node: Schema, name: str, number: int) -> Any:
        types = node.get("type", "object" if "properties" in node else ALL_TYPES)
        first = types if isinstance(types, str) else next((one for one in types if one != "null"), "null")
        if first == "object":
            properties = node.get("properties", {})
            return {key: self.of(properties.get(key, True), key, number) for key in node.get("required", ())}
        if first == "array":
            count = max(node.get("minItems", 0), min(_ITEMS, node.get("maxItems", _ITEMS)))
            return [self.of(node.get("items", True), name, place + 1) for place in range(count)]
        if first in {"integer", "number"}:
            return _number(node)
        return text_of(node, name, number) if first == "string" else {"boolean": False, "null": None}[first]


def _number(node: Schema) -> Any:
    low = node.get("minimum", 1)
    above = node.get("exclusiveMinimum")
    least = low + 1 if above is True else above + 1 if isinstance(above, (int, float)) else low
    return max(least, min(1, node.get("maximum", 1)))


def text_of(node: Schema, name: str = "text", number: int = 1) -> str:
    """Make a text of a string's schema."""
    if "pattern" in node:
        pattern: str = node["pattern"]
        text: str = find(st.from_regex(pattern), str.isprintable)
        return text
    if node.get("format") in _TEXTS:
        return _TEXTS[node["format"]]
    low: int = node.get("minLength", 0)
    high: int | None = node.get("maxLength")
    return f"{name}_{number}".ljust(low, "x")[:high]
