"""Shapes: what can be said of schemas without a value."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.contract.documents import document
from unijob.contract.document import Document
from unijob.contract.shapes import ALL_TYPES, Shapes

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}
OBJECT: dict[str, Any] = {"type": "object"}
EVERY = "/components/schemas/"


def shapes(*schemas: Any) -> tuple[Shapes, list[str]]:
    named = {str(n): schema for n, schema in enumerate(schemas)}
    return Shapes(Document(document(schemas=named))), [EVERY + name for name in named]


def tagged(*words: str, required: bool = True) -> dict[str, Any]:
    return {**OBJECT, "properties": {"t": {"enum": list(words)}}, "required": ["t"] if required else []}


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        ([], True),
        ([TEXT], True),
        ([TEXT, NUMBER, OBJECT], True),
        ([TEXT, NUMBER, TEXT], False),
        ([NUMBER, TEXT, TEXT], False),
        ([NUMBER, {"type": "number"}], False),
        ([TEXT, {}], False),
        ([tagged("a"), tagged("b"), tagged("c")], True),
        ([tagged("a"), tagged("b"), tagged("c", "a")], False),
        ([tagged("a"), tagged("b", required=False)], False),
        ([OBJECT, OBJECT], False),
    ],
)
def test_branches_exclude_each_other_by_types_or_by_tags(branches: list[Any], expected: bool) -> None:  # noqa: FBT001
    """Each two of them must."""
    known, places = shapes(*branches)
    assert known.disjoint(places) is expected


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        ([tagged("a"), tagged("b"), tagged("c")], True),
        ([tagged("a"), OBJECT, tagged("c")], True),
        ([tagged("a"), tagged("b"), tagged("a")], False),
        ([tagged("a"), tagged("b"), tagged("b")], False),
        ([tagged("a"), OBJECT], False),
        ([OBJECT, OBJECT], False),
    ],
)
def test_a_tag_has_other_values_in_each_branch(branches: list[Any], expected: bool) -> None:  # noqa: FBT001
    """In those, two at least, that list its values."""
    known, places = shapes(*branches)
    assert known.is_tag(places, "t") is expected


def having(name: str) -> dict[str, Any]:
    return {"properties": {name: {}}}


COMPOSED: dict[str, Any] = {
    **having("own"),
    "allOf": [having("all")],
    "anyOf": [having("any")],
    "oneOf": [{"$ref": EVERY.join(("#", "1"))}],
    "if": having("if"),
    "then": having("then"),
    "else": having("else"),
    "dependentSchemas": {"own": having("depends")},
}


def test_properties_are_documented_in_every_branch() -> None:
    """In the schema itself, behind its references, and in all that is composed."""
    known, (place, other) = shapes(COMPOSED, having("behind"))
    names = ["all", "any", "behind", "depends", "else", "if", "own", "then"]
    assert sorted(known.shape(place).names) == names
    assert sorted(known.properties(place)) == names
    assert known.properties(place)["all"] == f"{place}/allOf/0/properties/all"
    assert known.properties(place)["behind"] == f"{other}/properties/behind"
    assert known.required(place) == frozenset()


CLOSES: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    (having("a"), True),
    ({"patternProperties": {"^x": {}}}, True),
    ({**having("a"), "additionalProperties": True}, False),
    ({**having("a"), "additionalProperties": TEXT}, False),
    ({**having("a"), "additionalProperties": False}, True),
    ({**having("a"), "unevaluatedProperties": {}}, False),
    ({**having("a"), "anyOf": [OBJECT]}, False),
    ({**having("a"), "anyOf": [{}]}, False),
    ({**having("a"), "anyOf": [TEXT, having("b")]}, True),
    ({**having("a"), "allOf": [OBJECT]}, True),
    ({**having("a"), "anyOf": [{**OBJECT, "additionalProperties": False}]}, True),
]


@pytest.mark.parametrize(("schema", "closes"), CLOSES)
def test_what_names_properties_closes_unless_it_takes_more(schema: dict[str, Any], closes: bool) -> None:  # noqa: FBT001
    """A branch that is any object, or anything, takes more."""
    known, (place,) = shapes(schema)
    assert known.shape(place).closes is closes


TYPES: list[tuple[Any, frozenset[str] | set[str]]] = [
    (True, ALL_TYPES),
    (False, frozenset()),
    ({"type": "number"}, {"number", "integer"}),
    ({"const": 1.0}, {"integer"}),
    ({"const": 1.5}, {"number"}),
    ({"enum": ["a", None, True]}, {"string", "null", "boolean"}),
    ({"allOf": [{"type": ["string", "null"]}, TEXT]}, {"string"}),
    ({"anyOf": [TEXT, NUMBER], "oneOf": [NUMBER, OBJECT]}, {"integer"}),
    ({"type": ["string", "object"], "$ref": f"#{EVERY}1"}, {"object"}),
]


@pytest.mark.parametrize(("schema", "types"), TYPES)
def test_types_are_those_that_every_rule_allows(schema: Any, types: frozenset[str]) -> None:
    """An integer is a number; of alternatives, each counts."""
    known, places = shapes(schema, OBJECT)
    assert known.types(places[0]) == types
    assert known.text_types(places[0]) == ({"string"} if types == ALL_TYPES else types)


def test_items_and_properties_without_a_name_have_schemas_of_their_own() -> None:
    """The first that says anything of them; nothing is said by true."""
    known, (place, plain) = shapes({"allOf": [{"items": True}, {"items": TEXT, "additionalProperties": TEXT}]}, {})
    assert (known.items(place), known.unnamed(place)) == (
        f"{place}/allOf/1/items",
        f"{place}/allOf/1/additionalProperties",
    )
    assert known.items(plain) is known.unnamed(plain) is known.items(None) is None
    assert known.text_types(None) == {"string"}
