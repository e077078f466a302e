"""The vendors' own clients as witnesses: what they read, hold and send is what our contracts say, but for a table."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.witnesses import cases
from tests.witnesses.answers import answer_of_ours, answer_of_theirs
from tests.witnesses.case import Case
from tests.witnesses.cover import Cover
from tests.witnesses.found import Found
from tests.witnesses.requests import arguments_of, request_of_ours, request_of_theirs
from tests.witnesses.survey import survey
from tests.witnesses.table import news, past
from unijob import registry
from unijob.testing.strategies import Payloads, answers

often = settings(max_examples=max(150, settings().max_examples))
each_contract = pytest.mark.parametrize("contract", cases.CONTRACTS)


@cache
def surveyed(contract: str) -> tuple[frozenset[Found], list[str]]:
    """What the cover finds, once a session."""
    return survey(cases.case(contract))


@cache
def payloads(contract: str, operation: str, which: str) -> st.SearchStrategy[Any]:
    """What the vendor's client takes as arguments or gives back."""
    schema = cases.case(contract).described(operation)[which]
    return Payloads(schema).of(schema)


@cache
def own(contract: str) -> Payloads:
    """What our contract allows."""
    return Payloads(cases.case(contract).document)


@cache
def calls(contract: str, operation: str) -> st.SearchStrategy[Any]:
    """The arguments that our contract allows, by place."""
    schema = arguments_of(cases.case(contract), operation)
    places = {place: own(contract).of(one) for place, one in schema["properties"].items()}
    optional = {"body": places.pop("body")} if "body" in places and "body" not in schema["required"] else {}
    return st.fixed_dictionaries(places, optional=optional)


def nothing_new(found: Iterable[Found]) -> None:
    """Fail with every disagreement that the table does not tell of."""
    told = news(found)
    if told:
        pytest.fail("\n".join(["not in differences.toml:", *told]))


def operation_of(case: Case, data: DataObject) -> str:
    """Draw an operation that the vendor's client has."""
    return data.draw(st.sampled_from(sorted(case.methods)))


def test_every_contract_of_ours_has_a_witness() -> None:
    """No provider and no revision goes without."""
    shipped = {
        name for name in registry.provider_names() if registry.provider(name).contracts.startswith("unijob_models")
    }
    assert {contract.partition("@")[0] for contract in cases.CONTRACTS} == shipped


@each_contract
def test_nothing_differs_but_what_the_table_tells(contract: str) -> None:
    """The cover of every answer and every request, both ways, finds only known disagreements."""
    nothing_new(surveyed(contract)[0])


@each_contract
def test_the_table_tells_only_what_differs(contract: str) -> None:
    """A line that tells of nothing any more is to be struck."""
    assert past(contract, surveyed(contract)[0]) == []


@each_contract
def test_the_cover_reaches_everything(contract: str) -> None:
    """Of each answer and each request at least one value was taken by both sides."""
    assert surveyed(contract)[1] == []


@each_contract
@often
@given(data=st.data())
def test_answers_that_we_allow(contract: str, data: DataObject) -> None:
    """The vendor's models read any answer that our contract allows, and give back what we read."""
    case = cases.case(contract)
    known = [answer for answer in answers(case.document) if answer.operation in case.methods]
    answer = data.draw(st.sampled_from(known))
    payload = data.draw(own(contract).of(answer.schema))
    nothing_new(answer_of_ours(case, answer.operation, answer.status, payload).found)


@each_contract
@often
@given(data=st.data())
def test_answers_that_they_hold(contract: str, data: DataObject) -> None:
    """Our contract allows any answer that the vendor's models can hold."""
    case = cases.case(contract)
    operation = operation_of(case, data)
    payload = data.draw(payloads(contract, operation, "gives"))
    nothing_new(answer_of_theirs(case, operation, payload).found)


@each_contract
@often
@given(data=st.data())
def test_requests_that_they_send(contract: str, data: DataObject) -> None:
    """Our contract allows any request that the vendor's client builds."""
    case = cases.case(contract)
    operation = operation_of(case, data)
    arguments = data.draw(payloads(contract, operation, "takes"))
    nothing_new(request_of_theirs(case, operation, arguments).found)


@each_contract
@often
@given(data=st.data())
def test_requests_that_we_send(contract: str, data: DataObject) -> None:
    """The vendor's client builds the same request as ours of any arguments that our contract allows."""
    case = cases.case(contract)
    operation = operation_of(case, data)
    nothing_new(request_of_ours(case, operation, data.draw(calls(contract, operation))).found)


def test_an_undeclared_property_may_be_named_like_another() -> None:
    """`host` is a property elsewhere: where anything may stand, a client that does not know it misses nothing."""
    case = cases.case("mka1@2026-07")
    schema = case.schemas["createEvalRun", "200"]
    payload = next(value for value in Cover(case.document).of(schema) if isinstance(value.get("generation"), dict))
    payload = {**payload, "generation": {**payload["generation"], "host": None}}
    assert "host" in case.names
    nothing_new(answer_of_ours(case, "createEvalRun", "200", payload).found)


def test_an_id_with_a_question_mark() -> None:
    """The vendor's client does not encode it: what follows is a query, and the request leads elsewhere."""
    case = cases.case("gradient@2026-08")
    (found,) = request_of_theirs(case, "genai_delete_knowledge_base", {"uuid": "0?0"}).found
    assert (found.where, found.what) == ("path /", "leads elsewhere")
