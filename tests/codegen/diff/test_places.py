"""Each change once, at the schema where it happened, with all that it reaches."""

from __future__ import annotations

import copy
from typing import Any

from tests.codegen.diff.making import JSON, document, only, ref, spec, thing, told
from unijob_codegen.diff.levels import Direction
from unijob_codegen.diff.operations import compare
from unijob_codegen.pointers import is_object

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def many(schema: Any, count: int = 50, **schemas: Any) -> dict[str, Any]:
    """A document of many operations that answer with one schema."""
    content = document(schemas)
    content["paths"] = {
        f"/{index}": {
            "get": {
                "operationId": f"op{index}",
                "responses": {"200": {"description": "", "content": {JSON: {"schema": copy.deepcopy(schema)}}}},
            }
        }
        for index in range(count)
    }
    return content


def test_shared_enum_once() -> None:
    """A value added to an enum that fifty operations share is one change that reaches fifty operations."""
    old, new = (many(obj(s=ref("S")), S={"type": "string", "enum": values}) for values in (["a"], ["a", "b"]))
    change = only(old, new)
    assert (str(change.place), change.finding.subject) == ("S", "b")
    assert change.reach == {(f"op{index}", RESPONSE) for index in range(50)}


def test_repeated_anonymous_schema_once() -> None:
    """An object that a document repeats in each operation changes once, with all its places."""
    old, new = (many(obj(a=TEXT, **more), 3) for more in ({}, {"b": TEXT}))
    change = only(old, new)
    assert [place.name for place in change.places] == ["op0", "op1", "op2"]
    assert {operation for operation, _ in change.reach} == {"op0", "op1", "op2"}
    old, new = (many(obj(s={"enum": values}), 3) for values in (["a", "b"], ["a", "b", "c"]))
    assert len(only(old, new).places) == 3


def test_alike_but_not_repeated() -> None:
    """Two components of one shape that change alike are two changes."""
    old, new = (
        document({"A": {"enum": values}, "B": {"enum": values}}, response=obj(a=ref("A"), b=ref("B")))
        for values in (["x", "y"], ["x", "y", "z"])
    )
    assert [str(change.place) for change in compare(old, new)] == ["A", "B"]


def test_named_in_one_document_only() -> None:
    """Where a repeated enum gets a name, or loses it, the change is at that name."""
    written = many(obj(s={"enum": ["a", "b"]}), 3)
    named = many(obj(s=ref("S")), 3, S={"enum": ["a", "b", "c"]})
    assert [(str(c.place), c.finding.kind) for c in compare(written, named)] == [("S", "enum-value-added")]
    assert [(str(c.place), c.finding.kind) for c in compare(named, written)] == [("S", "enum-value-removed")]


def test_through_all_of() -> None:
    """A property lost by a base that others extend is one change, at the base."""
    extended = {name: {"allOf": [ref("Base"), obj(**{name.lower(): TEXT})]} for name in ("A", "B")}
    old, new = (
        document({"Base": base, **extended}, response=obj(a=ref("A"), b=ref("B")))
        for base in (obj(id=TEXT, gone=TEXT), obj(id=TEXT))
    )
    assert told(compare(old, new)) == [("WARN", "property-removed", "Base /properties/gone", "gone")]


def test_reference_to_another_component() -> None:
    """Where a property refers to another component now, it is the property that changed, not the component."""
    schemas = {"S": {"enum": ["a", "b"]}, "T": {"enum": ["a", "c"]}}
    old, new = (thing(obj(s=ref(name), other=ref("S"), more=ref("T")), others=schemas) for name in ("S", "T"))
    assert told(compare(old, new)) == [
        ("INFO", "enum-value-removed", "Thing /properties/s", "b"),
        ("WARN", "enum-value-added", "Thing /properties/s", "c"),
    ]


def test_reference_to_another_object() -> None:
    """So it is deep in an object that is referred to in place of another, even one that contains itself."""
    first = obj(x=TEXT, next=ref("First"))
    second = obj(x=NUMBER, next=ref("Second"))
    schemas = {"First": first, "Second": second}
    old, new = (
        thing(obj(a=ref(name), one=ref("First"), two=ref("Second")), others=schemas) for name in ("First", "Second")
    )
    assert told(compare(old, new)) == [("ERR", "type-changed", "Thing /properties/a/properties/x", "type")]


