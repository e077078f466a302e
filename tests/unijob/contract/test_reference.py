"""The reference engine gives what the compiled one gives, in the same form."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.unijob.contract.documents import document, json_body
from unijob.contract import Contract
from unijob.contract.reference import ReferenceContract
from unijob.errors import ConfigError, Violation

JOB: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "state": {"enum": ["on", "off"]},
        "either": {"anyOf": [{"enum": ["a"]}, {"type": "null"}]},
        "closed": {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
        "size": {"type": "integer", "maximum": 9},
    },
}
HEADERS: dict[str, Any] = {"X-Left": {"schema": {"type": "integer"}, "required": True}, "Content-Type": {"schema": {}}}
LIMIT: dict[str, Any] = {"name": "limit", "in": "query", "schema": {"type": ["integer", "null"]}, "deprecated": True}
TRACE: dict[str, Any] = {"name": "trace", "in": "cookie", "schema": {"type": "integer"}}
PATHS: dict[str, Any] = {
    "/jobs/{id}": {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 3}}],
        "post": {
            "operationId": "start",
            "parameters": [LIMIT, TRACE],
            "requestBody": {"required": True, **json_body({"$ref": "#/components/schemas/Job"})},
            "responses": {
                "200": {"headers": HEADERS, **json_body({"$ref": "#/components/schemas/Job"})},
                "204": {"description": ""},
                "4XX": {"content": {"application/problem+json": {"schema": {"type": "object"}}}},
            },
        },
        "head": {"operationId": "look", "responses": {"200": json_body({"type": "object"})}},
        "delete": {"operationId": "stop", "responses": {"204": {"description": ""}}},
    },
    "/jobs/{id}/events": {
        "get": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": {"content": {"text/event-stream": {"schema": JOB}}}},
        },
    },
}
SCHEMES: dict[str, Any] = {
    "login": {"type": "oauth2", "flows": {}},
    "basic": {"type": "http", "scheme": "Basic"},
    "key": {"type": "apiKey", "in": "query", "name": "key"},
    "tls": {"type": "mutualTLS"},
}


def made_up() -> dict[str, Any]:
    root = document(PATHS, schemas={"Job": JOB}, servers=[{"url": "https://api.example/v1"}])
    root["components"]["securitySchemes"] = SCHEMES
    return {**root, "security": [{"login": []}, {"basic": []}, {"key": []}]}


OPEN = ReferenceContract(made_up(), security=False)
CLOSED = ReferenceContract(made_up(), security=False, closed_enums=True)


def told(found: tuple[Violation, ...]) -> list[tuple[str, str, str]]:
    return [(one.place, one.target, one.keyword) for one in found]


def start(contract: Contract = OPEN, **sent: Any) -> list[tuple[str, str, str]]:
    given: dict[str, Any] = {"path": {"id": "j1"}, "body": b'{"id": "j1"}', "content_type": "application/json", **sent}
    return told(contract.check_request("start", **given))


def test_valid_request() -> None:
    """Nothing is wrong with a request that the contract allows, whatever openapi-core warns of."""
    assert start(query=[("limit", "5")], headers={"Cookie": "trace=1"}) == []
    assert start(query=[("limit", "5")], cookies={"trace": "1"}) == []


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"path": {}}, ("request.path", "/id", "required")),
        ({"path": {"id": "long"}}, ("request.path", "/id", "maxLength")),
        ({"query": [("limit", "x")]}, ("request.query", "/limit", "anyOf")),
        ({"headers": {"cookie": "trace=x"}}, ("request.cookie", "/trace", "parse")),
        ({"body": None}, ("request.body", "", "required")),
        ({"body": b"{"}, ("request.body", "", "parse")),
        ({"body": b"[" * 100_000}, ("request.body", "", "parse")),
        ({"content_type": "text/csv"}, ("request.body", "", "media-type")),
        ({"content_type": "application/json; a"}, ("request.body", "", "parse")),
        ({"body": b"{}"}, ("request.body", "/id", "required")),
        ({"body": b'{"id": 1}'}, ("request.body", "/id", "type")),
        ({"body": b'{"id": "1", "state": "new"}'}, ("request.body", "/state", "enum")),
        ({"body": b'{"id": "1", "size": 10}'}, ("request.body", "/size", "maximum")),
        ({"body": b'{"id": "1", "closed": {"b": 1}}'}, ("request.body", "/closed/b", "additionalProperties")),
    ],
)
def test_one_violation(sent: dict[str, Any], expected: tuple[str, str, str]) -> None:
    """Each thing that is wrong is told with its place, its pointer and its keyword."""
    assert start(**sent) == [expected]


def test_credentials() -> None:
    """One of the documented credentials is asked for; OAuth 2 is a bearer token."""
    contract = ReferenceContract(made_up())
    assert start(contract) == [("request.header", "", "security")]
    for headers in ({"Authorization": "Bearer t"}, {"authorization": "basic dTpw"}):
        assert start(contract, headers=headers) == []
    assert start(contract, query=[("key", "k")]) == []


def test_reading() -> None:
    """The typed values are there too."""
    reading = OPEN.parse_request("start", path={"id": "j1"}, query=[("limit", "5")])
    assert reading.parameters == {"id": "j1", "limit": 5}
    assert told(reading.violations) == [("request.body", "", "required")]


def test_responses() -> None:
    """A response is held against its status, its class of statuses, or told to be undocumented."""
    assert OPEN.check_response("start", 200, {"id": "1"}) == ()
    assert told(OPEN.check_response("start", 200, {"id": 1})) == [("response.body", "/id", "type")]
    assert OPEN.check_response("start", 204, None) == OPEN.check_response_bytes("start", 204, b"") == ()
    assert OPEN.check_response_bytes("start", 404, b"{}", content_type="application/problem+json") == ()
    problems = OPEN.check_response_bytes("start", 404, b"[]", content_type="application/problem+json")
    assert told(problems) == [("response.body", "", "type")]
    (unknown,) = OPEN.check_response_bytes("start", 302, b"", headers={})
    assert (unknown.place, unknown.drift) == ("response.status", True)
    assert OPEN.check_response_bytes("start", 302, b"", headers={"Other": "1"}) == (unknown,)
    assert OPEN.check_response_bytes("look", 200, b"") == ()
    assert told(OPEN.check_response_bytes("start", 200, b"")) == [("response.body", "", "parse")]
    assert told(OPEN.check_response("start", 200, {1j})) == [("response.body", "", "parse")]


def test_events() -> None:
    """One event of a stream is held against the schema of the stream."""
    operation = "GET /jobs/{id}/events"
    assert OPEN.check_response(operation, 200, {"id": "1"}, media_type="text/event-stream") == ()
    found = OPEN.check_response(operation, 200, {}, media_type="text/event-stream")
    assert told(found) == [("response.body", "/id", "required")]


def test_response_headers() -> None:
    """Headers are checked where they are given, in any case."""
    for headers, expected in (
        ({"x-left": "1"}, []),
        ({"X-LEFT": "x"}, [("response.header", "/X-Left", "parse")]),
        ({"Other": "1"}, [("response.header", "/X-Left", "required")]),
    ):
        assert told(OPEN.check_response("start", 200, {"id": "1"}, headers=headers)) == expected


@pytest.mark.parametrize("value", [{"state": "new"}, {"either": "b"}])
def test_open_enums(value: dict[str, Any]) -> None:
    """An unknown value of a string enum is drift, and a violation where enums are closed."""
    job = {"id": "1", **value}
    assert [one.drift for one in OPEN.check_response("start", 200, job)] == [True]
    assert [one.drift for one in CLOSED.check_response("start", 200, job)] == [False]
    (found,) = OPEN.check_response("start", 200, {"id": "1", **dict.fromkeys(value, 1)})
    assert not found.drift


def test_routes() -> None:
    """A path leads where it leads in the compiled engine."""
    compiled = Contract(made_up())
    for method, path in (
        ("POST", "/v1/jobs/a%2Fb"),
        ("GET", "/v1/jobs/1/events?x=1"),
        ("PUT", "/v1/jobs/1"),
        ("POST", "/jobs/1"),
        ("POST", "/v1/jobs"),
    ):
        found, wanted = OPEN.route(method, path), compiled.route(method, path)
        assert found.path_values == wanted.path_values
        assert found.allowed == wanted.allowed
        assert repr(found.operation) == repr(wanted.operation)


def test_prefixes() -> None:
    """What stands before the paths can be told."""
    contract = ReferenceContract(made_up(), prefixes=("", "/mount"))
    assert contract.route("DELETE", "/jobs/1").operation is not None
    assert contract.route("DELETE", "/mount/jobs/1").operation is not None
    assert contract.route("DELETE", "/v1/jobs/1").operation is None


def test_the_document_stays_as_it_is() -> None:
    """What openapi-core cannot take is changed in a copy."""
    root = made_up()
    ReferenceContract(root).compile()
    assert root == made_up()


def test_without_openapi_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where openapi-core is not installed, it is said what to install."""
    monkeypatch.delitem(sys.modules, "unijob.contract.reference")
    monkeypatch.setitem(sys.modules, "openapi_core.datatypes", None)
    with pytest.raises(ConfigError, match=r"unijob\[reference\]"):
        __import__("unijob.contract.reference")
