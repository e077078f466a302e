"""Parameters: styles, types, what is missing and what nobody documented."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.contract.documents import document, with_parameters
from unijob.contract import Contract

INTEGERS: dict[str, Any] = {"type": "array", "items": {"type": "integer"}}
POINT: dict[str, Any] = {
    "type": "object",
    "required": ["x"],
    "properties": {"x": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}},
    "additionalProperties": False,
}
PAIR: dict[str, Any] = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}
OPEN: dict[str, Any] = {"type": "object", "properties": {"x": {"type": "integer"}}, "additionalProperties": True}
INNER: dict[str, Any] = {
    "type": "object",
    "properties": {"none": {"type": "null"}, "tags": {"type": ["array", "null"], "items": {"type": "string"}}},
}
DEEP: dict[str, Any] = {
    "type": "object",
    "properties": {
        "a": {
            "type": "object",
            "properties": {"b": {"type": "integer"}, "c": {"type": "array", "items": {"type": "integer"}}, "x": {}},
        }
    },
}


def nested(depth: int) -> Any:
    return {"x": nested(depth - 1)} if depth else "1"


def parameter(where: str, schema: Any, **rest: Any) -> dict[str, Any]:
    return {"name": "p", "in": where, "required": where == "path", "schema": schema, **rest}


@pytest.mark.parametrize(
    ("schema", "rest", "pairs", "value"),
    [
        ({"type": "integer"}, {}, [("p", "5")], 5),
        ({"type": "integer"}, {}, [("p", "-0")], 0),
        ({"type": "number"}, {}, [("p", "1.5e1")], 15.0),
        ({"type": "number"}, {}, [("p", "7")], 7),
        ({"type": "boolean"}, {}, [("p", "true")], True),
        ({"type": "string"}, {}, [("p", "5")], "5"),
        ({"type": ["integer", "null"]}, {}, [("p", "5")], 5),
        ({"type": ["integer", "null"]}, {}, [("p", "null")], None),
        ({"type": ["integer", "null"]}, {}, [("p", "")], None),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {}, [("p", "5")], 5),
        ({"anyOf": [{"type": "integer", "maximum": 3}, {"type": "string"}]}, {}, [("p", "5")], "5"),
        ({"anyOf": [INTEGERS, {"type": "string"}]}, {"explode": False}, [("p", "1,2")], [1, 2]),
        ({"anyOf": [INTEGERS, {"type": "string"}]}, {"explode": False}, [("p", "a")], "a"),
        ({"enum": [1, 2]}, {}, [("p", "2")], 2),
        ({}, {}, [("p", "text")], "text"),
        (INTEGERS, {}, [("p", "1"), ("p", "2")], [1, 2]),
        (INTEGERS, {"explode": False}, [("p", "1,2")], [1, 2]),
        (INTEGERS, {"explode": False}, [("p", "")], []),
        (INTEGERS, {"style": "spaceDelimited", "explode": False}, [("p", "1 2")], [1, 2]),
        (INTEGERS, {"style": "pipeDelimited", "explode": False}, [("p", "1|2")], [1, 2]),
        (INTEGERS, {"style": "pipeDelimited", "explode": True}, [("p", "1"), ("p", "2")], [1, 2]),
        (PAIR, {}, [("x", "1"), ("y", "2")], {"x": 1, "y": 2}),
        (PAIR, {"explode": False}, [("p", "x,1,y,2")], {"x": 1, "y": 2}),
        (PAIR, {"style": "deepObject"}, [("p[x]", "1"), ("p[y]", "2")], {"x": 1, "y": 2}),
        (POINT, {"style": "deepObject"}, [("p[x]", "1"), ("p[tags][]", "a")], {"x": 1, "tags": ["a"]}),
        (
            POINT,
            {"style": "deepObject"},
            [("p[x]", "1"), ("p[tags]", "a"), ("p[tags]", "b")],
            {"x": 1, "tags": ["a", "b"]},
        ),
        (POINT, {"style": "deepObject"}, [("p[x]", "1"), ("p[tags]", "a")], {"x": 1, "tags": ["a"]}),
        (POINT, {}, [("x", "1"), ("tags", "a"), ("tags", "b")], {"x": 1, "tags": ["a", "b"]}),
        ({"type": "integer"}, {"allowEmptyValue": True}, [("p", "")], ""),
        (PAIR, {"allowEmptyValue": True}, [("x", "1")], {"x": 1}),
        (OPEN, {}, [("x", "1"), ("z", "2"), ("z", "3")], {"x": 1, "z": ["2", "3"]}),
        (INNER, {"style": "deepObject"}, [("p[none]", "null"), ("p[tags]", "a")], {"none": None, "tags": ["a"]}),
        (DEEP, {"style": "deepObject"}, [("p[a][b]", "1"), ("p[a][c][]", "2")], {"a": {"b": 1, "c": [2]}}),
        (DEEP, {"style": "deepObject"}, [("p[a]" + "[x]" * 19, "1")], {"a": nested(19)}),
        (PAIR, {"style": "pipeDelimited", "explode": True}, [("p", "x|1|y|2")], {"x": 1, "y": 2}),
        ({"type": ["object", "string"]}, {"explode": False}, [("p", "a")], "a"),
        ({"type": ["object", "null"]}, {"explode": False}, [("p", "x,1")], {"x": "1"}),
        ({"type": "array", "items": {"type": "string"}}, {"explode": False}, [("p", "a, b")], ["a", " b"]),
    ],
)
def test_query_parameter_is_read(schema: Any, rest: dict[str, Any], pairs: list[tuple[str, str]], value: Any) -> None:
    """A query parameter comes out typed, by style and explode."""
    reading = with_parameters(parameter("query", schema, **rest)).parse_request("op", query=pairs)
    assert reading.violations == ()
    assert reading.query == {"p": value}
    assert type(reading.query["p"]) is type(value)


@pytest.mark.parametrize(
    ("schema", "rest", "text", "value"),
    [
        (INTEGERS, {}, "1,2", [1, 2]),
        (INTEGERS, {"explode": True}, "1,2", [1, 2]),
        (PAIR, {}, "x,1,y,2", {"x": 1, "y": 2}),
        (PAIR, {"explode": True}, "x=1,y=2", {"x": 1, "y": 2}),
        ({"type": "integer"}, {"style": "label"}, ".5", 5),
        (INTEGERS, {"style": "label"}, ".1,2", [1, 2]),
        (INTEGERS, {"style": "label", "explode": True}, ".1.2", [1, 2]),
        (PAIR, {"style": "label"}, ".x,1,y,2", {"x": 1, "y": 2}),
        (PAIR, {"style": "label", "explode": True}, ".x=1.y=2", {"x": 1, "y": 2}),
        ({"type": "integer"}, {"style": "matrix"}, ";p=5", 5),
        ({"type": "string"}, {"style": "matrix"}, ";p", ""),
        (INTEGERS, {"style": "matrix"}, ";p=1,2", [1, 2]),
        (INTEGERS, {"style": "matrix", "explode": True}, ";p=1;p=2", [1, 2]),
        (PAIR, {"style": "matrix"}, ";p=x,1,y,2", {"x": 1, "y": 2}),
        (PAIR, {"style": "matrix", "explode": True}, ";x=1;y=2", {"x": 1, "y": 2}),
    ],
)
def test_path_parameter_is_read(schema: Any, rest: dict[str, Any], text: str, value: Any) -> None:
    """A path parameter comes out typed, by style and explode."""
    reading = with_parameters(parameter("path", schema, **rest), path="/a/{p}").parse_request("op", path={"p": text})
    assert reading.violations == ()
    assert reading.parameters == {"p": value}


def test_headers_and_cookies_are_read() -> None:
    """Header names have no case; cookies come from their header or by name."""
    contract = with_parameters(
        {"name": "X-Ids", "in": "header", "schema": INTEGERS},
        {"name": "n", "in": "cookie", "schema": {"type": "integer"}},
        {"name": "Authorization", "in": "header", "required": True, "schema": {"type": "integer"}},
    )
    reading = contract.parse_request("op", headers=[("x-ids", "1, 2"), ("X-IDS", "3"), ("Cookie", 'a=b; n="7"')])
    assert (reading.violations, reading.header, reading.cookie) == ((), {"X-Ids": [1, 2, 3]}, {"n": 7})
    assert contract.parse_request("op", cookies={"n": "8"}).cookie == {"n": 8}


def test_spaces_behind_commas_are_part_of_texts_but_not_of_lists_in_headers() -> None:
    """HTTP lets a list in a header have them; elsewhere they are what was sent."""
    texts = {"type": "array", "items": {"type": "string"}}
    contract = with_parameters(
        {"name": "X-Texts", "in": "header", "schema": texts},
        {"name": "X-Text", "in": "header", "schema": {"type": ["string", "integer"]}},
        {"name": "texts", "in": "cookie", "explode": False, "schema": texts},
    )
    reading = contract.parse_request("op", headers={"X-Texts": "a, b", "X-Text": "a, b"}, cookies={"texts": "a, b"})
    assert (reading.header, reading.cookie) == ({"X-Texts": ["a", "b"], "X-Text": "a, b"}, {"texts": ["a", " b"]})


def test_parameter_with_content_is_json() -> None:
    """`content` says that the text is JSON; other media types are not looked into."""
    described = {"name": "p", "in": "query", "content": {"application/json": {"schema": PAIR}}}
    contract = with_parameters(described)
    assert contract.parse_request("op", query=[("p", '{"x": 1}')]).query == {"p": {"x": 1}}
    assert [v.pointer for v in contract.check_request("op", query=[("p", '{"x": "1"}')])] == ["/p/x"]
    assert [v.keyword for v in contract.check_request("op", query=[("p", "{")])] == ["parse"]
    assert [v.keyword for v in contract.check_request("op", query=[("p", "{}"), ("p", "{}")])] == ["parse"]
    other = with_parameters({"name": "p", "in": "query", "content": {"text/csv": {"schema": PAIR}}})
    assert other.check_request("op", query=[("p", "a,b")]) == ()


@pytest.mark.parametrize(
    ("schema", "rest", "pairs", "keyword", "pointer"),
    [
        ({"type": "integer", "maximum": 100}, {}, [("p", "101")], "maximum", "/p"),
        ({"anyOf": [{"type": "integer", "maximum": 3}, {"maxLength": 1}]}, {}, [("p", "55")], "maxLength", "/p"),
        ({"type": "integer"}, {}, [("p", "1.0")], "type", "/p"),
        ({"type": "integer"}, {}, [("p", "1_0")], "type", "/p"),
        ({"type": "integer"}, {}, [("p", "٣")], "type", "/p"),
        ({"type": "integer"}, {}, [("p", " 1")], "type", "/p"),
        ({"type": "integer"}, {}, [("p", "1\n")], "type", "/p"),
        ({"type": "integer"}, {}, [("p", "9" * 5000)], "type", "/p"),
        ({"type": "integer"}, {}, [("p", "")], "type", "/p"),
        ({"type": "integer", "format": "int64"}, {}, [("p", "9223372036854775808")], "format", "/p"),
        ({"type": "number"}, {}, [("p", "1e999")], "type", "/p"),
        ({"type": "number"}, {}, [("p", "NaN")], "type", "/p"),
        ({"type": "boolean"}, {}, [("p", "True")], "type", "/p"),
        ({"type": "string", "enum": ["a"]}, {}, [("p", "b")], "enum", "/p"),
        ({"type": "integer"}, {"allowEmptyValue": True}, [("p", "x")], "type", "/p"),
        ({"type": "integer"}, {}, [("p", "1"), ("p", "2")], "parse", "/p"),
        ({"type": "string"}, {}, [("p", "1"), ("p", "2")], "parse", "/p"),
        (INTEGERS, {}, [("p", "1"), ("p", "x")], "type", "/p/1"),
        (INTEGERS, {"explode": False}, [("p", "1"), ("p", "2")], "parse", "/p"),
        (PAIR, {"explode": False}, [("p", "x,1,y")], "parse", "/p"),
        (PAIR, {}, [("x", "1"), ("x", "2")], "parse", "/p"),
        (PAIR, {}, [("x", "a")], "type", "/p/x"),
        (POINT, {"style": "deepObject"}, [("p[x]", "a")], "type", "/p/x"),
        (POINT, {"style": "deepObject"}, [("p[y]", "a"), ("p[x]", "1")], "additionalProperties", "/p/y"),
        (POINT, {"style": "deepObject"}, [("p[x", "1")], "parse", "/p"),
        (POINT, {"style": "deepObject"}, [("p[x]y", "1")], "parse", "/p"),
        (POINT, {"style": "deepObject"}, [("p[a[x]", "1")], "parse", "/p"),
        (DEEP, {"style": "deepObject"}, [("p[a][c][]", "1"), ("p[a][c]", "1")], "parse", "/p"),
        (DEEP, {"style": "deepObject"}, [("p[a]" + "[x]" * 20, "1")], "parse", "/p"),
        ({"type": ["integer", "null"]}, {}, [("p", "a")], "type", "/p"),
        (POINT, {"style": "deepObject"}, [("p[x]", "1"), ("p[x][y]", "1")], "parse", "/p"),
        (POINT, {"style": "deepObject"}, [("p[x][y]", "1"), ("p[x]", "1")], "parse", "/p"),
        (POINT, {"style": "deepObject"}, [("p" + "[x]" * 20_000, "1")], "parse", "/p"),
        ({"type": "object", "required": ["x"]}, {"explode": False}, [("p", "1"), ("p", "2")], "parse", "/p"),
        ({"type": "string"}, {}, [("p", "\ud800")], "parse", "/p"),
    ],
)
def test_wrong_query_parameter_is_found(
    schema: Any, rest: dict[str, Any], pairs: list[tuple[str, str]], keyword: str, pointer: str
) -> None:
    """A value out of range, of another type or another style is a violation at the parameter's pointer."""
    (violation,) = with_parameters(parameter("query", schema, **rest)).check_request("op", query=pairs)
    assert (violation.place, violation.keyword, violation.pointer) == ("request.query", keyword, pointer)
    assert not violation.drift


