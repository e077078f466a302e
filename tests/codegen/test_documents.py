"""Documents are read as JSON has them, whether they are written as JSON or YAML."""

from __future__ import annotations

from typing import Any

import pytest

from unijob_codegen.decoding import parse
from unijob_codegen.documents import operation_id, references
from unijob_codegen.pointers import look_up


def read(text: str) -> Any:
    return parse(f"openapi: 3.1.0\n{text}".encode(), shown="x.yaml")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2026-07-01", "2026-07-01"),
        ("2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        ("yes", "yes"),
        ("off", "off"),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        (".inf", ".inf"),
        ("nullable", "nullable"),
        ("trueish", "trueish"),
        ("True", True),
        ("~", None),
        ("", None),
        ("-12", -12),
        ("1e3", 1000.0),
        ("9007199254740993", 9007199254740993),
        ("'1'", "1"),
        ("[a, {b: 1}]", ["a", {"b": 1}]),
    ],
)
def test_yaml_scalars_are_those_of_json(written: str, value: Any) -> None:
    """No dates, no `yes`, no octals, no sexagesimals."""
    found = read(f"x: {written}")["x"]
    assert (found, type(found)) == (value, type(value))


def test_keys_are_text() -> None:
    """A status code is a name, as in JSON."""
    assert read("x: {200: a, on: b, null: c}")["x"] == {"200": "a", "on": "b", "null": "c"}


def test_anchors_and_merges() -> None:
    """YAML's own reuse works."""
    assert read("a: &a {x: 1}\nb: {<<: *a, y: 2}")["b"] == {"x": 1, "y": 2}


def test_json_is_read_too() -> None:
    """By its first character."""
    assert parse(b' {"openapi": "3.0.3", "x": 1.0}', shown="x")["x"] == 1.0


def test_pointers_are_escaped_and_percent_encoded() -> None:
    """`~1`, `~0` and `%7B` are read, indexes too; what is not there is an error."""
    document = {"a/b": {"~{c}": [{"d": 1}]}}
    assert look_up(document, "#/a~1b/~0%7Bc%7D/0/d") == 1
    for ref in ("#/x", "#/a~1b/~0%7Bc%7D/7", "#/a~1b/~0%7Bc%7D/x", "#/a~1b/~0%7Bc%7D/0/d/e"):
        with pytest.raises(LookupError):
            look_up(document, ref)


def test_references_are_found_with_their_places() -> None:
    """In schemas, parameters and maps whose names look like keywords."""
    document = {"components": {"schemas": {"example": {"$ref": "#/a"}, "default": {"items": [{"$ref": "#/b"}]}}}}
    assert list(references(document)) == [
        ("#/components/schemas/example", "#/a"),
        ("#/components/schemas/default/items/0", "#/b"),
    ]


def test_an_operation_without_an_id_has_one() -> None:
    """Made of its method and path."""
    assert operation_id("/a/{b}", "get", {}) == "get__a_b"
