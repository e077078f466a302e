"""The table of levels, row for row and in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.codegen.diff.making import JSON, ROOT, answer, document, only, ref, thing
from unijob_codegen.diff.levels import RENAMES, TABLE, Direction, Level, levels_of
from unijob_codegen.diff.operations import compare

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def obj(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), **more}


A = obj({"a": TEXT})
A_MUST = obj({"a": TEXT}, "a")

SchemaRow = tuple[str, str, Any, Any, str, str]

# kind, variant, schema before, schema after, level in a response, level in a request
SCHEMAS: list[SchemaRow] = [
    ("enum-value-added", "", {"enum": ["x", "y"]}, {"enum": ["x", "y", "z"]}, "WARN", "INFO"),
    ("enum-value-removed", "", {"enum": ["x", "y", "z"]}, {"enum": ["x", "y"]}, "INFO", "ERR"),
    ("property-removed", "required", obj({"a": TEXT, "b": TEXT}, "b"), A, "ERR", "WARN"),
    ("property-removed", "optional", obj({"a": TEXT, "b": TEXT}), A, "WARN", "WARN"),
    ("property-added", "required", A, obj({"a": TEXT, "b": TEXT}, "b"), "INFO", "ERR"),
    ("property-added", "optional", A, obj({"a": TEXT, "b": TEXT}), "INFO", "INFO"),
    ("property-renamed", "required>required", obj({"aB": TEXT}, "aB"), obj({"a_b": TEXT}, "a_b"), "ERR", "ERR"),
    ("property-renamed", "required>optional", obj({"aB": TEXT}, "aB"), obj({"a_b": TEXT}), "ERR", "WARN"),
    ("property-renamed", "optional>required", obj({"aB": TEXT}), obj({"a_b": TEXT}, "a_b"), "WARN", "ERR"),
    ("property-renamed", "optional>optional", obj({"aB": TEXT}), obj({"a_b": TEXT}), "WARN", "WARN"),
    ("type-changed", "", TEXT, NUMBER, "ERR", "ERR"),
    ("type-changed", "", {"type": "array", "items": TEXT}, TEXT, "ERR", "ERR"),
    ("format-changed", "", {**TEXT, "format": "date"}, {**TEXT, "format": "date-time"}, "ERR", "ERR"),
    ("format-changed", "", {**NUMBER, "format": "int32"}, {**NUMBER, "format": "int64"}, "ERR", "ERR"),
    (
        "format-changed",
        "",
        {**NUMBER, "x-unijob-time": "unix-seconds"},
        {**NUMBER, "x-unijob-time": "unix-milliseconds"},
        "ERR",
        "ERR",
    ),
    ("narrowed", "", TEXT, {**TEXT, "format": "date-time"}, "INFO", "ERR"),
    ("widened", "", {**TEXT, "format": "date-time"}, TEXT, "ERR", "INFO"),
    ("widened", "", NUMBER, {"type": "number"}, "ERR", "INFO"),
    ("narrowed", "", {"type": "number"}, NUMBER, "INFO", "ERR"),
    ("widened", "", TEXT, {}, "ERR", "INFO"),
    ("narrowed", "", {}, TEXT, "INFO", "ERR"),
    ("widened", "", {"enum": ["x", "y"]}, TEXT, "ERR", "INFO"),
    ("narrowed", "", TEXT, {**TEXT, "enum": ["x", "y"]}, "INFO", "ERR"),
    ("widened", "", {**NUMBER, "minimum": 1}, {**NUMBER, "minimum": 0}, "ERR", "INFO"),
    ("narrowed", "", {**NUMBER, "minimum": 0}, {**NUMBER, "exclusiveMinimum": 0}, "INFO", "ERR"),
    ("widened", "", {**NUMBER, "maximum": 10}, {**NUMBER, "maximum": 20}, "ERR", "INFO"),
    ("narrowed", "", {**NUMBER, "maximum": 20}, {**NUMBER, "maximum": 10}, "INFO", "ERR"),
    ("widened", "", {**TEXT, "maxLength": 5}, TEXT, "ERR", "INFO"),
    ("narrowed", "", {**TEXT, "maxLength": 5}, {**TEXT, "maxLength": 4}, "INFO", "ERR"),
    ("narrowed", "", TEXT, {**TEXT, "minLength": 1}, "INFO", "ERR"),
    ("narrowed", "", TEXT, {**TEXT, "pattern": "^a"}, "INFO", "ERR"),
    ("widened", "", {**TEXT, "pattern": "^a"}, TEXT, "ERR", "INFO"),
    ("constraint-changed", "", {**TEXT, "pattern": "^a"}, {**TEXT, "pattern": "^b"}, "ERR", "ERR"),
    ("widened", "", {**NUMBER, "multipleOf": 4}, {**NUMBER, "multipleOf": 2}, "ERR", "INFO"),
    ("narrowed", "", {**NUMBER, "multipleOf": 2}, {**NUMBER, "multipleOf": 4}, "INFO", "ERR"),
    ("constraint-changed", "", {**NUMBER, "multipleOf": 4}, {**NUMBER, "multipleOf": 3}, "ERR", "ERR"),
    ("narrowed", "", {"type": "array"}, {"type": "array", "uniqueItems": True}, "INFO", "ERR"),
    ("narrowed", "", TEXT, {**TEXT, "not": {"const": "x"}}, "INFO", "ERR"),
    ("const-changed", "", {"const": "x"}, {"const": "y"}, "ERR", "ERR"),
    ("const-changed", "", {"enum": ["x"]}, {"const": "y"}, "ERR", "ERR"),
    ("narrowed", "", A, {**A, "additionalProperties": False}, "INFO", "ERR"),
    ("widened", "", {**A, "additionalProperties": False}, A, "ERR", "INFO"),
    ("narrowed", "", {"type": "object"}, {"type": "object", "additionalProperties": TEXT}, "INFO", "ERR"),
    ("became-nullable", "", TEXT, {"type": ["string", "null"]}, "ERR", "INFO"),
    ("became-non-nullable", "", {"type": ["string", "null"]}, TEXT, "INFO", "ERR"),
    ("property-became-optional", "", A_MUST, A, "ERR", "INFO"),
    ("property-became-required", "", A, A_MUST, "INFO", "ERR"),
    ("alternative-added", "", TEXT, {"anyOf": [TEXT, NUMBER]}, "ERR", "INFO"),
    ("alternative-added", "", TEXT, {"type": ["string", "integer"]}, "ERR", "INFO"),
    ("alternative-added", "", {"oneOf": [TEXT, NUMBER]}, {"oneOf": [TEXT, NUMBER, A]}, "ERR", "INFO"),
    ("alternative-removed", "", {"anyOf": [TEXT, NUMBER]}, TEXT, "INFO", "ERR"),
    ("default-changed", "", {**TEXT, "default": "x"}, {**TEXT, "default": "y"}, "INFO", "INFO"),
    ("default-changed", "", TEXT, {**TEXT, "default": "y"}, "INFO", "INFO"),
    ("deprecated", "", TEXT, {**TEXT, "deprecated": True}, "INFO", "INFO"),
    ("undeprecated", "", {**TEXT, "deprecated": True}, TEXT, "INFO", "INFO"),
]


def ok(**more: Any) -> dict[str, Any]:
    return {"description": "", **answer(TEXT), **more}


def query(name: str = "q", **more: Any) -> dict[str, Any]:
    return {"parameters": [{"name": name, "in": "query", "schema": TEXT, **more}]}


def headers(**more: Any) -> dict[str, Any]:
    return {"responses": {"200": ok(headers={"X-Left": {"schema": NUMBER, **more}})}}


def body(media: str = JSON, **more: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {media: {"schema": TEXT}}, **more}}


BOTH_BODIES = {"requestBody": {"content": {JSON: {"schema": TEXT}, "text/plain": {"schema": TEXT}}}}
TWO_MEDIA = {"description": "", "content": {JSON: {"schema": TEXT}, "text/plain": {"schema": TEXT}}}

# kind, variant, operation before, operation after, level
OPERATIONS: list[tuple[str, str, dict[str, Any], dict[str, Any], str]] = [
    ("status-removed", "success", {"responses": {"200": ok(), "202": ok()}}, {"responses": {"200": ok()}}, "ERR"),
    ("status-added", "success", {"responses": {"200": ok()}}, {"responses": {"200": ok(), "202": ok()}}, "INFO"),
    ("status-removed", "error", {"responses": {"200": ok(), "404": ok()}}, {"responses": {"200": ok()}}, "INFO"),
    ("status-added", "error", {"responses": {"200": ok()}}, {"responses": {"200": ok(), "default": ok()}}, "INFO"),
    ("media-type-removed", "", {"responses": {"200": TWO_MEDIA}}, {"responses": {"200": ok()}}, "ERR"),
    ("media-type-added", "", {"responses": {"200": ok()}}, {"responses": {"200": TWO_MEDIA}}, "INFO"),
    ("media-type-removed", "error", {"responses": {"404": TWO_MEDIA}}, {"responses": {"404": ok()}}, "WARN"),
    ("media-type-removed", "", BOTH_BODIES, body(), "ERR"),
    ("media-type-added", "", body(), BOTH_BODIES, "INFO"),
    ("header-removed", "required", headers(required=True), {"responses": {"200": ok()}}, "ERR"),
    ("header-removed", "optional", headers(), {"responses": {"200": ok()}}, "WARN"),
    ("header-added", "", {"responses": {"200": ok()}}, headers(), "INFO"),
    ("header-became-optional", "", headers(required=True), headers(), "ERR"),
    ("header-became-required", "", headers(), headers(required=True), "INFO"),
    ("body-added", "required", {}, body(required=True), "ERR"),
    ("body-added", "optional", {}, body(), "INFO"),
    ("body-removed", "", body(), {}, "WARN"),
    ("body-became-required", "", body(), body(required=True), "ERR"),
    ("body-became-optional", "", body(required=True), body(), "INFO"),
    ("parameter-added", "required", {}, query(required=True), "ERR"),
    ("parameter-added", "optional", {}, query(), "INFO"),
    ("parameter-removed", "", query(), {}, "WARN"),
    ("parameter-renamed", "optional>optional", query("pageSize"), query("page_size"), "WARN"),
    ("parameter-renamed", "optional>required", query("pageSize"), query("page_size", required=True), "ERR"),
    ("parameter-became-required", "", query(), query(required=True), "ERR"),
    ("parameter-became-optional", "", query(required=True), query(), "INFO"),
    ("parameter-style-changed", "", query(), query(style="pipeDelimited"), "ERR"),
    ("narrowed", "", query(), query(schema={**TEXT, "maxLength": 3}), "ERR"),
    ("widened", "", query(schema={**TEXT, "maxLength": 3}), query(), "INFO"),
    ("type-changed", "", query(), query(schema=NUMBER), "ERR"),
    ("widened", "", headers(schema=NUMBER), headers(schema={"type": "number"}), "ERR"),
]


@pytest.mark.parametrize("direction", ["response", "request"])
@pytest.mark.parametrize("row", SCHEMAS, ids=lambda row: row[0])
def test_schema_levels(row: SchemaRow, direction: str) -> None:
    """A change of a schema is one change, of the level that the table gives the direction in which it is used."""
    kind, variant, old, new, response, request = row
    change = only(thing(old, direction=direction), thing(new, direction=direction))
    assert (change.finding.kind, change.finding.variant) == (kind, variant)
    assert change.level.name == (response if direction == "response" else request)
    assert change.reach == {("use", Direction(direction))}


@pytest.mark.parametrize("row", SCHEMAS, ids=lambda row: row[0])
def test_both_directions(row: SchemaRow) -> None:
    """A schema used in both directions has the worse level, and tells both."""
    kind, variant, old, new, response, request = row
    change = only(thing(old, direction="both"), thing(new, direction="both"))
    assert (change.finding.kind, change.finding.variant) == (kind, variant)
    assert {str(key): level.name for key, level in change.levels.items()} == {
        "response": response,
        "request": request,
    }
    assert change.level is max(Level[response], Level[request])


@pytest.mark.parametrize(("kind", "variant", "old", "new", "level"), OPERATIONS)
def test_operation_levels(kind: str, variant: str, old: dict[str, Any], new: dict[str, Any], level: str) -> None:
    """A change of what an operation takes or answers is one change of the table's level."""
    change = only(document(response=TEXT, operation=old), document(response=TEXT, operation=new))
    assert (change.finding.kind, change.finding.variant, change.level.name) == (kind, variant, level)


