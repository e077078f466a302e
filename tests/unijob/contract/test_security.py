"""Security: presence and form of credentials."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.contract.documents import document
from unijob.contract import Contract

SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "Basic"},
    "digest": {"type": "http", "scheme": "digest"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "QUERY": {"type": "apiKey", "in": "query", "name": "KEY"},
    "COOKIE": {"type": "apiKey", "in": "cookie", "name": "SID"},
    "oauth": {"type": "oauth2", "flows": {}},
    "tls": {"type": "mutualTLS"},
}


def contract_of(requirement: Any, **options: Any) -> Contract:
    operation: dict[str, Any] = {"operationId": "op", "security": requirement, "responses": {}}
    written = document({"/op": {"get": operation, "put": {"operationId": "inherits"}}}, security=[{"bearer": []}])
    written["components"]["securitySchemes"] = SCHEMES
    return Contract(written, **options)


CASES: list[tuple[Any, dict[str, Any], list[str]]] = [
    ([{"bearer": []}], {"headers": {"authorization": "Bearer a.b-c_d~e+f/g=="}}, []),
    ([{"bearer": []}], {"headers": {"Authorization": "bearer abc"}}, []),
    ([{"bearer": []}], {}, ["request.header /Authorization"]),
    ([{"bearer": []}], {"headers": {"Authorization": "abc"}}, ["request.header /Authorization"]),
    ([{"bearer": []}], {"headers": {"Authorization": "Bearer "}}, ["request.header /Authorization"]),
    ([{"bearer": []}], {"headers": {"Authorization": "Bearer a b"}}, ["request.header /Authorization"]),
    ([{"oauth": ["read"]}], {"headers": {"Authorization": "Bearer a"}}, []),
    ([{"basic": []}], {"headers": {"Authorization": "Basic YTpi"}}, []),
    ([{"basic": []}], {"headers": {"Authorization": "Bearer a"}}, ["request.header /Authorization"]),
    ([{"digest": []}], {"headers": {"Authorization": "Digest anything"}}, []),
    ([{"key": []}], {"headers": {"x-key": "k"}}, []),
    ([{"query": []}], {"query": [("key", "k")]}, []),
    ([{"query": []}], {}, ["request.query /key"]),
    ([{"cookie": []}], {"headers": {"Cookie": "sid=1"}}, []),
    ([{"cookie": []}], {}, ["request.cookie /sid"]),
    ([{"QUERY": []}], {"query": [("KEY", "k")]}, []),
    ([{"COOKIE": []}], {"headers": {"Cookie": "SID=1"}}, []),
    ([{"key": []}, {"query": []}], {}, ["request.header /X-Key"]),
    ([{"key": []}, {"key": [], "query": []}], {}, ["request.header /X-Key"]),
    ([{"key": [], "query": []}], {}, ["request.header /X-Key", "request.query /key"]),
    ([{"key": [], "query": []}, {"bearer": []}], {}, ["request.header /Authorization"]),
    ([{"key": []}, {}], {}, []),
    ([{"tls": []}], {}, []),
    ([{"unknown": []}], {}, []),
    ([], {}, []),
]


@pytest.mark.parametrize(("security", "request_", "places"), CASES)
def test_credentials(security: Any, request_: dict[str, Any], places: list[str]) -> None:
    """One alternative must be met; of those that are not, the one that lacks least is told."""
    found = contract_of(security).check_request("op", **request_)
    assert [f"{violation.place} {violation.target}" for violation in found] == places
    assert all(violation.keyword == "security" and not violation.drift for violation in found)


def test_a_key_of_a_header_is_none_of_the_query() -> None:
    """A name in the query is explained by a credential of the query alone."""
    found = contract_of([{"key": []}]).check_request("op", headers={"X-Key": "k"}, query=[("X-Key", "k")])
    assert [(violation.pointer, violation.drift) for violation in found] == [("/X-Key", True)]


def test_document_security_holds_where_the_operation_says_none() -> None:
    """The document's own requirement is the default, with the scheme as its rule."""
    (violation,) = contract_of([]).check_request("inherits")
    assert (violation.missing, violation.schema_pointer) == ("Authorization", "/components/securitySchemes/bearer")


def test_security_can_be_switched_off() -> None:
    """Without `security` no credential is asked for."""
    assert contract_of([{"bearer": []}], security=False).check_request("op") == ()