@pytest.mark.parametrize("text", ["5", ";q=5"])
def test_wrong_style_in_a_path_is_found(text: str) -> None:
    """A path value without its style's mark is a violation."""
    contract = with_parameters(parameter("path", {"type": "integer"}, style="matrix"), path="/a/{p}")
    assert [v.keyword for v in contract.check_request("op", path={"p": text})] == ["parse"]


@pytest.mark.parametrize(
    ("where", "place"), [("query", "request.query"), ("header", "request.header"), ("cookie", "request.cookie")]
)
def test_missing_parameter_is_found(where: str, place: str) -> None:
    """A required parameter that was not sent is a violation that names it."""
    contract = with_parameters({"name": "p", "in": where, "required": True, "schema": {}})
    (violation,) = contract.check_request("op")
    assert (violation.place, violation.pointer, violation.missing, violation.keyword) == (place, "", "p", "required")
    assert violation.schema_pointer == "/paths/~1op/get/parameters/0/required"


def test_undocumented_query_parameter_is_drift() -> None:
    """A name that no parameter explains is drift; undocumented headers and cookies are not looked at."""
    contract = with_parameters(parameter("query", {"type": "object", "properties": {"x": {}}}, style="deepObject"))
    found = contract.check_request("op", query=[("p[x]", "1"), ("q", "2")], headers={"X-Any": "1", "Cookie": "a=b"})
    assert [(v.pointer, v.drift) for v in found] == [("/q", True)]
    found = with_parameters(parameter("query", PAIR)).check_request("op", query=[("x", "1"), ("q", "2")])
    assert [(v.pointer, v.drift) for v in found] == [("/q", True)]
    (violation,) = with_parameters(parameter("query", {"type": "integer"})).check_request("op", query=[("p[x]", "1")])
    assert (violation.pointer, violation.drift) == ("/p[x]", True)


