"""Upstream documents for tests: small ones, and this project's own specs as a vendor would publish them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from unijob_codegen import decoding
from unijob_codegen.documents import operations
from unijob_codegen.intake.structure import walk
from unijob_codegen.naming import pascal_case
from unijob_codegen.packing import pack
from unijob_codegen.pointers import is_list, is_object, look_up

ROOT = Path(__file__).parents[3]
PROSE = "Words of the vendor that nobody else should repeat."
SOURCES = """\
[providers.shop]
title = "Shop"
operations = ["getOrder", "cancelOrder"]

[providers.shop.names]
"getOrder 200" = "Order"
"""


def small() -> dict[str, Any]:
    """Make a document of three operations; two of them inline one shape."""
    order = {
        "type": "object",
        "title": "GetOrderResponse",
        "description": PROSE,
        "required": ["status", "id"],
        "properties": {
            "id": {"type": "string", "example": "1"},
            "status": {"type": "string", "enum": ["open", "done"]},
            "buyer": {"$ref": "#/components/schemas/Person"},
        },
    }

    def operation(name: str) -> dict[str, Any]:
        body = {"application/json": {"schema": copy.deepcopy(order), "example": {"id": "1"}}}
        answers: dict[str, Any] = {"200": {"description": PROSE, "content": body}}
        return {"operationId": name, "summary": PROSE, "x-vendor": 1, "responses": answers}

    identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "3", "description": PROSE},
        "paths": {
            "/orders": {"get": operation("listOrders")},
            "/orders/{id}": {
                "parameters": [identity],
                "get": operation("getOrder"),
                "delete": operation("cancelOrder"),
            },
        },
        "components": {
            "schemas": {
                "Person": {"type": "object", "properties": {"friend": {"$ref": "#/components/schemas/Person"}}},
                "Unrelated": {"type": "object", "properties": {"x": {"type": "string"}}},
            }
        },
    }


def own(file: str) -> dict[str, Any]:
    """Read one of the project's specs."""
    return decoding.parse((ROOT / "specs" / file).read_bytes(), shown=file)


def published(content: dict[str, Any]) -> dict[str, Any]:
    """Write a spec as a vendor would publish it: nothing shared, a schema per operation and body, prose everywhere."""
    whole = copy.deepcopy(content)
    schemas: dict[str, Any] = {}
    whole["paths"] = _inlined(content, content["paths"])
    for _, _, _, operation in operations(whole):
        name = pascal_case(str(operation["operationId"]))
        bodies = [(f"{name}Request", operation.get("requestBody", {}))]
        bodies += [(f"{name}Response{status}", response) for status, response in operation["responses"].items()]
        for title, body in bodies:
            for media in body.get("content", {}).values():
                if "schema" in media:
                    schemas[title] = media["schema"]
                    media["schema"] = {"$ref": f"#/components/schemas/{title}"}
    whole["components"] = {"securitySchemes": content["components"]["securitySchemes"], "schemas": schemas}
    for _, kind, node in list(walk("document", whole)):
        if is_object(node) and "$ref" not in node and kind in {"schema", "operation", "parameter", "response"}:
            node.pop("x-unijob-time", None)
            node["description"] = PROSE
            node["x-speakeasy-name-override"] = "vendor"
    return whole


def _inlined(content: dict[str, Any], node: Any) -> Any:
    if is_list(node):
        return [_inlined(content, item) for item in node]
    if not is_object(node):
        return node
    beside = {key: _inlined(content, value) for key, value in node.items() if key != "$ref"}
    if isinstance(node.get("$ref"), str):
        return {**_inlined(content, look_up(content, node["$ref"])), **beside}
    return beside


def essence(content: dict[str, Any]) -> Any:
    """Give what a document says, without prose, title, revision and the order of what has none."""
    packed: dict[str, Any] = json.loads(pack(content))
    packed["info"] = {"version": packed["info"]["version"]}
    return _sorted("", packed)


def _sorted(key: str, node: Any) -> Any:
    if is_object(node):
        return {name: _sorted(name, node[name]) for name in sorted(node)}
    if is_list(node):
        items = [_sorted("", item) for item in node]
        return sorted(items, key=json.dumps) if key in {"required", "enum", "type"} else items
    return node
