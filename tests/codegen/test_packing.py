"""The packed contract: what validators need, and no prose."""

from __future__ import annotations

import json
from typing import Any

from unijob_codegen.packing import pack


def packed(content: dict[str, Any]) -> Any:
    return json.loads(pack({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, **content}))


def test_prose_goes_and_names_stay() -> None:
    """A property called `title` or `example` is no prose, wherever maps of names are."""
    names = ["title", "description", "summary", "example", "examples", "tags", "externalDocs", "x-y", "properties"]
    schema = {
        "title": "T",
        "description": "D",
        "example": 1,
        "properties": {n: {"type": "string", "title": "T"} for n in names},
    }
    found = packed({"components": {"schemas": dict.fromkeys(names, schema)}})["components"]["schemas"]
    assert list(found) == names
    assert found["title"] == {"properties": {name: {"type": "string"} for name in names}}


def test_values_and_extensions_stay_as_they_are() -> None:
    """Defaults, enums, constants and extensions are data."""
    value = {"title": "T", "description": "D"}
    schema = {"default": value, "enum": [value], "const": value, "x-any": value}
    found = packed({"components": {"schemas": {"A": schema}}, "paths": {"x-p": value}, "x-top": value})
    assert found["components"]["schemas"]["A"] == schema
    assert (found["paths"]["x-p"], found["x-top"]) == (value, value)


def test_what_openapi_requires_stays() -> None:
    """A title, a version, and a response's description, though empty."""
    found = packed(
        {
            "info": {"title": "T", "version": "1", "description": "D", "x-a": 1},
            "tags": [],
            "paths": {"/a": {"get": {"responses": {"200": {"description": "D"}, "404": {"$ref": "#/x"}}}}},
        }
    )
    assert found["info"] == {"title": "T", "version": "1", "x-a": 1}
    assert found["paths"]["/a"]["get"]["responses"] == {"200": {"description": ""}, "404": {"$ref": "#/x"}}
    assert "tags" not in found


def test_references_and_order_stay() -> None:
    """Compact, in the document's own order, references intact."""
    data = pack({"openapi": "3.0.0", "info": {}, "components": {"schemas": {"b": {"$ref": "#/é"}, "a": {}}}})
    assert data == (
        '{"openapi":"3.0.0","info":{"title":"","version":""},'
        '"components":{"schemas":{"b":{"$ref":"#/é"},"a":{}}}}\n'.encode()
    )
