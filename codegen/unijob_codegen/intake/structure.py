"""What lies where in an OpenAPI document: the kind of every object.

So a property that is called `description` is not taken for prose.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeGuard

from unijob_codegen.documents import METHODS
from unijob_codegen.pointers import escape, is_list, is_object, look_up

Child = tuple[tuple[str, ...], str, Any]
"""The segments that lead to an object within its parent, its kind, and the object."""

_ONE, _MAP, _LIST = "one", "map", "list"

_PARAMETER = {"schema": (_ONE, "schema"), "content": (_MAP, "media")}
_FIELDS: dict[str, dict[str, tuple[str, str]]] = {
    "document": {"paths": (_MAP, "path_item"), "components": (_ONE, "components")},
    "components": {
        "schemas": (_MAP, "schema"),
        "responses": (_MAP, "response"),
        "parameters": (_MAP, "parameter"),
        "requestBodies": (_MAP, "body"),
        "headers": (_MAP, "header"),
        "securitySchemes": (_MAP, "security_scheme"),
    },
    "path_item": {"parameters": (_LIST, "parameter"), **dict.fromkeys(METHODS, (_ONE, "operation"))},
    "operation": {
        "parameters": (_LIST, "parameter"),
        "requestBody": (_ONE, "body"),
        "responses": (_MAP, "response"),
    },
    "parameter": _PARAMETER,
    "header": _PARAMETER,
    "body": {"content": (_MAP, "media")},
    "media": {"schema": (_ONE, "schema"), "encoding": (_MAP, "encoding")},
    "encoding": {"headers": (_MAP, "header")},
    "response": {"headers": (_MAP, "header"), "content": (_MAP, "media")},
    "security_scheme": {},
    "schema": {
        **dict.fromkeys(
            ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"), (_MAP, "schema")
        ),
        **dict.fromkeys(("items", "additionalProperties", "not", "if", "then", "else"), (_ONE, "schema")),
        **dict.fromkeys(("contains", "propertyNames", "contentSchema"), (_ONE, "schema")),
        **dict.fromkeys(("unevaluatedItems", "unevaluatedProperties"), (_ONE, "schema")),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), (_LIST, "schema")),
    },
}

SECTIONS = {kind: section for section, (_, kind) in _FIELDS["components"].items()}
"""The section of the components that holds a kind."""

PROSE = frozenset({"description", "summary", "title", "tags", "externalDocs", "example", "examples", "$comment"})


def is_prose(key: str) -> bool:
    """Whether a keyword is the vendor's prose or extension; this project's own extensions are not."""
    return key in PROSE or (key.startswith("x-") and not key.startswith("x-unijob-"))


def children(kind: str, node: dict[str, Any]) -> Iterator[Child]:
    """Give the objects directly inside another, whatever they are; a reference object has none but a schema's."""
    if "$ref" in node and kind != "schema":
        return
    for key, (shape, child_kind) in _FIELDS[kind].items():
        value = node.get(key)
        if value is None:
            continue
        if shape == _ONE:
            yield (key,), child_kind, value
        elif shape == _MAP and is_object(value):
            for name, item in value.items():
                if not (name.startswith("x-") and child_kind in {"path_item", "response"}):
                    yield (key, name), child_kind, item
        elif shape == _LIST and is_list(value):
            for index, item in enumerate(value):
                yield (key, str(index)), child_kind, item


def walk(kind: str, node: Any, pointer: str = "#") -> Iterator[tuple[str, str, Any]]:
    """Give an object and all inside it, with pointer and kind."""
    yield pointer, kind, node
    if is_object(node):
        for segments, child_kind, child in children(kind, node):
            yield from walk(child_kind, child, "/".join([pointer, *(escape(segment) for segment in segments)]))


def is_reference(node: Any) -> TypeGuard[dict[str, str]]:
    """Whether an object is a reference and nothing else."""
    return is_object(node) and len(node) == 1 and isinstance(node.get("$ref"), str)


def follow(content: Any, node: Any) -> Any:
    """Follow plain references to what they stand for.

    Raises:
        LookupError: one leads nowhere, or back to itself.
    """
    seen: set[str] = set()
    while is_reference(node):
        ref = node["$ref"]
        if ref in seen or not ref.startswith("#"):
            raise LookupError(ref)
        seen.add(ref)
        node = look_up(content, ref)
    return node
