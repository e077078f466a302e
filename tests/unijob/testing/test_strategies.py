"""Payloads drawn from a document are such as it allows, whatever it has; a defect is where it is said to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from unijob.contract import Contract
from unijob.testing.strategies import Defects, Payloads, Samples, answers
from unijob.testing.strategies.documents import members
from unijob.testing.strategies.values import told_apart

NODE = {
    "type": "object",
    "required": ["name", "kind"],
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 3},
        "kind": {"enum": ["leaf", "branch"]},
        "id": {"type": "string", "format": "uuid"},
        "at": {"type": "string", "format": "date-time"},
        "on": {"type": "string", "format": "date"},
        "size": {"type": "string", "format": "uint64"},
        "offset": {"type": "string", "format": "int64"},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "labels": {"type": "object", "additionalProperties": {"type": "integer", "format": "int32", "minimum": 5}},
        "closed": {"type": "object", "properties": {"a": {"type": "boolean"}}, "additionalProperties": False},
        "children": {"type": "array", "minItems": 1, "maxItems": 9, "items": {"$ref": "#/components/schemas/Node"}},
        "next": {"allOf": [{"$ref": "#/components/schemas/Node"}, {"required": ["id"]}]},
        "either": {"oneOf": [{"type": "integer"}, {"type": "string"}, {"$ref": "#/components/schemas/Node"}]},
        "any": {},
    },
}
OLD_WAYS = {
    "odd": {"type": "string", "nullable": True, "enum": ["a", None]},
    "maybe": {"type": "integer", "nullable": True, "minimum": 0, "exclusiveMinimum": True, "maximum": 2},
    "other": {"nullable": True, "anyOf": [{"type": "boolean"}, {"type": "array", "items": {"type": "string"}}]},
}
NEW_WAYS = {
    "odd": {"type": ["string", "null"], "pattern": "^[a-c]{2}$"},
    "maybe": {"type": ["integer", "boolean", "null"], "exclusiveMinimum": 0, "exclusiveMaximum": 3},
    "other": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "minItems": 2},
    "tag": {"const": {"a": [1]}},
}


def made_up(version: str, ways: Mapping[str, Any]) -> dict[str, Any]:
    """A document that has what the packed ones do not."""
    node = {**NODE, "properties": {**NODE["properties"], **ways}}  # type: ignore[dict-item]
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
    return {
        "openapi": version,
        "info": {"title": "made up", "version": "1"},
        "paths": {"/": {"get": {"operationId": "get", "responses": {"200": {"description": "", "content": content}}}}},
        "components": {"schemas": {"Node": node}},
    }


MADE_UP = {"3.0": made_up("3.0.3", OLD_WAYS), "3.1": made_up("3.1.0", NEW_WAYS)}
MADE_UP_CONTRACTS = {version: Contract(document) for version, document in MADE_UP.items()}
MADE_UP_PAYLOADS = {version: Payloads(document) for version, document in MADE_UP.items()}


@pytest.mark.parametrize("version", MADE_UP)
@given(data=st.data())
def test_strategies_know_more_than_the_contracts_need(version: str, data: DataObject) -> None:
    """Payloads of either version of OpenAPI fit it: recursion, compositions, bounds, nullable, closed objects."""
    (answer,) = answers(MADE_UP[version])
    payload = data.draw(MADE_UP_PAYLOADS[version].of(answer.schema))
    findings = MADE_UP_CONTRACTS[version].check_response("get", 200, payload)
    assert [found for found in findings if not found.drift] == []


@pytest.mark.parametrize("version", MADE_UP)
@given(data=st.data())
def test_defects_are_where_they_are_said_to_be(version: str, data: DataObject) -> None:
    """A payload with one defect breaks its contract at the defect's place, or is only new to it."""
    (answer,) = answers(MADE_UP[version])
    payload = data.draw(MADE_UP_PAYLOADS[version].of(answer.schema))
    defects = [defect for defect in Defects(MADE_UP[version]).of(answer.schema, payload) if "" not in defect.path]
    defect = data.draw(st.sampled_from(defects))
    findings = MADE_UP_CONTRACTS[version].check_response("get", 200, defect.apply(payload))
    assert defect.pointer in {found.pointer for found in findings if defect.kind == "enum" or not found.drift}


