"""Each row of the table of differences, shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import orjson
import pytest

from tests.unijob.contract.documents import document, json_body
from unijob.contract import Contract
from unijob.contract.formats import KNOWN
from unijob.contract.reference import DIFFERENCES, ReferenceContract
from unijob.errors import Violation

FORMATS = {
    "date": "2026-02-30",
    "time": "25:00:00Z",
    "duration": "one day",
    "email": "nobody",
    "hostname": "-a-",
    "ipv4": "1.2.3",
    "ipv6": "1:2",
    "json-pointer": "a",
    "regex": "(",
    "uri": "no uri",
    "uri-reference": "\\",
    "uuid": "1234",
    "date-time": "yesterday",
    "byte": "=",
    "int32": "x",
    "int64": "x",
    "uint32": "x",
    "uint64": "x",
}


@attrs.frozen(kw_only=True)
class Case:
    """A message that the engines see differently."""

    schema: Any = attrs.field(factory=dict[str, Any])
    parameter: dict[str, Any] | None = None
    body: bytes | None = None
    query: tuple[tuple[str, str], ...] = ()
    path: str = "/op"
    headers: dict[str, str] = attrs.field(factory=dict[str, str])
    response: bytes | None = None
    version: str = "3.1.0"
    raw_path: str | None = None
    content_type: str = "application/json"
    secure: bool = False
    options: dict[str, Any] = attrs.field(factory=dict[str, Any])

    def found_by(self, engine: type[Contract]) -> bool:
        """Tell whether an engine finds something wrong."""
        operation: dict[str, Any] = {
            "operationId": "op",
            "requestBody": {"content": {self.content_type: {"schema": self.schema}}},
            "responses": {"200": json_body(self.schema)},
        }
        if self.parameter is not None:
            operation["parameters"] = [{"name": "a", "in": "query", **self.parameter}]
        schemes = {"key": {"type": "http", "scheme": "bearer"}}
        root = document({self.path: {"post": operation}}, version=self.version)
        root["components"]["securitySchemes"] = schemes
        root["security"] = [{"key": []}] if self.secure else []
        contract = engine(root, **self.options)
        if self.raw_path is not None:
            return contract.route("POST", self.raw_path).operation is None
        if self.response is not None:
            return _wrong(contract.check_response_bytes("op", 200, self.response))
        headers = {**self.headers, "Content-Type": self.content_type}
        return _wrong(contract.check_request("op", query=self.query, headers=headers, body=self.body))


def _wrong(found: Iterable[Violation]) -> bool:
    return any(not one.drift for one in found)


OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}}
CASES: dict[str, Case] = {
    "boolean schema": Case(schema=True, response=b"1"),
    "NaN": Case(response=b'{"a": NaN}'),
    "huge number": Case(response=b'{"a": 1e400}'),
    "lone surrogate": Case(response=rb'{"a": "\ud800"}'),
    "encoding": Case(response='{"a": 1}'.encode("utf-16")),
    "byte order mark": Case(response=b'\xef\xbb\xbf{"a": 1}'),
    "repeated name": Case(response=b'{"a": 1, "a": 2}', options={"unique_keys": True}),
    "leap second": Case(schema={"type": "string", "format": "date-time"}, response=b'"2016-12-31T23:59:60Z"'),
    "pointed integer": Case(schema=OBJECT, response=b'{"a": 1.0}', version="3.0.3"),
    "read-only": Case(schema={"properties": {"a": {"readOnly": True}}}, body=b'{"a": 1}'),
    "empty value": Case(parameter={"schema": {"type": "string"}}, query=(("a", ""),)),
    "integer text": Case(parameter={"schema": {"type": "integer"}}, query=(("a", "1_000"),)),
    "number text": Case(parameter={"schema": {"type": "number"}}, query=(("a", "nan"),)),
    "boolean text": Case(parameter={"schema": {"type": "boolean"}}, query=(("a", "yes"),)),
    "repeated parameter": Case(parameter={"schema": {"type": "integer"}}, query=(("a", "1"), ("a", "2"))),
    "exploded object": Case(parameter={"schema": {**OBJECT, "required": ["a"]}, "required": True}, query=(("a", "1"),)),
    "space-delimited": Case(
        parameter={
            "style": "spaceDelimited",
            "explode": False,
            "schema": {"type": "array", "items": {"type": "integer"}},
        },
        query=(("a", "1 2"),),
    ),
    "credential": Case(secure=True, headers={"Authorization": "Bearer (?)"}),
    "empty segment": Case(path="/op/{a}", raw_path="/op/"),
    "header of HTTP": Case(parameter={"in": "header", "name": "Accept", "required": True, "schema": {}}),
    "extra of a form": Case(
        schema={**OBJECT, "additionalProperties": False},
        body=b"b=1",
        content_type="application/x-www-form-urlencoded",
    ),
    "opaque body": Case(schema={"type": "object"}, body=b"x", content_type="application/octet-stream"),
    "text": Case(schema={"type": "string"}, body=b"\xff", content_type="text/plain"),
}
ROWS = {row.name: row for row in DIFFERENCES}


def test_every_row_is_shown() -> None:
    """The table holds what is shown here, and nothing else."""
    assert sorted(ROWS) == sorted([*CASES, "unknown formats"])
    assert len(ROWS) == len(DIFFERENCES)
    assert all(row.reason for row in DIFFERENCES)


@pytest.mark.parametrize("name", CASES)
def test_only_one_engine_finds(name: str) -> None:
    """The engine that the table names finds something wrong, and the other does not."""
    found = {"compiled": CASES[name].found_by(Contract), "reference": CASES[name].found_by(ReferenceContract)}
    assert found == {engine: engine == ROWS[name].finds for engine in found}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("name", sorted(KNOWN))
def test_formats(name: str, version: str) -> None:
    """A text that is not of its format is found by both engines, or by the compiled one where the table says so."""
    body = orjson.dumps(FORMATS[name])
    case = Case(schema={"type": "string", "format": name}, response=body, version=version)
    assert case.found_by(Contract)
    assert case.found_by(ReferenceContract) is (name not in ROWS["unknown formats"].formats)
