"""Names: declared ones first, then upstream's, then derived ones; equal shapes are one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from unijob_codegen.errors import CodegenError
from unijob_codegen.intake import assembly, normal

JSON = "application/json"


def document(
    bodies: dict[str, Any], schemas: dict[str, Any] | None = None, *, version: str = "3.1.0"
) -> dict[str, Any]:
    """Make a document of one operation a body, which is its answer."""
    paths = {
        f"/{name}": {
            "get": {
                "operationId": name,
                "responses": {"200": {"description": "", "content": {JSON: {"schema": schema}}}},
            }
        }
        for name, schema in bodies.items()
    }
    return {"openapi": version, "info": {}, "paths": paths, "components": {"schemas": schemas or {}}}


def assembled(content: dict[str, Any], names: dict[str, str] | None = None, **shared: dict[str, str]) -> Any:
    normal.normalize(content)
    return assembly.assemble(content, info={"title": "", "version": ""}, names=names or {}, shared=shared)


def schemas(content: dict[str, Any], names: dict[str, str] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = assembled(content, names).content["components"]["schemas"]
    return found


def body_of(content: dict[str, Any], operation: str) -> Any:
    return content["paths"][f"/{operation}"]["get"]["responses"]["200"]["content"][JSON]["schema"]


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"id": {"type": "string"}, **properties}}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_a_declared_name_reaches_every_equal_shape() -> None:
    """Inlined twins and upstream components of the same shape take the one declared name."""
    content = document({"get": thing(), "stop": thing(), "list": ref("ListAnswer")}, {"ListAnswer": thing()})
    found = assembled(content, {"get 200": "Thing"}).content
    assert list(found["components"]["schemas"]) == ["Thing"]
    assert [body_of(found, name) for name in ("get", "stop", "list")] == [ref("Thing")] * 3


def test_an_upstream_schema_can_be_given_a_name() -> None:
    """One word is the name that upstream uses."""
    assert list(schemas(document({"get": ref("GetAnswer")}, {"GetAnswer": thing()}), {"GetAnswer": "Thing"})) == [
        "Thing"
    ]


def test_without_a_declaration_upstream_s_names_stay() -> None:
    """Two named components of one shape are two, and an inlined twin is the first of them."""
    content = document({"a": ref("A"), "b": ref("B"), "c": thing()}, {"A": thing(), "B": thing()})
    found = assembled(content).content
    assert list(found["components"]["schemas"]) == ["A", "B"]
    assert body_of(found, "c") == ref("A")


def test_names_are_derived_from_where_a_shape_stands() -> None:
    """Bodies are called after their operation, inner shapes after the property, item or value that they are."""
    content = document(
        {
            "getThing": thing(
                state={"type": "string", "enum": ["a", "b"]},
                parts={"type": "array", "items": thing(n={"type": "integer"})},
                labels={"type": "object", "additionalProperties": thing(v={"type": "number"})},
                either={"anyOf": [thing(a={"type": "null"}), thing(b={"type": "null"})]},
            )
        }
    )
    assert list(schemas(content)) == [
        "GetThingResponse",
        "GetThingResponseState",
        "GetThingResponsePartsItem",
        "GetThingResponseLabelsValue",
        "GetThingResponseEither1",
        "GetThingResponseEither2",
    ]


def test_enums_are_one_only_where_declared() -> None:
    """Equal members are no reason to be one enum; a name given to both is."""
    state = {"type": "string", "enum": ["on", "off"]}
    content = document({"a": thing(state=state, x=dict(state)), "b": thing(state=dict(state))})
    assert len(schemas(content)) == 5
    names = {"a 200 /state": "State", "b 200 /state": "State", "a 200 /x": "Switch"}
    content = document({"a": thing(state=dict(state), x=dict(state)), "b": thing(state=dict(state))})
    assert list(schemas(content, names)) == ["AResponse", "State", "Switch", "BResponse"]


def test_a_name_under_a_twin_holds_for_all() -> None:
    """An address may go through any of the shapes that are one."""
    state = {"type": "string", "enum": ["on", "off"]}
    content = document({"a": thing(state=state), "b": thing(state=dict(state))})
    assert "Switch" in schemas(content, {"b 200 /state": "Switch"})


def test_addresses_go_through_arrays_null_and_maps() -> None:
    """Only the values of a map need a segment, and alternatives their number."""
    inner = thing(deep=thing(x={"type": "integer"}))
    content = document(
        {
            "a": {
                "type": "object",
                "properties": {
                    "data": {"type": "array", "items": {"anyOf": [inner, {"type": "null"}]}},
                    "map": {"type": "object", "additionalProperties": thing(y={"type": "integer"})},
                    "one": {"oneOf": [{"type": "string"}, thing(z={"type": "integer"})]},
                },
            }
        }
    )
    names = {"a 200 /data": "Item", "a 200 /data/deep": "Deep", "a 200 /map/*": "Value", "a 200 /one/1": "Second"}
    assert list(schemas(content, names)) == ["AResponse", "Item", "Deep", "Value", "Second"]


def test_shapes_are_compared_through_references_and_cycles() -> None:
    """Two trees that hold themselves are one shape, if all else agrees."""
    nodes = {name: thing(next=ref(name)) for name in ("NodeA", "NodeB")}
    content = document({"a": ref("NodeA"), "b": ref("NodeB")}, nodes)
    assert schemas(content, {"a 200": "Node"}) == {"Node": thing(next=ref("Node"))}


def test_prose_and_order_make_no_difference() -> None:
    """Twins may differ in their words, and in the order of what has none."""
    one = {**thing(n={"type": ["integer", "null"]}), "required": ["id", "n"], "description": "One"}
    other = {"properties": dict(reversed(list(thing(n={"type": ["null", "integer"]})["properties"].items())))}
    content = document({"a": one, "b": {**other, "type": "object", "required": ["n", "id"], "title": "Other"}})
    assert list(schemas(content, {"a 200": "Thing"})) == ["Thing"]


def test_one_name_for_two_shapes_stops() -> None:
    """The message names both places and where they differ."""
    content = document({"a": thing(), "b": thing(more=thing(n={"type": "string"})), "c": thing(id={"type": "integer"})})
    with pytest.raises(CodegenError) as caught:
        assembled(content, {"a 200": "Thing", "b 200": "Thing", "c 200": "Thing"})
    assert "Thing: 'a 200' and 'b 200' differ at /properties/more" in str(caught.value)
    assert "Thing: 'a 200' and 'c 200' differ at /properties/id" in str(caught.value)


def test_two_names_for_one_schema_stop() -> None:
    """A component has one name."""
    content = document({"a": ref("A"), "b": ref("A")}, {"A": thing()})
    with pytest.raises(CodegenError, match=re.escape("'a 200' and 'b 200' are one schema, with two names")):
        assembled(content, {"a 200": "One", "b 200": "Other"})


def test_twins_may_keep_names_of_their_own() -> None:
    """Where two names are declared for one shape, each place keeps its own."""
    content = document({"a": thing(), "b": thing()})
    found = assembled(content, {"a 200": "One", "b 200": "Other"}).content
    assert [body_of(found, name) for name in ("a", "b")] == [ref("One"), ref("Other")]


def test_addresses_that_lead_nowhere_are_told() -> None:
    """A name that nothing has any more stops nothing."""
    names = {"gone 200": "A", "a 404": "B", "a 200 /gone": "C", "a request": "D", "a query q": "E", "Gone": "F"}
    assert set(assembled(document({"a": thing()}), names).unused) == names.keys()


def test_a_nullable_object_is_its_shape_or_null() -> None:
    """What may be null is one with what may not, in OpenAPI 3.1."""
    nullable = {**thing(), "type": ["object", "null"]}
    content = document({"a": thing(), "b": {"type": "object", "properties": {"last": nullable}}})
    found = schemas(content, {"a 200": "Thing"})
    assert found["BResponse"]["properties"]["last"] == {"anyOf": [ref("Thing"), {"type": "null"}]}


def test_a_default_stands_beside_the_reference() -> None:
    """An enum with a default is one with the same enum without, in OpenAPI 3.1."""
    state = {"type": "string", "enum": ["a", "b"]}
    content = document({"a": thing(x=state, y={**state, "default": "a"})})
    found = schemas(content, {"a 200 /x": "State", "a 200 /y": "State"})
    assert found["AResponse"]["properties"]["y"] == {**ref("State"), "default": "a"}


def test_a_discriminator_keeps_its_tags() -> None:
    """The tags that upstream's names implied are written down when the names change."""
    union = {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind"}}
    kinds = {name: thing(kind={"type": "string"}, **{name: {"type": "string"}}) for name in ("Cat", "Dog")}
    found = schemas(document({"a": union}, kinds), {"Cat": "Tom"})
    assert found["AResponse"]["discriminator"]["mapping"] == {"Cat": "#/components/schemas/Tom"}


def test_parts_that_operations_share_become_components() -> None:
    """Parameters and errors that occur twice are written once; a success stays where it is."""
    content = document({"a": thing(), "b": thing()})
    for item in content["paths"].values():
        item["get"]["parameters"] = [{"name": "x-end-user", "in": "header", "schema": {"type": "string"}}]
        item["get"]["responses"]["404"] = {"description": ""}
    found = assembled(content, parameters={"a header x-end-user": "EndUser"}).content
    assert found["components"]["parameters"].keys() == {"EndUser"}
    assert found["components"]["responses"] == {"NotFound": {"description": "Not Found"}}
    assert found["paths"]["/b"]["get"]["parameters"] == [{"$ref": "#/components/parameters/EndUser"}]
    assert "$ref" not in found["paths"]["/b"]["get"]["responses"]["200"]


def test_openapi_30_stays_openapi_30() -> None:
    """There is nothing beside a reference, no list of types and no constant in OpenAPI 3.0."""
    state = {"type": "string", "enum": ["a", "b"], "default": "a"}
    one = {"type": "string", "enum": ["only"]}
    content = document(
        {"a": thing(state=state, one=one, x={"allOf": [ref("X")], "nullable": True})}, {"X": thing()}, version="3.0.3"
    )
    found = schemas(content)
    assert found["AResponse"]["properties"] == {
        "id": {"type": "string"},
        "state": ref("AResponseState"),
        "one": one,
        "x": {"allOf": [ref("X")], "nullable": True},
    }
    assert found["AResponseState"] == state