@pytest.mark.parametrize("version", MADE_UP)
def test_samples_are_allowed(version: str) -> None:
    """An ordinary value fits its schema."""
    (answer,) = answers(MADE_UP[version])
    assert MADE_UP_CONTRACTS[version].check_response("get", 200, Samples(MADE_UP[version]).of(answer.schema)) == ()


# --- What a property found, by name --------------------------------------------------------------------------------


def of(schema: Mapping[str, Any]) -> tuple[dict[str, Any], Contract]:
    """A document whose one answer is of a schema, and its contract."""
    content = {"application/json": {"schema": schema}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "made up", "version": "1"},
        "paths": {"/": {"get": {"operationId": "get", "responses": {"200": {"description": "", "content": content}}}}},
    }
    return document, Contract(document)


ALIKE: list[tuple[Any, Any]] = [(0, 0.0), (0, -0.0), (1, 1.0), ([0], [0.0]), ({"a": [1]}, {"a": [1.0]})]
APART: list[tuple[Any, Any]] = [(0, False), (1, True), (1, "1"), (0.0, None), ([1], [True]), ({"a": 1}, {"a": "1"})]


@pytest.mark.parametrize(("one", "other"), [*ALIKE, *APART])
def test_values_are_told_apart_as_json_schema_does(one: Any, other: Any) -> None:
    """0 and 0.0 are one number, which `uniqueItems` allows once; 1 and true, which Python holds for equal, are two."""
    _, contract = of({"type": "array", "uniqueItems": True})
    is_refused = bool(contract.check_response("get", 200, [one, other]))
    assert is_refused == (told_apart(one) == told_apart(other))


@given(data=st.data())
def test_unique_items_hold_no_number_twice(data: DataObject) -> None:
    """Not as 0 and once more as 0.0 either."""
    schema = {"type": "array", "uniqueItems": True, "minItems": 1, "items": {"enum": [0, 0.0, -0.0, False]}}
    document, contract = of(schema)
    assert contract.check_response("get", 200, data.draw(Payloads(document).of(schema))) == ()


MIXED = ["1", 1, 1.0, True, None]


@pytest.mark.parametrize(
    ("type_", "allowed"),
    [("string", ["1"]), ("integer", [1, 1.0]), ("boolean", [True]), (["null", "string"], ["1", None]), (None, MIXED)],
)
@given(data=st.data())
def test_a_member_of_an_enum_is_of_the_schema_s_type(type_: Any, allowed: list[Any], data: DataObject) -> None:
    """What an enum lists and its type rules out is never drawn, and no sample."""
    schema = {"enum": MIXED} if type_ is None else {"type": type_, "enum": MIXED}
    document, contract = of(schema)
    assert [(type(value), value) for value in members(schema)] == [(type(value), value) for value in allowed]
    for value in (data.draw(Payloads(document).of(schema)), Samples(document).of(schema)):
        assert contract.check_response("get", 200, value) == ()


def test_a_tag_that_python_holds_for_equal_is_another() -> None:
    """A branch whose tag is 1 is not that of true: what the other has beside it is no defect of this one."""
    branches = [
        {"type": "object", "required": ["tag", "a"], "properties": {"tag": {"const": tag}, "a": {"type": type_}}}
        for tag, type_ in ((1, "string"), (True, "integer"))
    ]
    document, contract = of({"oneOf": branches})
    payload = {"tag": True, "a": 5}
    assert contract.check_response("get", 200, payload) == ()
    found = [defect for defect in Defects(document).of({"oneOf": branches}, payload) if defect.path == ("a",)]
    assert any(defect.value == "seven" for defect in found)
    assert not any(defect.value == 7 for defect in found if defect.kind == "type")
