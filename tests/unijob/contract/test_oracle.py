"""The verdict is that of JSON Schema, whatever is derived for drift and pointers."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unijob.contract.documents import one_schema

NAMES = st.sampled_from(["a", "b", "kind"])
WORDS = st.sampled_from(["x", "y", "z"])
REFERENCES = st.sampled_from([{"$ref": "#/components/schemas/P"}, {"$ref": "#/components/schemas/Q"}])
LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["string", "integer", "null", "object", "array", "number"]).map(lambda name: {"type": name}),
    st.sampled_from([{}, True, False, {"type": ["integer", "null"]}, {"type": "object", "required": ["a"]}]),
    st.lists(WORDS, min_size=1, max_size=2, unique=True).map(lambda words: {"type": "string", "enum": words}),
    WORDS.map(lambda word: {"const": word}),
    st.integers(0, 2).map(lambda n: {"minimum": n}),
    REFERENCES,
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from(["x", "y", "z", "w"]) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES | st.just("new"), inner, max_size=3),
    max_leaves=6,
)


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, min_size=1, max_size=2)},
        optional={
            "required": st.lists(NAMES, max_size=2, unique=True),
            "additionalProperties": st.booleans() | inner,
            "allOf": st.lists(inner, min_size=1, max_size=2),
        },
    )


def _compositions(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.sampled_from(["allOf", "anyOf", "oneOf"]).flatmap(lambda key: some.map(lambda branches: {key: branches})),
        st.fixed_dictionaries({"oneOf": some, "anyOf": some}),
        st.fixed_dictionaries({"oneOf": some, "properties": st.dictionaries(NAMES, inner, max_size=1)}),
        inner.map(lambda schema: {"not": schema}),
        inner.map(lambda schema: {"type": "array", "items": schema}),
        inner.map(lambda schema: {"$ref": "#/components/schemas/P", "anyOf": [schema, {"type": "null"}]}),
        st.fixed_dictionaries({"if": inner, "then": inner}, optional={"else": inner}),
    )


SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: _objects(inner) | _compositions(inner), max_leaves=8
)
CLOSING: dict[str, Any] = {"properties": {"x": {}}}
COMPONENTS = {
    "P": {"type": "object", "properties": {"a": {"type": "integer"}, "kind": {"enum": ["x"]}}, "required": ["kind"]},
    "Q": {
        "oneOf": [
            {"$ref": "#/components/schemas/P"},
            {"type": "object", "properties": {"kind": {"enum": ["y"]}, "b": {"$ref": "#/components/schemas/Q"}}},
        ]
    },
}


def _is_valid(schema: Any, value: Any) -> bool:
    root = {"$ref": "#/components/schemas/Root", "components": {"schemas": {**COMPONENTS, "Root": schema}}}
    return jsonschema_rs.Draft202012Validator(root).is_valid(value)


@given(SCHEMAS, VALUES)
@example({"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, {"a": 1})
@example({"oneOf": [{"properties": {"a": CLOSING}}, {"properties": {"b": {}}}]}, {"a": {"new": 1}})
@example({"if": {"properties": {"a": CLOSING}}, "then": False}, {"a": {"new": 1}})
@example({"not": {"properties": {"a": CLOSING}}}, {"a": {"new": 1}})
@example({"contains": CLOSING, "maxContains": 1}, [{"new": 1}, {"x": 1}])
@example({"propertyNames": {"not": {"const": "new"}}, "properties": {"a": {}}}, {"new": 1})
@example({"dependentSchemas": {"a": {"required": ["b"]}}, "properties": {"a": {}}}, {"a": 1})
@example({"oneOf": [{"properties": {"a": {"enum": ["x"]}}}, {"properties": {"a": {"enum": ["y"]}}}]}, {"a": "x"})
@example({"anyOf": [{"$ref": "#/components/schemas/P"}, {"properties": {"b": {}}}]}, {"b": 1, "kind": "z"})
@example({"unevaluatedProperties": False, "allOf": [{"properties": {"a": {}}}]}, {"b": 1})
@example({"type": "object", "properties": {"b": {}}, "required": ["a"]}, {"a": None})
@example({"prefixItems": [{}], "unevaluatedItems": {"type": "string"}}, [1, 2])
def test_verdict_of_requests_and_closed_responses_is_the_schemas(schema: Any, value: Any) -> None:
    """A value has a violation exactly where JSON Schema refuses it."""
    contract = one_schema(schema, schemas=COMPONENTS, closed_enums=True)
    request = contract.check_request("op", body=orjson.dumps(value), content_type="application/json")
    response = contract.check_response("op", 200, value)
    assert any(not violation.drift for violation in request) is not _is_valid(schema, value)
    assert any(not violation.drift for violation in response) is not _is_valid(schema, value)


@given(SCHEMAS, VALUES)
def test_open_enums_only_turn_violations_into_drift(schema: Any, value: Any) -> None:
    """What JSON Schema takes has no violation; what it refuses has one, or an unknown enum value."""
    found = one_schema(schema, schemas=COMPONENTS).check_response("op", 200, value)
    if _is_valid(schema, value):
        assert all(violation.drift for violation in found)
    elif all(violation.drift for violation in found):
        assert any(violation.keyword == "enum" for violation in found)