def path(name: str, method: str = "get", operation: str = "see") -> dict[str, Any]:
    return {
        **document(),
        "paths": {name: {method: {"operationId": operation, "responses": {"200": {"description": ""}}}}},
    }


@pytest.mark.parametrize(
    ("kind", "old", "new", "level"),
    [
        ("operation-removed", path("/a"), {**document(), "paths": {}}, "ERR"),
        ("operation-added", {**document(), "paths": {}}, path("/a"), "INFO"),
        ("operation-renamed", path("/a"), path("/a", operation="look"), "ERR"),
        ("operation-moved", path("/a"), path("/b"), "ERR"),
        ("operation-moved", path("/a"), path("/a", "put"), "ERR"),
    ],
)
def test_whole_operations(kind: str, old: dict[str, Any], new: dict[str, Any], level: str) -> None:
    """An operation that came, went or moved is one change."""
    change = only(old, new)
    assert (change.finding.kind, change.level.name) == (kind, level)


def test_path_parameter_renamed() -> None:
    """A variable of a path that is called otherwise is one change, and the operation has not moved."""
    old, new = (path(f"/a/{{{name}}}") for name in ("id", "run_id"))
    for content, name in ((old, "id"), (new, "run_id")):
        item = next(iter(content["paths"].values()))
        item["parameters"] = [{"name": name, "in": "path", "required": True, "schema": TEXT}]
    change = only(old, new)
    assert (change.finding.kind, change.level, change.finding.new) == ("path-parameter-renamed", Level.WARN, "run_id")


