"""Changes at pointers."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given

from unijob.sandbox.mutations import extended, other_type, removed, replaced, replaced_nearest
from unijob.testing.strategies import json_values

VALUE: dict[str, Any] = {"a": {"b": [1, {"c/d": 2}]}, "list": [{"x": 1}, {"x": 2}, {}]}


def new(_old: Any) -> str:
    return "new"


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/a/b/0", {**VALUE, "a": {"b": ["new", {"c/d": 2}]}}),
        ("/a/b/1/c~1d", {**VALUE, "a": {"b": [1, {"c/d": "new"}]}}),
        ("/list/*/x", {**VALUE, "list": [{"x": "new"}, {"x": "new"}, {}]}),
        ("/*", {"a": "new", "list": "new"}),
        ("/nothing/here", VALUE),
        ("/a/b/9", VALUE),
        ("/a/b/0/deeper", VALUE),
        ("", "new"),
    ],
)
def test_replaced(pointer: str, expected: Any) -> None:
    """What a pointer finds is replaced; where it finds nothing, nothing changes."""
    kept = deepcopy(VALUE)
    assert replaced(VALUE, pointer, new) == expected
    assert kept == VALUE


def test_removed() -> None:
    """Properties and elements are taken out."""
    assert removed(VALUE, "/list/*/x")["list"] == [{}, {}, {}]
    assert removed(VALUE, "/a/b/0")["a"] == {"b": [{"c/d": 2}]}


def test_extended() -> None:
    """An object gets one more property; what is no object gets none."""
    assert extended(VALUE, "/list/*", "y", 3)["list"][2] == {"y": 3}
    assert extended([1], "", "y", 3) == [1]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"status": "a", "deep": {"status": "b"}}, {"status": "new", "deep": {"status": "b"}}),
        ({"job": {"status": "a"}}, {"job": {"status": "new"}}),
        ({"data": [{"status": "a"}, {"status": "b"}]}, {"data": [{"status": "new"}, {"status": "new"}]}),
        ({"no": 1}, {"no": 1}),
        ([], []),
    ],
)
def test_replaced_nearest(value: Any, expected: Any) -> None:
    """The property is replaced wherever it stands at the least depth."""
    assert replaced_nearest(value, "status", "new") == expected


def json_type(value: Any) -> str:
    names: dict[type, str] = {
        bool: "boolean",
        int: "number",
        float: "number",
        str: "string",
        list: "array",
        dict: "object",
    }
    return "null" if value is None else names[value.__class__]


@given(json_values)
def test_another_type_is_another(value: Any) -> None:
    """No JSON value keeps its type."""
    changed = other_type(value)
    assert json_type(changed) != json_type(value)
