"""Documents: what is taken, what is refused."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from tests.unijob.contract.documents import document, json_body, one_schema
from unijob.contract import Contract
from unijob.contract.document import Document
from unijob.contract.pointers import decode_fragment, decode_pointer, is_under, join_pointer
from unijob.errors import ConfigError


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"swagger": "2.0"}, "OpenAPI 3.0 or 3.1"),
        ({"openapi": "4.0.0"}, "OpenAPI 3.0 or 3.1"),
        (document({"/a": {"$ref": "other.yaml#/a"}}), "out of the document: other.yaml#/a"),
        (document(schemas={"A": {"$ref": "#/components/schemas/B"}}), "to nothing: #/components/schemas/B"),
        (document(schemas={"A": {"items": {"$ref": "#/paths/3"}}}), "to nothing: #/paths/3"),
        (
            document(schemas={"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}),
            "circular reference",
        ),
    ],
)
def test_documents_that_do_not_hold_are_refused(written: dict[str, Any], says: str) -> None:
    """Version and references are looked at when the document is loaded."""
    with pytest.raises(ConfigError, match=says) as caught:
        Contract(written)
    assert caught.value.setting == "spec"


@pytest.mark.parametrize("schema", [{"type": "any"}, {"pattern": "["}, {"minimum": "1"}])
def test_schemas_that_do_not_compile_are_named(schema: dict[str, Any]) -> None:
    """`compile` finds a schema that is none."""
    with pytest.raises(ConfigError, match="does not compile: #/paths/~1op"):
        one_schema(schema).compile()


WRONG: dict[str, Any] = {"type": "any"}


@pytest.mark.parametrize(
    "operation",
    [
        {"parameters": [{"name": "p", "in": "query", "schema": WRONG}]},
        {"requestBody": json_body(WRONG)},
        {"responses": {"200": json_body(WRONG)}},
        {"responses": {"200": {"headers": {"X": {"schema": WRONG}}}}},
    ],
)
def test_schemas_are_compiled_wherever_they_stand(operation: dict[str, Any]) -> None:
    """In parameters, bodies of requests, bodies and headers of responses."""
    with pytest.raises(ConfigError, match="does not compile"):
        Contract(document({"/op": {"get": operation}})).compile()


def test_a_reference_may_lead_to_a_reference() -> None:
    """As long as there is something at the end."""
    schemas = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/C"}, "C": {"type": "null"}}
    contract = one_schema({"$ref": "#/components/schemas/A"}, schemas=schemas)
    assert [v.keyword for v in contract.check_response("op", 200, 1)] == ["type"]


@pytest.mark.parametrize(
    ("servers", "paths"),
    [
        ([], ("",)),
        (["/a", "https://host/a/b/", "/"], ("/a/b", "/a", "")),
        (["https://{host}/{base}"], ("/v1",)),
    ],
)
def test_paths_of_servers_are_longest_first(servers: list[str], paths: tuple[str, ...]) -> None:
    """Hosts do not count; a variable has its default."""
    variables = {"host": {"default": "h"}, "base": {"default": "v1"}}
    written = document(servers=[{"url": url, "variables": variables} for url in servers])
    assert Document(written).server_paths() == paths


def test_a_rule_that_the_document_does_not_have_is_none() -> None:
    """As one of a violation that was recorded with another revision."""
    contract = one_schema({"enum": ["a"]})
    (violation,) = contract.check_response("op", 200, "b")
    assert contract.rule(violation) == ["a"]
    assert contract.rule(attrs.evolve(violation, schema_pointer="/nowhere")) is None


def test_references_in_data_are_data() -> None:
    """An example may hold what looks like a reference."""
    Contract(document(schemas={"A": {"example": {"$ref": "#/nowhere"}, "enum": [{"$ref": "other"}]}}))


def test_references_are_followed_wherever_they_may_stand() -> None:
    """Paths, parameters, bodies, responses and headers may be references; numbers may be keys; `%7B` is a brace."""
    shared = {
        "parameters": {"Limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}}},
        "requestBodies": {"Body": {**json_body({"type": "integer"}), "required": True}},
        "responses": {
            "Answer": {**json_body({"type": "integer"}), "headers": {"X-A": {"$ref": "#/components/headers/A"}}}
        },
        "headers": {"A": {"required": True, "schema": {"type": "integer"}}},
    }
    item = {
        "post": {
            "operationId": "op",
            "parameters": [{"$ref": "#/components/parameters/Limit"}],
            "requestBody": {"$ref": "#/components/requestBodies/Body"},
            "responses": {200: {"$ref": "#/components/responses/Answer"}},
        }
    }
    paths = {"/a/{id}": item, "/b": {"$ref": "#/paths/~1a~1%7Bid%7D"}}
    contract = Contract({"openapi": "3.1.0", "paths": paths, "components": shared})
    assert [v.pointer for v in contract.check_request("op", query=[("limit", "x")])] == ["/limit", ""]
    found = contract.check_response("op", 200, "x", headers={"x-a": "y"})
    assert [(v.place, v.pointer) for v in found] == [("response.header", "/X-A"), ("response.body", "")]
    assert found[0].schema_pointer == "/components/headers/A/schema/type"
    assert contract.operations["POST /b"].statuses == ("200",)


def test_pointers_round_trip() -> None:
    """Slashes and tildes are escaped."""
    assert join_pointer("/a", "b/c~d", 0) == "/a/b~1c~0d/0"
    assert decode_pointer("/a/b~1c~0d/0") == ["a", "b/c~d", "0"]
    assert decode_pointer("") == []
    assert decode_fragment("#") == ""
    assert decode_fragment("a.json#/b") is None
    assert decode_fragment("") is None


@pytest.mark.parametrize(
    ("path", "base", "expected"),
    [
        (("a", "b"), ("a",), True),
        ((0,), (), True),
        (("a", "b", "c"), ("a", "b"), True),
        (("a",), ("a",), False),
        ((), (), False),
        (("a", "b", "c"), ("a",), False),
        (("b", "c"), ("a",), False),
        (("a", "c"), ("b",), False),
    ],
)
def test_children_are_one_step_down(path: tuple[str | int, ...], base: tuple[str, ...], expected: bool) -> None:  # noqa: FBT001
    """Neither the place itself, nor what lies deeper or elsewhere."""
    assert is_under(path, base) is expected


def test_empty_keywords_say_nothing() -> None:
    """A keyword that YAML left without a value is as if it were absent."""
    contract = one_schema({"type": "object", "properties": None, "required": True, "const": None})
    assert [v.keyword for v in contract.check_response("op", 200, {})] == ["const"]


def test_a_parent_that_lists_its_children_and_they_it_is_taken() -> None:
    """Inheritance written in both directions, as generators do, is checked and ends."""
    schemas: dict[str, Any] = {
        "Pet": {"type": "object", "required": ["kind"], "oneOf": [{"$ref": "#/components/schemas/Cat"}]},
        "Cat": {
            "allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"kind": {}, "n": {"type": "integer"}}}]
        },
    }
    contract = one_schema({"$ref": "#/components/schemas/Pet"}, schemas=schemas)
    assert contract.check_response("op", 200, {"kind": "cat", "n": 1}) == ()
    assert [v.pointer for v in contract.check_response("op", 200, {"kind": "cat", "n": "x"})] == ["/n"]
