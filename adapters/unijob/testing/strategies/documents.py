"""What stands in an OpenAPI document: its answers and operations, with references followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import attrs

Schema = Mapping[str, Any]

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
ALL_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


@attrs.frozen(kw_only=True)
class Answer:
    """A documented JSON response."""

    operation: str
    status: str
    schema: Schema


def answers(document: Mapping[str, Any]) -> Iterator[Answer]:
    """Give every response of a document that has a JSON schema."""
    items: Iterable[Mapping[str, Any]] = document["paths"].values()
    for item in items:
        for operation in (value for method, value in item.items() if method in METHODS):
            for status, written in operation["responses"].items():
                content: Mapping[str, Any] = resolve(document, written).get("content", {})
                schema = content.get("application/json", {}).get("schema")
                if schema is not None:
                    yield Answer(operation=operation["operationId"], status=status, schema=schema)


def resolve(document: Mapping[str, Any], node: Schema) -> Schema:
    """Follow references until there is none."""
    while "$ref" in node:
        target: Any = document
        for step in unquote(node["$ref"]).removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def merged(document: Mapping[str, Any], *schemas: Schema) -> Schema:
    """Give one schema for several that hold at once; of what contradicts, the last wins."""
    told = [schema for schema in schemas if schema]
    if len(told) == 1:
        return told[0]
    found: dict[str, Any] = {}
    for schema in (resolve(document, one) for one in told):
        properties = {**found.get("properties", {}), **schema.get("properties", {})}
        required = [*found.get("required", ()), *schema.get("required", ())]
        found |= schema
        found |= {"properties": properties} if properties else {}
        found |= {"required": required} if required else {}
    return found


def types_of(schema: Schema) -> frozenset[str]:
    """Give the types that a schema allows."""
    types = schema.get("type", ALL_TYPES)
    names = frozenset([types] if isinstance(types, str) else types)
    names |= {"integer"} if "number" in names else frozenset()
    return names | {"null"} if schema.get("nullable") is True else names


def is_any(value: Any, types: frozenset[str]) -> bool:
    """Tell whether a value is of one of some types."""
    if isinstance(value, bool) or value is None:
        return ("null" if value is None else "boolean") in types
    if isinstance(value, int | float):
        return "number" in types or ("integer" in types and float(value).is_integer())
    return ("string" if isinstance(value, str) else "array" if isinstance(value, list) else "object") in types


def members(schema: Schema) -> list[Any]:
    """Give the values that `const` or `enum` lists, without those that the schema's own types rule out."""
    listed = [schema["const"]] if "const" in schema else schema["enum"]
    return [value for value in listed if is_any(value, types_of(schema))]
