"""Writes what can be written in several ways in one way, so that equal shapes look alike."""

from __future__ import annotations

from typing import Any

from unijob_codegen.intake.shapes import is_enum, is_mergeable
from unijob_codegen.intake.structure import walk
from unijob_codegen.pointers import is_list, is_object

_ANNOTATIONS = ("default", "deprecated", "readOnly", "writeOnly")
_COMPONENT_DEPTH = 3


def normalize(content: dict[str, Any]) -> None:
    """Normalise all schemas of a slice, in place.

    Required properties stand in the order of the properties. In OpenAPI 3.1, a list of one type is that type, an enum
    of one value is a constant, and an object or enum that may be null, or has a default of its own, stands by itself as
    an alternative, so that it can be one with its like.

    Args:
        content: a slice without defects.
    """
    is_30 = str(content["openapi"]).startswith("3.0.")
    for pointer, kind, node in list(walk("document", content)):
        if kind == "schema" and is_object(node):
            _order_required(node)
            if not is_30:
                _simplify(node)
                _split_null(node)
                if pointer.count("/") > _COMPONENT_DEPTH or not pointer.startswith("#/components/schemas/"):
                    _split_annotations(node)


def _order_required(node: dict[str, Any]) -> None:
    required, properties = node.get("required"), node.get("properties")
    if is_list(required) and is_object(properties):
        kept = [name for name in properties if name in required]
        node["required"] = [*kept, *(name for name in required if name not in properties)]
    if node.get("required") == []:
        del node["required"]


def _simplify(node: dict[str, Any]) -> None:
    types = node.get("type")
    if is_list(types) and len(types) == 1:
        node["type"] = types[0]
    values = node.get("enum")
    if is_list(values) and len(values) == 1 and "const" not in node:
        node.update({"const" if key == "enum" else key: value for key, value in _taken(node)})
        node["const"] = values[0]


def _taken(node: dict[str, Any]) -> list[tuple[str, Any]]:
    """Empty an object, so that it can be filled again in its order."""
    entries = list(node.items())
    node.clear()
    return entries


def _split_null(node: dict[str, Any]) -> None:
    types, values = node.get("type"), node.get("enum")
    if not (is_list(types) and "null" in types and (node.get("properties") or values is not None)):
        return
    may_be_null = values is None or None in values
    others = [type_ for type_ in types if type_ != "null"]
    shape = dict(_taken(node))
    outside: dict[str, Any] = {key: shape.pop(key) for key in _ANNOTATIONS if key in shape}
    shape["type"] = others[0] if len(others) == 1 else others
    if values is not None:
        shape["enum"] = [value for value in values if value is not None]
    _simplify(shape)
    if may_be_null:
        node.update({**outside, "anyOf": [shape, {"type": "null"}]})
    else:
        node.update({**outside, **shape})


def _split_annotations(node: dict[str, Any]) -> None:
    if not (is_mergeable(node) or is_enum(node)) or not any(key in node for key in _ANNOTATIONS):
        return
    shape = dict(_taken(node))
    node["anyOf"] = [shape]
    node.update({key: shape.pop(key) for key in _ANNOTATIONS if key in shape})
