"""Both contract engines give the same verdict, but for what a table names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import attrs
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from unijob import registry
from unijob.contract import Contract
from unijob.contract.reference import DIFFERENCES, ReferenceContract
from unijob.errors import Violation
from unijob.testing.strategies import Answer, Defect, Defects, Payloads, Requests, Sent, answers

DOCUMENTS = {
    f"{name} {revision}": registry.package(name, revision).document()
    for name in registry.provider_names()
    for revision in registry.revisions(name)
}
COMPILED = {name: Contract(document) for name, document in DOCUMENTS.items()}
REFERENCE = {name: ReferenceContract(document) for name, document in DOCUMENTS.items()}
REQUESTS = {name: Requests(document) for name, document in DOCUMENTS.items()}
PAYLOADS = {name: Payloads(document) for name, document in DOCUMENTS.items()}
DEFECTS = {name: Defects(document) for name, document in DOCUMENTS.items()}
ROWS = {row.name: row for row in DIFFERENCES}
LEAP = re.compile(rb":59:60")
POINTED = re.compile(rb"\d\.0[,}\]]")

each_operation = pytest.mark.parametrize(
    ("name", "operation"), [(name, operation) for name in DOCUMENTS for operation in COMPILED[name].operations]
)

HALF = settings(max_examples=settings().max_examples // 2)
"""The reference engine takes its time."""


def distinct_answers() -> Iterator[Any]:
    """Every JSON response of every operation, a schema once per contract."""
    for name, document in DOCUMENTS.items():
        seen: set[bytes] = set()
        for answer in answers(document):
            schema = orjson.dumps(answer.schema)
            if schema not in seen:
                seen.add(schema)
                yield pytest.param(name, answer, id=f"{name} {answer.operation} {answer.status}")


each_answer = pytest.mark.parametrize(("name", "answer"), list(distinct_answers()))


def wrong(found: Iterable[Violation]) -> set[str]:
    """The places at which a message breaks its contract."""
    return {violation.place for violation in found if not violation.drift}


def pointers(found: Iterable[Violation]) -> set[str]:
    """Where a message breaks its contract."""
    return {violation.pointer for violation in found if not violation.drift}


def told(defect: Defect) -> str:
    """Where the compiled engine tells a defect: jsonschema-rs leaves names that are empty out of its paths."""
    return attrs.evolve(defect, path=tuple(step for step in defect.path if step != "")).pointer


def status_of(answer: Answer) -> int:
    """A status that leads to a response."""
    return int(answer.status) if answer.status.isdecimal() else 599


def bodies_with_defect(data: DataObject, name: str, schema: Any, value: Any) -> tuple[Defect, bytes] | None:
    """Draw one of the defects that a value can have, and the value with it."""
    found = list(DEFECTS[name].of(schema, value))
    if not found:
        return None
    defect = data.draw(st.sampled_from(found))
    return defect, json.dumps(defect.apply(value)).encode()


def is_comparable(name: str, defect: Defect | None, body: bytes) -> bool:
    """Tell whether no row of the table is about a body: formats that are not checked, leap seconds, `1.0` in 3.0."""
    assert ROWS["leap second"].finds == ROWS["pointed integer"].finds == "reference"
    if LEAP.search(body) or (DOCUMENTS[name]["openapi"].startswith("3.0") and POINTED.search(body)):
        return False
    unchecked = ROWS["unknown formats"].formats
    if defect is None or defect.format not in unchecked:
        return True
    return defect.kind != "format" and defect.format in {"int32", "int64"}


def engines(name: str, sent: Sent) -> list[Contract]:
    """Both engines, or the compiled one where a row of the table is about the body."""
    body = sent.arguments()["body"] or b""
    return [COMPILED[name], REFERENCE[name]] if is_comparable(name, None, body) else [COMPILED[name]]


@each_operation
@HALF
@given(data=st.data())
def test_valid_requests(name: str, operation: str, data: DataObject) -> None:
    """Neither engine finds anything wrong with a request that the contract allows, and both find its operation."""
    sent = data.draw(REQUESTS[name].of(operation))
    template = COMPILED[name].operations[operation].path
    raw = template.format_map({key: quote(text, safe="") for key, text in sent.path.items()})
    method = COMPILED[name].operations[operation].method
    for engine in engines(name, sent):
        match = engine.route(method, raw)
        assert match.operation is not None
        assert (match.operation.id, match.path_values) == (operation, sent.path)
        assert wrong(engine.check_request(operation, **sent.arguments())) == set()


@each_operation
@HALF
@given(data=st.data())
def test_requests_with_a_bad_parameter(name: str, operation: str, data: DataObject) -> None:
    """A parameter of a wrong type, out of range, unknown or missing is found by both, in its place."""
    sent = data.draw(REQUESTS[name].of(operation))
    found = list(REQUESTS[name].damaged_parameters(sent))
    if not found:
        return
    place, key, damaged = data.draw(st.sampled_from(found))
    for engine in engines(name, sent):
        wrong_ones = [one for one in engine.check_request(operation, **damaged.arguments()) if not one.drift]
        assert [(one.place, one.target) for one in wrong_ones] == [(f"request.{place}", f"/{key}")]


@each_operation
def test_requests_without_credentials(name: str, operation: str) -> None:
    """Both miss the credential."""
    for engine in (COMPILED[name], REFERENCE[name]):
        found = engine.check_request(operation, path=dict.fromkeys(["a"], "b"))
        assert "security" in {violation.keyword for violation in found}


@pytest.mark.parametrize(
    ("name", "operation"),
    [(name, one) for name in DOCUMENTS for one in REQUESTS[name].operations if REQUESTS[name].body(one) is not None],
)
@HALF
@given(data=st.data())
def test_requests_with_one_defect(name: str, operation: str, data: DataObject) -> None:
    """A body with one defect is refused by both, by the compiled engine exactly where the defect is."""
    sent = data.draw(REQUESTS[name].of(operation))
    drawn = bodies_with_defect(data, name, REQUESTS[name].body(operation), sent.value)
    if drawn is None:
        return
    defect, body = drawn
    arguments: dict[str, Any] = {**sent.arguments(), "body": body}
    compiled = COMPILED[name].check_request(operation, **arguments)
    reference = REFERENCE[name].check_request(operation, **arguments)
    assert wrong(compiled) == {"request.body"}
    assert pointers(compiled) == {told(defect)}
    if is_comparable(name, defect, body):
        assert wrong(reference) == {"request.body"}


@each_answer
@HALF
@given(data=st.data())
def test_valid_responses(name: str, answer: Answer, data: DataObject) -> None:
    """Neither engine finds anything wrong with a response that the contract allows."""
    value = data.draw(PAYLOADS[name].of(answer.schema))
    status = status_of(answer)
    body = orjson.dumps(value)
    assert wrong(COMPILED[name].check_response(answer.operation, status, value)) == set()
    assert wrong(COMPILED[name].check_response_bytes(answer.operation, status, body)) == set()
    if is_comparable(name, None, body):
        assert wrong(REFERENCE[name].check_response_bytes(answer.operation, status, body)) == set()


@each_answer
@HALF
@given(data=st.data())
def test_responses_with_one_defect(name: str, answer: Answer, data: DataObject) -> None:
    """A body with one defect is refused by both; a value that is new to an enum is drift to both."""
    value = data.draw(PAYLOADS[name].of(answer.schema))
    drawn = bodies_with_defect(data, name, answer.schema, value)
    if drawn is None:
        return
    defect, body = drawn
    status = status_of(answer)
    compiled = COMPILED[name].check_response_bytes(answer.operation, status, body)
    reference = REFERENCE[name].check_response_bytes(answer.operation, status, body)
    if defect.kind == "enum":
        assert told(defect) in {found.pointer for found in compiled}
    else:
        assert pointers(compiled) == {told(defect)}
    if is_comparable(name, defect, body):
        assert wrong(reference) == wrong(compiled)


def test_a_property_without_a_name_is_told_at_its_parent() -> None:
    """A name that is empty is lost from the paths of jsonschema-rs; the verdict is right, and so is the place."""
    schema = {"additionalProperties": {"type": "integer"}}
    media = {"content": {"application/json": {"schema": schema}}}
    paths = {"/op": {"get": {"operationId": "op", "responses": {"200": media}}}}
    document = {"openapi": "3.1.0", "paths": paths}
    assert pointers(Contract(document).check_response("op", 200, {"": "x"})) == {""}
    assert pointers(ReferenceContract(document).check_response("op", 200, {"": "x"})) == {"/"}
