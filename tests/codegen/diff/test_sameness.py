"""The same contract in other words has no changes."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.codegen.diff.making import document, ref, spec, thing, told
from unijob_codegen.diff.operations import compare
from unijob_codegen.pointers import is_list, is_object

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
COLOR = {"type": "string", "enum": ["red", "green"]}
BASE = {"type": "object", "required": ["id"], "properties": {"id": TEXT}}
OTHERS = {"Base": BASE, "Color": COLOR}

# a schema of 3.0 and one of 3.1 that say the same
ACROSS: list[tuple[Any, Any]] = [
    ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    ({"type": "string", "nullable": True}, {"anyOf": [TEXT, {"type": "null"}]}),
    ({"type": "string", "nullable": True, "enum": ["a", None]}, {"type": ["string", "null"], "enum": ["a", None]}),
    ({"type": "string", "nullable": True, "enum": ["a"]}, {"enum": ["a", None]}),
    ({"allOf": [ref("Base")], "nullable": True}, {"anyOf": [ref("Base"), {"type": "null"}]}),
    ({"allOf": [ref("Base")], "nullable": True}, {"oneOf": [{"type": "null"}, ref("Base")]}),
    (
        {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        {"type": "integer", "exclusiveMinimum": 0},
    ),
    ({"type": "number", "maximum": 1.5, "exclusiveMaximum": True}, {"type": "number", "exclusiveMaximum": 1.5}),
    ({"type": "integer", "minimum": 0, "exclusiveMinimum": False}, {"type": "integer", "minimum": 0}),
    ({"type": "string", "enum": ["a"]}, {"const": "a"}),
    ({"type": "string", "example": "x"}, {"type": "string", "examples": ["y"]}),
    ({"nullable": True, "type": "array", "items": ref("Color")}, {"type": ["null", "array"], "items": ref("Color")}),
]

# two schemas that say the same
WITHIN: list[tuple[Any, Any]] = [
    ({"type": ["string", "integer"]}, {"anyOf": [NUMBER, TEXT]}),
    ({"anyOf": [TEXT, ref("Base")]}, {"oneOf": [ref("Base"), TEXT]}),
    ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
    ({"type": "integer", "exclusiveMaximum": 10}, {"type": "integer", "maximum": 9}),
    ({"type": "string", "minLength": 0}, TEXT),
    ({"type": "array", "minItems": 0, "uniqueItems": False, "items": {}}, {"type": "array"}),
    ({"type": "object", "additionalProperties": True, "required": []}, {"type": "object"}),
    ({"type": "object", "additionalProperties": {}}, {"type": "object", "additionalProperties": True}),
    ({"properties": {"a": TEXT}}, {"type": "object", "properties": {"a": TEXT}}),
    (ref("Base"), BASE),
    (ref("Base"), {"allOf": [ref("Base")]}),
    (
        {"allOf": [ref("Base"), {"type": "object", "required": ["a"], "properties": {"a": TEXT}}]},
        {"type": "object", "required": ["id", "a"], "properties": {"a": TEXT, "id": TEXT}},
    ),
    ({"type": "object", "properties": {"c": COLOR}}, {"type": "object", "properties": {"c": ref("Color")}}),
    ({"type": "array", "items": COLOR}, {"type": "array", "items": ref("Color")}),
    ({**COLOR, "title": "Color", "description": "A color.", "x-order": 3}, {"enum": ["green", "red"]}),
    ({**ref("Color"), "description": "Its color."}, ref("Color")),
    ({**ref("Color"), "default": "red"}, {**COLOR, "default": "red"}),
    ({"type": "number"}, {"type": ["number", "integer"]}),
    ({"type": "integer", "x-unijob-time": "unix-seconds"}, NUMBER),
    ({"anyOf": [{"anyOf": [TEXT, NUMBER]}, BASE]}, {"anyOf": [TEXT, BASE, NUMBER]}),
    ({"type": "object", "properties": {"a": {}}}, {"type": "object", "properties": {"a": True}}),
]


@pytest.mark.parametrize("direction", ["response", "request"])
@pytest.mark.parametrize(("old", "new"), ACROSS)
def test_versions(old: Any, new: Any, direction: str) -> None:
    """A document moved from 3.0 to 3.1, or back, that means the same has no changes."""
    before = thing(old, direction=direction, others=OTHERS, version="3.0.3")
    after = thing(new, direction=direction, others=OTHERS)
    assert told(compare(before, after)) == []
    assert told(compare(after, before)) == []


@pytest.mark.parametrize("direction", ["response", "request"])
@pytest.mark.parametrize(("old", "new"), WITHIN)
def test_wordings(old: Any, new: Any, direction: str) -> None:
    """Two ways to say the same are no change, in a component and within an operation."""
    for one, other in ((old, new), (new, old)):
        before, after = (thing(schema, direction=direction, others=OTHERS) for schema in (one, other))
        assert told(compare(before, after)) == []
        inline = [document(OTHERS, **{direction: schema}) for schema in (one, other)]
        assert told(compare(*inline)) == []


def test_renamed_component() -> None:
    """A component under another name that is the same is no change."""
    old = document({"Run": BASE}, response=ref("Run"))
    assert told(compare(old, document({"EvalRun": BASE}, response=ref("EvalRun")))) == []


def test_renamed_alternatives() -> None:
    """The alternatives of a union under other names are no change."""
    cat = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}, "name": TEXT}}
    dog = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}, "age": NUMBER}}
    old = document({"Cat": cat, "Dog": dog}, response={"oneOf": [ref("Cat"), ref("Dog")]})
    new = document({"C": cat, "D": dog}, response={"oneOf": [ref("D"), ref("C")]})
    assert told(compare(old, new)) == []


def test_path_variables() -> None:
    """A component parameter, response and body written out in place, and shared by a path, are no change."""
    limit = {"name": "limit", "in": "query", "schema": NUMBER}
    fine = {"description": "", "content": {"application/json": {"schema": TEXT}}}
    old = document(operation={"parameters": [limit], "responses": {"200": fine}})
    new = document(
        operation={"responses": {"200": {"$ref": "#/components/responses/Fine"}}},
        responses={"Fine": fine},
        parameters={"Limit": limit},
    )
    new["paths"]["/use"]["parameters"] = [{"$ref": "#/components/parameters/Limit"}]
    assert told(compare(old, new)) == []


def test_whole_spec_in_the_other_version() -> None:
    """The project's specs, moved to the other version of OpenAPI, have no changes."""
    gradient = spec("specs/gradient/2026-08.yaml")
    assert told(compare(gradient, {**gradient, "openapi": "3.1.0"})) == []
    for revision in ("2026-07", "2026-10"):
        mka1 = _sayable_in_30(spec(f"specs/mka1/{revision}.yaml"))
        assert told(compare(mka1, {**_to_30(copy.deepcopy(mka1)), "openapi": "3.0.3"})) == []


def _sayable_in_30(node: Any) -> Any:
    """Keep one of several types: 3.0 has no word for more."""
    if is_list(node):
        return [_sayable_in_30(item) for item in node]
    if not is_object(node):
        return node
    node = {key: _sayable_in_30(value) for key, value in node.items()}
    if is_list(types := node.get("type")):
        node["type"] = [*[each for each in types if each != "null"][:1], "null"]
    return node


def _to_30(node: Any) -> Any:
    """Say with the words of 3.0 what these specs say with those of 3.1."""
    if is_list(node):
        return [_to_30(item) for item in node]
    if not is_object(node):
        return node
    node = {key: _to_30(value) for key, value in node.items()}
    if isinstance(node.get("type"), list):
        (node["type"],) = [each for each in node["type"] if each != "null"]
        node["nullable"] = True
    if "const" in node and isinstance(node["const"], str):
        node["enum"] = [node.pop("const")]
    if {"type": "null"} in node.get("anyOf", ()):
        node["anyOf"].remove({"type": "null"})
        node["nullable"] = True
    return node
