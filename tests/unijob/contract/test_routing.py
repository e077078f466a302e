"""Routes: from a method and a path to an operation."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unijob.contract.documents import document
from unijob.contract import Contract

PATHS: dict[str, Any] = {
    "/jobs": {"get": {"operationId": "list"}, "post": {"operationId": "create"}},
    "/jobs/{id}": {"get": {"operationId": "get"}, "delete": {"operationId": "delete"}},
    "/jobs/mine": {"get": {"operationId": "mine"}},
    "/jobs/{job_id}/runs": {"get": {"operationId": "runs"}},
    "/jobs/mine/logs/{line}": {"get": {"operationId": "log"}},
    "/files/{name}.{kind}": {"get": {"operationId": "file"}},
    "/files/v{n}.json": {"get": {"operationId": "version"}},
    "/files/{name}": {"put": {"operationId": "put"}},
    "/two words": {"get": {"operationId": "words"}},
    "/": {"get": {"operationId": "root"}},
    "x-note": {"get": {}},
}
CONTRACT = Contract(document(PATHS))


@pytest.mark.parametrize(
    ("method", "path", "operation", "values"),
    [
        ("GET", "/jobs", "list", {}),
        ("post", "/jobs", "create", {}),
        ("GET", "/jobs/7", "get", {"id": "7"}),
        ("GET", "/jobs/mine", "mine", {}),
        ("GET", "/jobs/%6Dine", "mine", {}),
        ("DELETE", "/jobs/mine", "delete", {"id": "mine"}),
        ("GET", "/jobs/mine/runs", "runs", {"job_id": "mine"}),
        ("GET", "/jobs/mine/logs/3", "log", {"line": "3"}),
        ("GET", "/jobs/a%2Fb", "get", {"id": "a/b"}),
        ("GET", "/jobs/a?limit=1", "get", {"id": "a"}),
        ("GET", "/files/a.txt", "file", {"name": "a", "kind": "txt"}),
        ("GET", "/files/v12.json", "version", {"n": "12"}),
        ("PUT", "/files/a.txt", "put", {"name": "a.txt"}),
        ("GET", "/two%20words", "words", {}),
        ("GET", "/", "root", {}),
    ],
)
def test_route_finds_the_operation(method: str, path: str, operation: str, values: dict[str, str]) -> None:
    """A literal segment beats a template that has the method too, segments are decoded after the split."""
    match = CONTRACT.route(method, path)
    assert match.operation is CONTRACT.operations[operation]
    assert match.path_values == values


REFUSED: list[tuple[str, str, set[str]]] = [
    ("PUT", "/jobs", {"GET", "POST"}),
    ("PUT", "/jobs/mine", {"GET", "DELETE"}),
    ("GET", "/nothing", set()),
    ("GET", "/jobs/", set()),
    ("GET", "//jobs", set()),
    ("GET", "/jobs//runs", set()),
    ("GET", "/jobs/1/runs/2", set()),
    ("GET", "/JOBS", set()),
    ("GET", "x-note", set()),
]


@pytest.mark.parametrize(("method", "path", "allowed"), REFUSED)
def test_route_tells_unknown_paths_from_unknown_methods(method: str, path: str, allowed: set[str]) -> None:
    """`allowed` is empty where the path is unknown; slashes and case count."""
    match = CONTRACT.route(method, path)
    assert match.operation is None
    assert match.allowed == allowed


@given(st.text(min_size=1))
def test_any_value_survives_its_percent_encoding(value: str) -> None:
    """What a path value was before it was encoded comes out of the route."""
    match = CONTRACT.route("GET", f"/jobs/{quote(value, safe='')}/runs")
    assert match.path_values == {"job_id": value}


@given(st.text(), st.text())
def test_no_path_raises(method: str, path: str) -> None:
    """Any method and path has an answer."""
    CONTRACT.route(method, path)


def test_bytes_that_are_not_utf8_are_kept_and_refused_by_the_check() -> None:
    """A path value that is no text is a violation of the request's path."""
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    contract = Contract(document({"/a/{id}": {"parameters": [parameter], "get": {"operationId": "op"}}}))
    match = contract.route("GET", "/a/%FF")
    (violation,) = contract.check_request("op", path=match.path_values)
    assert (violation.place, violation.pointer, violation.keyword) == ("request.path", "/id", "parse")


@pytest.mark.parametrize(
    ("servers", "path"),
    [
        ([{"url": "https://api.example.com/v2/"}], "/v2/jobs"),
        ([{"url": "/v2"}], "/v2/jobs"),
        ([{"url": "https://x/{base}", "variables": {"base": {"default": "v2"}}}], "/v2/jobs"),
        ([{"url": "https://x"}, {"url": "https://x/v2"}], "/v2/jobs"),
        ([{"url": "https://x"}, {"url": "https://x/v2"}], "/jobs"),
        ([], "/jobs"),
    ],
)
def test_paths_stand_behind_those_of_the_servers(servers: list[dict[str, object]], path: str) -> None:
    """The path part of each server is stripped."""
    assert Contract(document(PATHS, servers=servers)).route("GET", path).operation is not None


def test_prefixes_take_the_place_of_the_servers() -> None:
    """Where prefixes are given, the servers do not count."""
    contract = Contract(document(PATHS, servers=[{"url": "/v2"}]), prefixes=["/mka1"])
    assert contract.route("GET", "/mka1/jobs").operation is not None
    assert [contract.route("GET", f"/{other}/jobs").operation for other in ("v2", "a", "mka1x")] == [None] * 3


def test_operations_have_names_of_their_own() -> None:
    """An operation without an id, or with another's, is called by method and path."""
    same = {"operationId": "a"}
    contract = Contract(document({"/a": {"get": same, "post": same}, "/b": {"put": {}}}))
    assert list(contract.operations) == ["a", "POST /a", "PUT /b"]
    assert repr(contract.operations["PUT /b"]) == "<OperationContract PUT /b: PUT /b>"
