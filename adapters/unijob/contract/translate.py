"""One schema object of OpenAPI 3.0 or 3.1 as JSON Schema 2020-12, without what asserts nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unijob.contract.formats import KNOWN, RANGES

if TYPE_CHECKING:
    from collections.abc import Mapping

APPLICATORS = frozenset(
    {
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "contains",
        "dependentSchemas",
        "else",
        "if",
        "items",
        "not",
        "oneOf",
        "patternProperties",
        "prefixItems",
        "properties",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
ASSERTIONS = frozenset(
    {
        "const",
        "dependentRequired",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maxContains",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minContains",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "pattern",
        "required",
        "type",
        "uniqueItems",
    }
)
KEYWORDS = APPLICATORS | ASSERTIONS
COMPOSING = frozenset({"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"})


def translate(schema: Mapping[str, Any], *, legacy: bool) -> dict[str, Any]:
    """Give the asserting keywords of one schema object, its subschemas untouched.

    Args:
        schema: the object as written.
        legacy: whether its document is OpenAPI 3.0, where the siblings of `$ref` say nothing.
    """
    if legacy and "$ref" in schema:
        return {"$ref": schema["$ref"]}
    result = {key: value for key, value in schema.items() if key in KEYWORDS and (value is not None or key == "const")}
    if isinstance(result.get("required"), bool):  # the habit of JSON Schema draft 3
        del result["required"]
    _bounds(result)
    _format(result)
    if legacy and schema.get("nullable") is True:
        _nullable(result)
    return result


def is_wrapped_nullable(schema: Mapping[str, Any], *, legacy: bool) -> bool:
    """Tell whether null is allowed beside a composition that itself refuses it (OpenAPI 3.0)."""
    return legacy and schema.get("nullable") is True and "$ref" not in schema and not COMPOSING.isdisjoint(schema)


def types_of(schema: Mapping[str, Any]) -> frozenset[str] | None:
    """Give the types that a translated schema names itself, or None where it names none."""
    types = schema.get("type")
    if types is None:
        return None
    return frozenset([types] if isinstance(types, str) else types)


def _bounds(result: dict[str, Any]) -> None:
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(result.get(exclusive), bool) and result.pop(exclusive) and bound in result:
            result[exclusive] = result.pop(bound)


def _format(result: dict[str, Any]) -> None:
    name = str(result.get("format"))
    if name not in KNOWN:
        result.pop("format", None)
    types = types_of(result) or frozenset()
    if name in RANGES and types & {"integer", "number"}:
        low, high = RANGES[name]
        result["minimum"] = max(low, result.get("minimum", low))
        result["maximum"] = min(high, result.get("maximum", high))
        if "string" not in types:
            del result["format"]


def _nullable(result: dict[str, Any]) -> None:
    types = types_of(result)
    if types is not None:
        result["type"] = sorted(types | {"null"})
    if "enum" in result and None not in result["enum"]:
        result["enum"] = [*result["enum"], None]
