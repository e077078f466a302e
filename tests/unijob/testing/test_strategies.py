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
