"""Bodies: media types, parsing, presence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.contract.documents import document, json_body, one_schema
from unijob.contract import Contract

PERSON: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "integer"}},
        "address": {"type": "object", "properties": {"zip": {"type": "integer"}}},
        "photo": {"type": "string", "format": "binary"},
        "deep": {
            "type": "object",
            "properties": {"x": {"type": "integer"}, "l": {"type": "array", "items": {"type": "integer"}}},
        },
        "one_or_more": {"type": ["array", "string"], "items": {"type": "integer"}},
        "numbers": {"type": ["array", "null"], "items": {"type": "integer"}},
        "place": {"type": ["object", "null"]},
        "nothing": {"type": "null"},
    },
}
JSON = "Content-Type: application/json"
FORM = "application/x-www-form-urlencoded"


def contract_of(content: dict[str, Any], *, required: bool = False, **options: Any) -> Contract:
    operation = {
        "operationId": "op",
        "requestBody": {"content": content, "required": required},
        "responses": {"200": {"content": content}, "204": {}, "4XX": json_body({"type": "object"})},
    }
    return Contract(
        document({"/op": {"post": operation, "head": {"operationId": "head", "responses": {"200": json_body({})}}}}),
        **options,
    )


def brief(found: Any) -> list[str]:
    return [("~" if v.drift else "") + f"{v.place} {v.keyword} {v.target}" for v in found]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"a": NaN}', b"Infinity", b"1e400", b'"\\ud800"', b"{'a': 1}", b"[" * 5000, b"1 2"]
)
def test_bytes_that_are_no_json(body: bytes) -> None:
    """What does not parse is one violation, `parse`."""
    contract = one_schema({})
    assert brief(contract.check_response_bytes("op", 200, body)) == ["response.body parse "]
    if body:
        found = contract.check_request("op", body=body, content_type="application/json")
        assert brief(found) == ["request.body parse "]


def test_duplicate_names_are_found_where_asked_for() -> None:
    """`unique_keys` refuses an object that has a name twice."""
    body = b'{"a": {"b": 1, "b": 2}}'
    assert one_schema({}).check_response_bytes("op", 200, body) == ()
    assert one_schema({}, unique_keys=True).check_response_bytes("op", 200, b'{"a": {"b": 1, "c": 1}}') == ()
    (violation,) = one_schema({}, unique_keys=True).check_response_bytes("op", 200, body)
    assert (violation.keyword, violation.message) == ("parse", "has an object with a name twice")
    assert brief(one_schema({}, unique_keys=True).check_response_bytes("op", 200, b"[NaN]")) == ["response.body parse "]


@pytest.mark.parametrize(
    ("documented", "sent", "keyword"),
    [
        ("application/json", "application/json; charset=utf-8", "type"),
        ("application/json; charset=utf-8", "Application/JSON", "type"),
        ("application/problem+json", "application/problem+json", "type"),
        ("application/*", "application/json", "type"),
        ("*/*", "application/vnd.a+json", "type"),
        ("application/json", "text/plain", "media-type"),
        ("application/json", "application/jsonl", "media-type"),
        ("application/json", "", "media-type"),
        ("text/plain", "text/plain", "maxLength"),
        ("text/csv", "text/csv", "maxLength"),
    ],
)
def test_media_type_is_matched(documented: str, sent: str, keyword: str) -> None:
    """Parameters and case do not count, ranges do; what matches nothing is a violation."""
    contract = contract_of(
        {documented: {"schema": {"type": "string", "maxLength": 1} if "text" in documented else {"type": "string"}}}
    )
    request = contract.check_request("op", body=b"12", content_type=sent or None)
    response = contract.check_response_bytes("op", 200, b"12", content_type=sent or None)
    assert [v.keyword for v in (*request, *response)] == [keyword, keyword]


def test_most_specific_media_type_wins() -> None:
    """An exact match beats a range."""
    contract = contract_of({"*/*": {"schema": False}, "application/json": {"schema": {"type": "integer"}}})
    assert contract.check_response_bytes("op", 200, b"12") == ()


def test_media_types_that_differ_in_a_parameter_are_told_apart() -> None:
    """With its parameters where one is documented so, whatever the spaces; else without."""
    version = {f"application/json; v={n}": {"schema": {"const": n}} for n in (1, 2)}
    contract = contract_of({**version, "application/json": {"schema": {"const": 3}}})
    for n, sent in enumerate(["application/json;v=1", "application/JSON;  v=2", "application/json; v=9"], 1):
        assert contract.check_request("op", body=str(n).encode(), content_type=sent) == ()


@pytest.mark.parametrize("sent", ["application/octet-stream", "image/png", "text/event-stream"])
def test_other_media_types_pass_unread(sent: str) -> None:
    """What is neither JSON, form, multipart nor text is not looked into."""
    contract = contract_of({sent: {"schema": {"type": "integer"}}})
    reading = contract.parse_request("op", body=b"\xff", content_type=sent)
    assert (reading.violations, reading.body) == ((), b"\xff")
    assert contract.check_response("op", 200, 5, media_type=sent) == ()


def test_presence_of_a_body() -> None:
    """A required body that is missing is a violation, one that nothing documents is drift."""
    assert brief(contract_of({"application/json": {}}, required=True).check_request("op")) == ["request.body required "]
    assert contract_of({"application/json": {}}).parse_request("op", body=b"").body is None
    bare = Contract(document({"/op": {"post": {"operationId": "op"}}}))
    assert brief(bare.check_request("op", body=b"a")) == ["~request.body body "]


def test_content_type_is_taken_from_the_headers() -> None:
    """The header says the media type where the argument does not."""
    reading = one_schema({}).parse_request("op", headers={"CONTENT-TYPE": "application/json"}, body=b"[1]")
    assert (reading.violations, reading.body) == ((), [1])


def test_statuses() -> None:
    """A status is found by itself, by its class, by default; another is drift."""
    contract = contract_of({"application/json": {"schema": {"type": "integer"}}})
    assert {brief(contract.check_response("op", status, 1))[0] for status in (400, 404, 499)} == {"response.body type "}
    (violation,) = contract.check_response("op", 500, {})
    assert (violation.place, violation.keyword, violation.drift) == ("response.status", "status", True)
    assert violation.schema_pointer == "/paths/~1op/post/responses"
    assert contract.check_response_bytes("op", 500, b"") == (violation,)
    fallback = Contract(
        document({"/a": {"get": {"operationId": "op", "responses": {"default": json_body({"type": "null"})}}}})
    )
    assert brief(fallback.check_response("op", 500, 1)) == ["response.body type "]


def test_statuses_without_a_body() -> None:
    """No body is asked for where none is documented, nor for HEAD."""
    contract = contract_of({"application/json": {}})
    assert contract.check_response_bytes("op", 204, b"", content_type=None) == ()
    assert contract.check_response_bytes("head", 200, b"", content_type=None) == ()
    assert contract.check_response("op", 204, {"any": 1}) == ()
    got = Contract(document({"/op": {"get": {"operationId": "get", "responses": {"200": json_body({})}}}}))
    assert brief(got.check_response_bytes("get", 200, b"")) == ["response.body parse "]


def test_response_headers() -> None:
    """Documented headers are typed and may be required; `Content-Type` is not one of them."""
    headers = {
        "X-Left": {"required": True, "schema": {"type": "integer", "minimum": 0}},
        "X-List": {"schema": {"type": "array", "items": {"type": "integer"}}},
        "Content-Type": {"required": True, "schema": {"type": "integer"}},
    }
    operation = {"operationId": "op", "responses": {"200": {"headers": headers}}}
    contract = Contract(document({"/op": {"get": operation}}))
    contract.compile()
    assert contract.check_response("op", 200, None) == ()
    assert brief(contract.check_response("op", 200, None, headers={})) == ["response.header required /X-Left"]
    assert contract.check_response("op", 200, None, headers={"x-left": "0", "x-list": "1, 2"}) == ()
    found = contract.check_response_bytes("op", 200, b"", headers={"X-LEFT": "-1", "x-list": "1,a"})
    assert brief(found) == ["response.header minimum /X-Left", "response.header type /X-List/1"]


@pytest.mark.parametrize(
    ("body", "value", "found"),
    [
        (b"name=Ann+B&age=3&tags=1&tags=2", {"name": "Ann B", "age": 3, "tags": [1, 2]}, []),
        (b"name=%C3%A9&tags=1", {"name": "é", "tags": [1]}, []),
        (b"name=a&address=%7B%22zip%22%3A1%7D", {"name": "a", "address": {"zip": 1}}, []),
        (b"name=a&deep[x]=1&deep[l]=1&deep[l]=2", {"name": "a", "deep": {"x": 1, "l": [1, 2]}}, []),
        (b"name=a&age=x", {"name": "a", "age": "x"}, ["request.body type /age"]),
        (b"name=", {"name": ""}, []),
        (b"name=a&one_or_more=1", {"name": "a", "one_or_more": "1"}, []),
        (b"name=a&one_or_more=1&one_or_more=2", {"name": "a", "one_or_more": [1, 2]}, []),
        (b"name=a&numbers=1", {"name": "a", "numbers": [1]}, []),
        (b"name=a&place=%7B%7D", {"name": "a", "place": {}}, []),
        (b"name=a&nothing=x", {"name": "a", "nothing": "x"}, ["request.body type /nothing"]),
        (b"age=3", {"age": 3}, ["request.body required /name"]),
        (b"name=a&new=1", {"name": "a", "new": "1"}, ["~request.body additionalProperties /new"]),
        (b"name=a&name=b", None, ["request.body parse "]),
        (b"name=%FF", None, ["request.body parse "]),
        (b"name=a&address={", None, ["request.body parse "]),
        (b"name=a&deep[x=1", None, ["request.body parse "]),
    ],
)
def test_form(body: bytes, value: Any, found: list[str]) -> None:
    """A form is read by its schema and its encoding, and checked."""
    media_type = {"schema": PERSON, "encoding": {"deep": {"style": "deepObject", "explode": True}}}
    reading = contract_of({FORM: media_type}).parse_request("op", body=body, content_type=FORM)
    assert brief(reading.violations) == found
    if value is not None:
        assert reading.body == value


def part(name: str, text: bytes, *fields: str) -> bytes:
    head = "\r\n".join([f'Content-Disposition: form-data; name="{name}"{fields[0] if fields else ""}', *fields[1:]])
    return b"--B\r\n" + head.encode() + b"\r\n\r\n" + text + b"\r\n"


@pytest.mark.parametrize(
    ("body", "value", "found"),
    [
        (part("name", b"Ann") + part("age", b"3"), {"name": "Ann", "age": 3}, []),
        (part("name", b"a") + part("tags", b"1") + part("tags", b"2"), {"name": "a", "tags": [1, 2]}, []),
        (
            part("name", b"a") + part("tags", b"[1]", "", JSON),
            {"name": "a", "tags": [1]},
            [],
        ),
        (part("name", b"a") + part("address", b'{"zip": 1}'), {"name": "a", "address": {"zip": 1}}, []),
        (part("name", b"a") + part("photo", b"\xff\r\n", '; filename="p"'), {"name": "a", "photo": "\xff\r\n"}, []),
        (
            part("name", b"a") + part("photo", b"\xff", "", "Content-Type: image/png"),
            {"name": "a", "photo": "\xff"},
            [],
        ),
        (part("name", b"a") + part("tags", b"1"), {"name": "a", "tags": [1]}, []),
        (part("name", b"a") + 2 * part("tags", b"1", "", JSON), {"name": "a", "tags": [1, 1]}, []),
        (part("name", b"a") + part("numbers", b"1"), {"name": "a", "numbers": [1]}, []),
        (part("name", b"a") + part("place", b"{}"), {"name": "a", "place": {}}, []),
        (part("name", b"a") + part("nothing", b"x"), None, ["request.body type /nothing"]),
        (part("name", b"a").replace(b'"name"', b"name"), {"name": "a"}, []),
        (b"", {}, ["request.body required /name"]),
        (part("name", b"a").replace(b"--B", b"--Bx"), None, ["request.body parse "]),
        (part("name", b"a") + part("age", b"x"), None, ["request.body type /age"]),
        (part("age", b"1"), None, ["request.body required /name"]),
        (part("name", b"a") + part("new", b"1"), None, ["~request.body additionalProperties /new"]),
        (part("name", b"a") + part("name", b"b"), None, ["request.body parse "]),
        (part("name", b"\xff"), None, ["request.body parse "]),
        (part("name", b"a") + b"--B\r\nContent-Type: text/plain\r\n\r\nx\r\n", None, ["request.body parse "]),
        (part("name", b"a") + b"--B\r\nno blank line\r\n", None, ["request.body parse "]),
    ],
)
def test_multipart(body: bytes, value: Any, found: list[str]) -> None:
    """Multipart is read part by part: files as they are, JSON parsed, fields typed."""
    contract = contract_of({"multipart/form-data": {"schema": PERSON}})
    content_type = "multipart/form-data; boundary=B"
    reading = contract.parse_request("op", body=body + b"--B--\r\n", content_type=content_type)
    assert brief(reading.violations) == found
    if value is not None:
        assert reading.body == value


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=other"])
def test_multipart_without_its_boundary(content_type: str) -> None:
    """A boundary that is not said or not there is a violation."""
    contract = contract_of({"multipart/form-data": {"schema": PERSON}})
    found = contract.check_request("op", body=part("name", b"a") + b"--B--", content_type=content_type)
    assert brief(found) == ["request.body parse "]


def test_body_without_a_schema_passes() -> None:
    """A media type that has no schema takes anything that parses."""
    contract = contract_of({"application/json": {}, "multipart/form-data": {}, FORM: {}})
    assert contract.check_request("op", body=b"[1]", content_type="application/json") == ()
    assert contract.parse_request("op", body=b"a=1&a=2&b=3", content_type=FORM).body == {"a": ["1", "2"], "b": "3"}
    content_type = 'multipart/form-data; boundary="B"'
    reading = contract.parse_request("op", body=part("a", b"1") + b"--B--", content_type=content_type)
    assert reading.body == {"a": "1"}