def test_nullable_reference() -> None:
    """A property that may be null now changed itself, not the component that it refers to."""
    old, new = (
        thing(obj(s=schema, other=ref("S")), others={"S": obj(a=TEXT)})
        for schema in (ref("S"), {"anyOf": [ref("S"), {"type": "null"}]})
    )
    assert told(compare(old, new)) == [("ERR", "became-nullable", "Thing /properties/s", "")]


def test_change_behind_a_nullable_reference() -> None:
    """What changes in a component is at the component, also where the reference to it is nullable."""
    old, new = (
        thing(obj(s={"anyOf": [ref("S"), {"type": "null"}]}, other=ref("S")), others={"S": schema})
        for schema in (obj(a=TEXT), obj(a=NUMBER))
    )
    assert told(compare(old, new)) == [("ERR", "type-changed", "S /properties/a", "type")]


def test_alternative_beside_a_reference() -> None:
    """An alternative added beside a reference is at the schema that holds the reference."""
    old, new = (
        thing(obj(s=schema, other=ref("S")), others={"S": obj(a=TEXT)})
        for schema in (ref("S"), {"anyOf": [ref("S"), TEXT]})
    )
    assert told(compare(old, new)) == [("ERR", "alternative-added", "Thing /properties/s", "string")]


def test_cycles_end() -> None:
    """Schemas that lead back to themselves, in every way, are compared to an end."""
    schemas: dict[str, Any] = {
        "Tree": {**obj(value=TEXT, children={"type": "array", "items": ref("Tree")}), "additionalProperties": ref("A")},
        "A": {"allOf": [ref("B"), obj(a=ref("Tree"))]},
        "B": {"anyOf": [ref("A"), ref("B"), obj(b=ref("A")), TEXT]},
    }
    other = copy.deepcopy(schemas)
    other["Tree"]["properties"]["value"] = NUMBER
    old, new = (document(each, response=ref("Tree")) for each in (schemas, other))
    assert told(compare(old, new)) == [("ERR", "type-changed", "Tree /properties/value", "type")]


def test_component_parameter() -> None:
    """A component parameter is one place for all operations that take it, whatever happens to it."""
    old, new = spec("specs/mka1/2026-10.yaml"), spec("specs/mka1/2026-10.yaml")
    new["components"]["parameters"]["Limit"]["schema"]["maximum"] = 50
    change = only(old, new)
    assert (str(change.place), change.level.name) == ("parameter Limit /schema", "ERR")
    limited = {"$ref": "#/components/parameters/Limit"}
    operations = [operation for item in old["paths"].values() for operation in item.values() if is_object(operation)]
    takers = sorted(each["operationId"] for each in operations if limited in each.get("parameters", ()))
    assert "listEvalRuns" in takers
    assert change.operations(REQUEST) == takers


def test_inline_parameter_place() -> None:
    """A parameter in place is told by location and name, not by an index that depends on the order."""
    parameters = [{"name": name, "in": "query", "schema": TEXT} for name in ("a", "b")]
    old = document(operation={"parameters": parameters})
    parameters[1]["schema"] = NUMBER
    new = document(operation={"parameters": parameters[::-1]})
    assert str(only(old, new).place) == "operation use /parameters/query/b/schema"


def test_fingerprints() -> None:
    """A fingerprint holds through other levels, other orders and other operations, and tells changes apart."""
    old, new = spec("specs/mka1/2026-07.yaml"), spec("specs/mka1/2026-10.yaml")
    marks = [change.fingerprint for change in compare(old, new)]
    assert len(set(marks)) == len(marks) == 48
    for content in (old, new):
        content["paths"] = dict(reversed(content["paths"].items()))
        for schema in content["components"]["schemas"].values():
            if "properties" in schema:
                schema["properties"] = dict(reversed(schema["properties"].items()))
                schema.pop("required", None)
    assert sorted(change.fingerprint for change in compare(old, new)) == sorted(marks)
    assert "2e088999c2ae46fe" in marks


def test_constraint_on_several_uses() -> None:
    """A schema used in both directions reaches each operation in its direction."""
    old, new = (thing(obj(n={**NUMBER, "maximum": most}), direction="both") for most in (1, 2))
    change = only(old, new)
    assert change.reach == {("use", REQUEST), ("use", RESPONSE)}
    assert (change.finding.old, change.finding.new) == ("1", "2")