def test_free_form_object_explains_all_names() -> None:
    """An exploded object without named properties takes every name that no other parameter has."""
    contract = with_parameters(
        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        {"name": "filter", "in": "query", "schema": {"type": "object", "additionalProperties": {"type": "integer"}}},
    )
    reading = contract.parse_request("op", query=[("limit", "1"), ("a", "2"), ("b", "3")])
    assert (reading.violations, reading.query) == ((), {"limit": 1, "filter": {"a": 2, "b": 3}})


def test_operation_overrides_the_parameters_of_its_path() -> None:
    """Of two with one name and place, the operation's holds."""
    item: dict[str, Any] = {
        "parameters": [parameter("query", {"type": "integer"}), {"name": "q", "in": "query", "schema": {}}],
        "get": {"operationId": "op", "parameters": [parameter("query", {"type": "string"})]},
    }
    contract = Contract(document({"/a": item}))
    assert contract.parse_request("op", query=[("p", "1"), ("q", "2")]).parameters == {"p": "1", "q": "2"}
    assert [one.name for one in contract.operations["op"].parameters] == ["p", "q"]


def test_unknown_operation_is_a_key_error() -> None:
    """A name that no operation has is the caller's mistake."""
    with pytest.raises(KeyError):
        with_parameters().check_request("other")