def test_all_rows_tested() -> None:
    """Every row of the table has a test."""
    tested = {(row[0], row[1]) for row in (*SCHEMAS, *OPERATIONS)}
    tested |= {(f"operation-{what}", "") for what in ("removed", "added", "renamed", "moved")}
    tested |= {("path-parameter-renamed", "")}
    assert {(row.kind, row.variant) for row in TABLE} - tested == set()
    assert {kind for kind, _ in tested} >= RENAMES.keys()


def test_rename_is_worse_of_both() -> None:
    """A rename weighs as much as the worse of its removal and its addition, in each direction."""
    levels = levels_of("property-renamed", "optional>required")
    assert levels == {Direction.RESPONSE: Level.WARN, Direction.REQUEST: Level.ERR}


def test_documented_table() -> None:
    """The page's table is the one that is implemented."""
    text = (ROOT / "docs" / "diff.md").read_text(encoding="utf-8")
    for row in TABLE:
        name = f"{row.kind}, {row.variant}" if row.variant else row.kind
        response, request = (level.name if level else "" for level in (row.response, row.request))
        cells = [f"`{name}`", row.meaning, response, request]
        assert "| " + " | ".join(cells).replace("  ", " ") in text.replace("  ", " "), row


def test_used_only_there() -> None:
    """A read-only property reaches no request, a write-only one no response."""
    old = thing(obj({"r": {**TEXT, "readOnly": True}, "w": {**TEXT, "writeOnly": True}}), direction="both")
    new = thing(obj({"r": {**NUMBER, "readOnly": True}, "w": {**NUMBER, "writeOnly": True}}), direction="both")
    reach = {change.place.pointer: change.reach for change in compare(old, new)}
    assert reach == {
        "/properties/r": {("use", Direction.RESPONSE)},
        "/properties/w": {("use", Direction.REQUEST)},
    }


def test_unreached_component() -> None:
    """A component that no operation carries is nobody's change."""
    old, new = (document({"A": schema, "B": TEXT}, response=ref("B")) for schema in (TEXT, NUMBER))
    assert compare(old, new) == []
