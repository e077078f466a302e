"""Packs a document for the validators: JSON without prose, references and extensions intact."""

from __future__ import annotations

import json
from typing import Any

from unijob_codegen.pointers import is_list, is_object

_PROSE = frozenset({"description", "summary", "title", "tags", "externalDocs", "example", "examples", "$comment"})
_VERBATIM = frozenset({"default", "enum", "const", "required", "security", "mapping", "scopes"})
_OF_NAMES = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}  # of schemas
    | {"schemas", "responses", "parameters", "requestBodies", "headers", "securitySchemes", "links", "callbacks"}
    | {"pathItems", "paths", "webhooks", "content", "encoding", "variables"}
)
"""Keywords whose objects are maps: their keys are names, whatever they look like."""


def pack(content: dict[str, Any]) -> bytes:
    """Write the packed contract.

    What OpenAPI requires stays, though empty: a title and a version, a response's description.

    Args:
        content: an OpenAPI document.
    """
    packed = _node(content)
    info = content.get("info", {})
    kept = {key: value for key, value in info.items() if key.startswith("x-")}
    packed["info"] = {"title": info.get("title", ""), "version": info.get("version", ""), **kept}
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _node(node: Any) -> Any:
    if is_list(node):
        return [_node(item) for item in node]
    if not is_object(node):
        return node
    packed: dict[str, Any] = {}
    for key, value in node.items():
        if key in _PROSE:
            continue
        if key.startswith("x-") or key in _VERBATIM:
            packed[key] = value
        elif key in _OF_NAMES and is_object(value):
            packed[key] = {name: _named(key, name, item) for name, item in value.items()}
        else:
            packed[key] = _node(value)
    return packed


def _named(keyword: str, name: str, value: Any) -> Any:
    if name.startswith("x-") and keyword in {"paths", "responses", "callbacks"}:
        return value
    return _response(value) if keyword == "responses" else _node(value)


def _response(node: Any) -> Any:
    packed = _node(node)
    return {"description": "", **packed} if is_object(packed) and "$ref" not in packed else packed
