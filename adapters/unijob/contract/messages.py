"""What a finding says: the rule, never the value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXTS: Mapping[str, str] = {
    "additionalProperties": "is not a documented property",
    "anyOf": "matches none of the documented alternatives",
    "const": "is not the documented value",
    "contains": "does not contain a documented item",
    "dependentRequired": "is missing",
    "enum": "is not one of the documented values",
    "exclusiveMaximum": "is not less than {limit}",
    "exclusiveMinimum": "is not greater than {limit}",
    "false": "is not allowed",
    "format": "is not of the format {format}",
    "maxContains": "contains too many items of one kind",
    "maxItems": "has more than {limit} items",
    "maxLength": "is longer than {limit} characters",
    "maxProperties": "has more than {limit} properties",
    "maximum": "is greater than the maximum {limit}",
    "minContains": "contains too few items of one kind",
    "minItems": "has fewer than {limit} items",
    "minLength": "is shorter than {limit} characters",
    "minProperties": "has fewer than {limit} properties",
    "minimum": "is less than the minimum {limit}",
    "multipleOf": "is not a multiple of {multiple_of}",
    "not": "is what the contract rules out",
    "oneOf": "matches none of the documented alternatives",
    "pattern": "does not match the documented pattern",
    "propertyNames": "is not a documented name of a property",
    "readOnly": "is read-only: it has no place in a request",
    "required": "is missing",
    "unevaluatedItems": "is more than the documented items",
    "unevaluatedProperties": "is not a documented property",
    "uniqueItems": "has items that are equal",
    "writeOnly": "is write-only: it has no place in a response",
}


def describe(keyword: str, limits: Mapping[str, Any]) -> str:
    """Say which rule was broken.

    Args:
        keyword: a JSON Schema keyword, or `readOnly`, `writeOnly`, `false`.
        limits: what the rule names (`limit`, `types`, `format`, `multiple_of`); nothing of the value.
    """
    if keyword == "type":
        return "is not of type " + " or ".join(sorted(limits["types"]))
    text = _TEXTS.get(keyword, "breaks the rule " + keyword.replace("{", "").replace("}", ""))
    return text.format_map(limits)
