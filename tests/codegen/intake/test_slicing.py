"""A slice holds the operations asked for and what they refer to, wherever that stands."""

from __future__ import annotations

from typing import Any

import pytest

from bench.upstreams import PROSE, large
from unijob_codegen.errors import CodegenError
from unijob_codegen.intake import defects, slicing


def cut(content: dict[str, Any], *operations: str, **options: Any) -> dict[str, Any]:
    return slicing.cut(content, operations, shown="x", **options).content


def test_references_into_everything_are_followed() -> None:
    """Components, what stands inside one, and what stands under a path that is not kept come along."""
    content = cut(large(100), "start_thing_41")
    assert list(content["paths"]) == ["/v1/things_40/{id}"]
    assert list(content["paths"]["/v1/things_40/{id}"]) == ["post"]
    schemas = content["components"]["schemas"]
    assert {"Order40", "Node", "Problem"} < schemas.keys()
    assert not any(name.startswith("Order") and name != "Order40" for name in schemas)
    body = content["paths"]["/v1/things_40/{id}"]["post"]["responses"]["202"]["content"]["application/json"]["schema"]
    moved = schemas[body["$ref"].rpartition("/")[2]]
    assert moved["properties"]["status"]["enum"] == ["queued", "running", "done", "failed"]
    assert defects.find(content) == []


def test_no_prose_is_left() -> None:
    """Nothing of the vendor's words or extensions is in a slice."""
    content = str(cut(large(20), "*"))
    assert PROSE[:40] not in content
    assert "x-vendor" not in content


def test_the_document_is_not_changed() -> None:
    """A slice shares nothing with what it was cut from."""
    content = large(4)
    cut(content, "get_thing_0")["components"]["schemas"]["Node"]["properties"].clear()
    assert content == large(4)


def test_parameters_of_a_path_are_its_operations() -> None:
    """An operation's own parameter takes the place of its path's of the same name."""
    content = large(2)
    own = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    content["paths"]["/v1/things_0/{id}"]["get"]["parameters"] = [own]
    item = cut(content, "*")["paths"]["/v1/things_0/{id}"]
    assert item["get"]["parameters"] == [own]
    assert item["post"]["parameters"] == [{"$ref": "#/components/parameters/Id"}]
    assert "parameters" not in item


def test_a_path_item_may_be_a_reference() -> None:
    """A path that refers to another one's item is read like any other."""
    content = large(2)
    content["paths"]["/again"] = {"$ref": "#/paths/~1v1~1things_0~1%7Bid%7D"}
    del content["paths"]["/again"]
    content["x-items"] = {"one": content["paths"].pop("/v1/things_0/{id}")}
    content["paths"]["/v1/things_0/{id}"] = {"$ref": "#/x-items/one"}
    assert list(cut(content, "get_thing_0")["paths"]) == ["/v1/things_0/{id}"]


def test_tags_of_a_discriminator_are_followed() -> None:
    """A mapping keeps the schemas that it names, by reference or by name alone."""
    content = large(2)
    content["components"]["schemas"] |= {"A": {"type": "object"}, "B": {"type": "object"}}
    mapping = {"a": "#/components/schemas/A", "b": "B"}
    content["components"]["schemas"]["Order0"]["discriminator"] = {"propertyName": "k", "mapping": mapping}
    schemas = cut(content, "start_thing_1")["components"]["schemas"]
    assert {"A", "B"} < schemas.keys()
    assert schemas["Order0"]["discriminator"]["mapping"]["b"] == "#/components/schemas/B"


def test_what_leads_nowhere_stays_for_a_repair() -> None:
    """A dangling reference is no reason to stop: the search for defects lists it."""
    content = large(2)
    content["components"]["schemas"]["Order0"]["properties"]["after"] = {"$ref": "#/components/schemas/Gone"}
    sliced = cut(content, "start_thing_1")
    assert defects.find(sliced) == [
        "#/components/schemas/Order0/properties/after: refers to '#/components/schemas/Gone', which is not there"
    ]


def test_nothing_to_keep_stops() -> None:
    """A slice of no operations is no contract, allowed or not."""
    with pytest.raises(CodegenError, match="gone"):
        cut(large(2), "gone", allow_missing=True)


def test_security_schemes_are_kept_by_name() -> None:
    """A scheme that the document or an operation asks for comes along."""
    content = large(2)
    content["components"]["securitySchemes"] |= {"other": {"type": "http", "scheme": "basic"}, "unused": {}}
    content["paths"]["/v1/things_0/{id}"]["get"]["security"] = [{"other": []}]
    assert cut(content, "get_thing_0")["components"]["securitySchemes"].keys() == {"key", "other"}
