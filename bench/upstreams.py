"""Synthetic upstream documents as large and as tangled as real ones; everything in them is made up."""

from __future__ import annotations

from typing import Any

PROSE = "A sentence that a vendor would write about this, at some length, and with an example or two. " * 2
_KINDS = ("queued", "running", "done", "failed")


def large(operations: int) -> dict[str, Any]:
    """Make an OpenAPI 3.1 document.

    Shapes are inlined in each operation, references go to components, into components and into paths, schemas refer to
    each other in cycles, and everything has prose and vendor extensions.

    Args:
        operations: how many operations it has: `get_thing_0`, `start_thing_1`, … in turn.
    """
    paths: dict[str, Any] = {}
    for number in range(0, operations, 2):
        item: dict[str, Any] = {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "get": _get(number),
        }
        if number + 1 < operations:
            item["post"] = _start(number)
        paths[f"/v1/things_{number}/{{id}}"] = item
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "7", "description": PROSE},
        "servers": [{"url": "https://things.example", "description": PROSE}],
        "tags": [{"name": "things", "description": PROSE}],
        "security": [{"key": []}],
        "paths": paths,
        "components": _components(operations),
        "x-vendor-navigation": [PROSE],
    }


def _get(number: int) -> dict[str, Any]:
    return {
        "operationId": f"get_thing_{number}",
        "tags": ["things"],
        "summary": f"Thing {number}",
        "description": PROSE,
        "x-vendor-group": "things",
        "parameters": [
            {
                "name": "order",
                "in": "query",
                "description": PROSE,
                "schema": {"type": "string", "enum": ["up", "down"]},
            },
            {"$ref": "#/components/parameters/Limit"},
        ],
        "responses": {
            "200": {
                "description": PROSE,
                "headers": {"x-left": {"$ref": "#/components/headers/Left"}},
                "content": {"application/json": {"schema": _thing(number), "example": {"id": "1"}}},
            },
            "404": {"$ref": "#/components/responses/Missing"},
        },
    }


def _start(number: int) -> dict[str, Any]:
    body = f"#/paths/~1v1~1things_{number}~1%7Bid%7D/get/responses/200/content/application~1json/schema"
    return {
        "operationId": f"start_thing_{number + 1}",
        "description": PROSE,
        "requestBody": {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/Order{number}"}}}},
        "responses": {
            "202": {"description": PROSE, "content": {"application/json": {"schema": {"$ref": body}}}},
            "404": {"$ref": "#/components/responses/Missing"},
        },
    }


def _thing(number: int) -> dict[str, Any]:
    fields = {name: {"type": "string", "description": PROSE, "examples": [name]} for name in ("id", "owner", "note")}
    return {
        "type": "object",
        "title": f"GetThing{number}Response",
        "description": PROSE,
        "required": ["id", "status"],
        "properties": {
            **fields,
            "status": {"type": "string", "enum": list(_KINDS), "description": PROSE},
            "counts": {
                "type": "object",
                "properties": {name: {"type": "integer", "format": "int64"} for name in ("total", "done", "failed")},
            },
            "node": {"$ref": "#/components/schemas/Node"},
            "parent_name": {"$ref": "#/components/schemas/Node/properties/name"},
        },
    }


def _components(operations: int) -> dict[str, Any]:
    orders = {
        f"Order{number}": {
            "type": "object",
            "description": PROSE,
            "properties": {"name": {"type": "string"}, "after": {"$ref": f"#/components/schemas/Order{number}"}},
        }
        for number in range(0, operations, 2)
    }
    return {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": PROSE}},
        "parameters": {
            "Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "description": PROSE},
            "Limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
        },
        "headers": {"Left": {"description": PROSE, "schema": {"type": "integer"}}},
        "responses": {
            "Missing": {
                "description": PROSE,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
        "schemas": {
            "Problem": {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}},
            "Node": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "description": PROSE},
                    "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
                },
            },
            **orders,
        },
    }
