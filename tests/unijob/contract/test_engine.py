"""The engine as a whole: it never raises, never tells a value, and takes the project's own contracts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import unijob.contract
from tests.unijob.contract.documents import document, json_body, one_schema
from tests.unijob.contract.test_oracle import COMPONENTS, SCHEMAS
from unijob.contract import Contract, OperationContract
from unijob.contract.document import Document
from unijob.contract.messages import describe
from unijob.contract.pointers import join_pointer

SPECS = sorted((Path(__file__).parents[3] / "specs").glob("*/20*.yaml"))
CANARY = "s3cr3t-canary"
KEYWORDS: list[dict[str, Any]] = [
    {"type": "integer"},
    {"type": ["null", "object"]},
    {"const": 1},
    {"enum": ["a"]},
    {"maxLength": 1},
    {"minLength": 100},
    {"pattern": "^a$"},
    {"format": "date-time"},
    {"not": {"type": "string"}},
    {"anyOf": [{"type": "integer"}, {"maxLength": 2}]},
    {"oneOf": [{"type": "string"}, {"minLength": 1}]},
    {"type": "string", "allOf": [{"const": "x"}]},
]
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=8,
)


def test_public_face() -> None:
    """The package's face is sorted and whole."""
    assert unijob.contract.__all__ == sorted(unijob.contract.__all__)
    assert all(hasattr(unijob.contract, name) for name in unijob.contract.__all__)


@pytest.mark.parametrize("schema", KEYWORDS, ids=str)
@pytest.mark.parametrize("wrap", ["value", "property", "item", "name"])
def test_messages_never_tell_a_value(schema: dict[str, Any], wrap: str) -> None:
    """No part of a violation holds what stood in the message but names of properties."""
    outer, value = {
        "value": (schema, CANARY),
        "property": ({"properties": {"p": schema}}, {"p": CANARY}),
        "item": ({"type": "array", "items": schema, "uniqueItems": True}, [CANARY, CANARY]),
        "name": ({"additionalProperties": schema}, {"p": CANARY}),
    }[wrap]
    contract = one_schema(outer)
    found = [
        *contract.check_response("op", 200, value),
        *contract.check_request("op", body=json.dumps(value).encode(), content_type="application/json"),
        *contract.check_request("op", body=b'{"' + CANARY.encode(), content_type="application/json"),
        *contract.check_request("op", body=CANARY.encode(), content_type=f"text/{CANARY}"),
    ]
    assert len(found) > 3
    assert CANARY not in repr(found)


@given(ANY, st.text(st.characters()), SCHEMAS)
def test_checks_never_raise(value: Any, text: str, schema: Any) -> None:
    """Any value, text and bytes have an answer, surrogates, huge numbers and NaN included."""
    contract = one_schema(schema, schemas=COMPONENTS)
    contract.check_response("op", 200, value)
    contract.check_response_bytes("op", 200, text.encode(errors="surrogatepass"), headers={text: text})
    contract.check_request(
        "op",
        path={text: text},
        query=[(text, text)],
        headers={text: text, "Cookie": text},
        body=text.encode(errors="surrogatepass"),
        content_type=text,
    )


@given(
    st.text(st.characters()), st.sampled_from(["form", "spaceDelimited", "pipeDelimited", "deepObject"]), st.booleans()
)
def test_parameters_never_raise(text: str, style: str, explode: bool) -> None:  # noqa: FBT001
    """Any text of any style has an answer."""
    schemas: list[Any] = [
        {"type": "array", "items": {"type": "integer"}},
        {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "number"}}}},
        {"type": ["number", "boolean", "null"]},
    ]
    parameters = [
        {"name": f"p{n}", "in": where, "style": style, "explode": explode, "schema": schema}
        for n, schema in enumerate(schemas)
        for where in ("query", "cookie")
    ]
    operation = {"operationId": "op", "parameters": parameters}
    contract = Contract(document({"/op": {"get": operation}}))
    pairs = [(name, text) for n in range(3) for name in (f"p{n}", f"p{n}[{text}]", f"p{n}[a][]", "a")]
    contract.check_request("op", query=pairs, cookies=dict(pairs))


@pytest.mark.parametrize("value", [{1: 2}, b"bytes", object(), {"a": {1}}])
def test_values_that_are_no_json_are_violations(value: Any) -> None:
    """A Python value that JSON does not have is `parse`."""
    assert [v.keyword for v in one_schema({"type": "string"}).check_response("op", 200, value)] == ["parse"]


def test_every_message_is_text() -> None:
    """A keyword without a text of its own has one that names it."""
    assert describe("maximum", {"limit": 3}) == "is greater than the maximum 3"
    assert describe("x-{odd}", {}) == "breaks the rule x-odd"


@pytest.mark.parametrize("path", SPECS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_contracts_of_the_project_compile_and_take_their_examples(path: Path) -> None:
    """Every schema compiles; every example of a response is clean."""
    written = json.loads(json.dumps(yaml.safe_load(path.read_text()), default=str))
    document_, contract = Document(written), Contract(written)
    contract.compile()
    checked = 0
    for operation in contract.operations.values():
        for status, media_type, pointer in _documented(operation):
            node = document_.at(pointer)
            places = [join_pointer(pointer, "examples", name) for name in node.get("examples") or ()]
            examples = [document_.follow(place)[1]["value"] for place in places]
            for example in [*examples, *([node["example"]] if "example" in node else [])]:
                checked += 1
                assert contract.check_response(operation.id, status, example, media_type=media_type) == ()
    assert checked


def _documented(operation: OperationContract) -> Iterator[tuple[int, str, str]]:
    for status in operation.statuses:
        for media_type, media in operation.documented(status).media_types.items():
            yield int(status) if status.isdigit() else 500, media_type, media.pointer


def test_loading_is_cheap_and_routes_do_not_depend_on_their_number() -> None:
    """A contract of 2,000 paths loads in well under a second, and its last route is found like its first."""
    paths = {
        f"/a{n}/{{id}}/b": {"get": {"operationId": f"op{n}", "responses": {"200": json_body({"type": "object"})}}}
        for n in range(2000)
    }
    start = time.perf_counter()
    contract = Contract(document(paths))
    assert time.perf_counter() - start < 3
    assert contract.route("GET", "/a1999/1/b").operation is contract.operations["op1999"]
