"""From paths to operation tables."""

from __future__ import annotations

from collections.abc import Callable
from types import GenericAlias, ModuleType
from typing import Any

import pytest

from unijob_models.runtime import Body, Operation, Parameter, Response

Use = Callable[[str], ModuleType]


def json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Probe", "version": "1"},
    "paths": {
        "/things/{thing_id}": {
            "parameters": [
                {"$ref": "#/components/parameters/ThingId"},
                {"name": "verbose", "in": "query", "schema": {"type": "boolean"}},
                {"name": "Accept", "in": "header", "schema": {"type": "string"}},
            ],
            "get": {
                "operationId": "getThing",
                "summary": "Read a thing",
                "parameters": [
                    {"name": "verbose", "in": "query", "required": True, "schema": {}, "explode": False},
                    {"name": "X-Trace", "in": "header", "schema": {}},
                    {"name": "trace", "in": "cookie", "schema": {}},
                    {"name": "filter", "in": "query", "style": "deepObject", "explode": True, "schema": {}},
                ],
                "responses": {
                    "200": {"description": "", "content": json({"$ref": "#/components/schemas/Thing"})},
                    "404": {"$ref": "#/components/responses/Missing"},
                    "4XX": {"description": "", "content": json({})},
                    "default": {"description": "", "content": {"text/plain": {"schema": {"type": "string"}}}},
                },
            },
            "delete": {"operationId": "delete-thing", "responses": {"204": {"description": ""}}},
        },
        "/things": {
            "post": {
                "operationId": "create_things",
                "requestBody": {
                    "required": True,
                    "content": {
                        "text/csv": {},
                        "application/vnd.x+json; charset=utf-8": {
                            "schema": {"type": "object", "properties": {"name": {"type": "string"}}}
                        },
                    },
                },
                "responses": {
                    "201": {
                        "description": "",
                        "content": json({"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}),
                    },
                    "422": {
                        "description": "",
                        "content": json({"type": "object", "properties": {"why": {"type": "string"}}}),
                    },
                },
            },
            "get": {"responses": {"200": {"description": "", "content": json({"enum": ["on", "off"]})}}},
        },
    },
    "components": {
        "schemas": {"Thing": {"type": "object", "properties": {"id": {"type": "string"}}}},
        "parameters": {"ThingId": {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string"}}},
        "responses": {"Missing": {"description": "", "content": json({"$ref": "#/components/schemas/Thing"})}},
    },
}


@pytest.fixture
def operations(project: Any, use: Use) -> Any:
    project.spec(SPEC)
    return use("v1.operations")


def test_parameters_are_inherited_overridden_and_resolved(operations: Any) -> None:
    """A path's parameters come first; an operation's take their place; styles are those that OpenAPI defaults to."""
    found = {(p.location, p.name): p for p in operations.GET_THING.parameters}
    assert found["path", "thing_id"] == Parameter(
        name="thing_id", argument="thing_id", location="path", required=True, style="simple", explode=False
    )
    assert found["query", "verbose"] == Parameter(
        name="verbose", argument="verbose", location="query", required=True, style="form", explode=False
    )
    assert (found["header", "X-Trace"].style, found["header", "X-Trace"].explode) == ("simple", False)
    assert (found["cookie", "trace"].style, found["cookie", "trace"].explode) == ("form", True)
    assert found["query", "filter"].style == "deepObject"


def test_header_parameters_that_openapi_ignores_are_left_out(operations: Any) -> None:
    """`Accept`, `Content-Type` and `Authorization` are not parameters."""
    assert all(p.name != "Accept" for p in operations.GET_THING.parameters)


def test_arguments_are_keywords_of_their_own(operations: Any) -> None:
    """Every parameter has a Python name that no other of its operation has."""
    arguments = [p.argument for p in operations.GET_THING.parameters]
    assert arguments == ["thing_id", "verbose", "x_trace", "trace", "filter"]


def test_responses_have_their_models(operations: Any, use: Use) -> None:
    """Typed where JSON has a schema that says something, else without a model."""
    thing = use("v1.models").Thing
    assert operations.GET_THING.responses == (
        Response(status="200", media_type="application/json", model=thing),
        Response(status="404", media_type="application/json", model=thing),
        Response(status="4XX", media_type="application/json", model=None),
        Response(status="default", media_type="text/plain", model=None),
    )
    assert operations.DELETE_THING.responses == (Response(status="204", media_type=None, model=None),)


def test_a_response_is_found_by_status_class_or_default(operations: Any) -> None:
    """Exact before `4XX` before `default`."""
    get: Operation = operations.GET_THING
    assert [getattr(get.response(status), "status", None) for status in (200, 404, 418, 500)] == [
        "200",
        "404",
        "4XX",
        "default",
    ]
    assert operations.DELETE_THING.response(500) is None
    assert get.success.status == "200"


def test_inline_schemas_are_named_after_their_operation(operations: Any, use: Use) -> None:
    """The body `…Request`, the success `…Response`, another status `…Response<status>`."""
    models = use("v1.models")
    assert operations.CREATE_THINGS.body == Body(
        media_type="application/vnd.x+json; charset=utf-8", model=models.CreateThingsRequest, required=True
    )
    assert [r.model for r in operations.CREATE_THINGS.responses] == [
        GenericAlias(tuple, (models.Thing, ...)),
        models.CreateThingsResponse422,
    ]
    assert operations.GET_THINGS.responses[0].model is models.GetThingsResponse


def test_operations_are_found_by_id(operations: Any) -> None:
    """The table holds all, also one whose id the spec does not name."""
    assert sorted(operations.OPERATIONS) == ["create_things", "delete-thing", "getThing", "get__things"]
    assert operations.OPERATIONS["getThing"] is operations.GET_THING
    assert (operations.GET_THING.method, operations.GET_THING.path) == ("GET", "/things/{thing_id}")


def test_a_contract_is_loaded_by_revision(operations: Any, use: Use) -> None:
    """A provider's package knows its revisions, loads one on demand, and names them where one is unknown."""
    provider = use("v1").__package__
    face: Any = __import__(str(provider).rpartition(".")[0], fromlist=["contract"])
    assert face.REVISIONS == ("1",)
    assert face.contract("1") is operations.CONTRACT
    assert face.contract("1").document()["paths"]["/things"]["post"]["operationId"] == "create_things"
    with pytest.raises(LookupError, match=r"probe has no revision '2', only 1"):
        face.contract("2")
