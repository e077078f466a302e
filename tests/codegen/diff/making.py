"""Small documents to compare."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from hypothesis import settings

from unijob_codegen import decoding
from unijob_codegen.cli import main
from unijob_codegen.diff.changes import Change
from unijob_codegen.diff.operations import compare

ROOT = Path(__file__).parents[3]
JSON = "application/json"
REF = "#/components/schemas/"
FEWER = settings(max_examples=settings().max_examples // 4)
"""Of what compares two whole contracts for each example."""

Schemas = Mapping[str, Any]


def document(
    schemas: Schemas | None = None,
    *,
    response: Any = None,
    request: Any = None,
    operation: Mapping[str, Any] | None = None,
    version: str = "3.1.0",
    **components: Any,
) -> dict[str, Any]:
    """A document with one operation, `use`, that answers with one schema and takes another."""
    content: dict[str, Any] = {"operationId": "use", "responses": {"200": {"description": "", **answer(response)}}}
    if request is not None:
        content["requestBody"] = {"required": True, **answer(request)}
    content.update(copy.deepcopy(dict(operation or {})))
    return {
        "openapi": version,
        "info": {"title": "Test", "version": "1"},
        "paths": {"/use": {"post": content}},
        "components": {"schemas": copy.deepcopy(dict(schemas or {})), **components},
    }


def answer(schema: Any) -> dict[str, Any]:
    """The content of a body."""
    return {} if schema is None else {"content": {JSON: {"schema": copy.deepcopy(schema)}}}


def ref(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": REF + name}


def thing(schema: Any, *, direction: str = "response", others: Schemas | None = None, **more: Any) -> dict[str, Any]:
    """A document whose one schema, Thing, is used in one direction or in `both`."""
    uses: dict[str, Any] = {name: ref("Thing") for name in ("response", "request") if direction in {name, "both"}}
    return document({"Thing": schema, **(others or {})}, **uses, **more)


def spec(path: str) -> dict[str, Any]:
    """One of the project's specs, to change at will."""
    return copy.deepcopy(_read(path))


@cache
def _read(path: str) -> dict[str, Any]:
    return decoding.parse((ROOT / path).read_bytes(), shown=path)


def told(changes: list[Change]) -> list[tuple[str, ...]]:
    """Changes in short: level, kind, place, subject."""
    return sorted((c.level.name, c.finding.kind, str(c.place), c.finding.subject) for c in changes)


def only(old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    """The one change between two documents."""
    (change,) = compare(old, new)
    return change


def run(*arguments: str, root: Path = ROOT) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["--root", str(root), "diff", *arguments])


TEXT = {"type": "string"}

OLD = document(
    {
        "Job": {
            "type": "object",
            "required": ["id", "startTime"],
            "properties": {"id": TEXT, "startTime": {"type": "integer"}, "cost": TEXT, "state": ref("State")},
        },
        "State": {"type": "string", "enum": ["on", "off"]},
    },
    response=ref("Job"),
    request={"type": "object", "properties": {"state": ref("State")}},
)
NEW = document(
    {
        "Job": {
            "type": "object",
            "required": ["id", "start_time"],
            "properties": {
                "id": TEXT,
                "start_time": {**TEXT, "format": "date-time"},
                "price": TEXT,
                "state": ref("State"),
            },
        },
        "State": {"type": "string", "enum": ["on", "off", "paused"]},
    },
    response=ref("Job"),
    request={"type": "object", "properties": {"state": ref("State")}},
    operation={"parameters": [{"name": "dry_run", "in": "query", "schema": {"type": "boolean"}}]},
)
