"""Small documents to test with."""

from __future__ import annotations

from typing import Any

from unijob.contract import Contract


def document(
    paths: dict[str, Any] | None = None, *, version: str = "3.1.0", schemas: dict[str, Any] | None = None, **rest: Any
) -> dict[str, Any]:
    return {"openapi": version, "paths": paths or {}, "components": {"schemas": schemas or {}}, **rest}


def json_body(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def one_schema(
    schema: Any, *, version: str = "3.1.0", schemas: dict[str, Any] | None = None, **options: Any
) -> Contract:
    """A contract whose only operation, `op`, takes and gives one schema."""
    operation = {"operationId": "op", "requestBody": json_body(schema), "responses": {"200": json_body(schema)}}
    return Contract(document({"/op": {"post": operation}}, version=version, schemas=schemas), **options)


def with_parameters(*parameters: dict[str, Any], path: str = "/op", version: str = "3.1.0") -> Contract:
    """A contract whose only operation, `op`, has these parameters."""
    operation = {"operationId": "op", "parameters": list(parameters), "responses": {"200": {"description": ""}}}
    return Contract(document({path: {"get": operation}}, version=version))
