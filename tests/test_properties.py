"""What holds for every payload: the round trip, and that reading is total."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.strategies import Answer, Payloads, answers, damaged, json_values
from unijob import registry
from unijob.contract import Contract
from unijob.converter import dumps, loads, structure, structure_leniently, unstructure
from unijob.errors import ContractViolation, JobNotFound, Violation
from unijob.job import Job, JobPart, JobState, Progress
from unijob.kinds import AnyKind
from unijob.parsing import parse
from unijob.ref import JobRef, is_segment
from unijob.schedule import Schedule
from unijob_models.runtime import ContractPackage

CONTRACTS = [
    registry.package(name, revision) for name in registry.provider_names() for revision in registry.revisions(name)
]
PAYLOADS = {(c.provider, c.revision): Payloads(c.document()) for c in CONTRACTS}
READINGS = [(name, c) for name in registry.kind_names() for c in CONTRACTS if c.provider == name.partition(":")[0]]
TIMES = ("created_at", "started_at", "finished_at", "updated_at", "next_run_at", "last_run_at")

each_reading = pytest.mark.parametrize(
    ("kind_name", "contract"), READINGS, ids=[f"{name} {c.revision}" for name, c in READINGS]
)


def distinct_answers() -> Iterator[Any]:
    """Every JSON response schema of every contract, once each."""
    for contract in CONTRACTS:
        seen: set[str] = set()
        for answer in answers(contract.document()):
            schema = orjson.dumps(answer.schema).decode()
            if schema not in seen:
                seen.add(schema)
                name = f"{contract.provider} {contract.revision} {answer.operation} {answer.status}"
                yield pytest.param(contract, answer, id=name)


def payloads(contract: ContractPackage, answer: Answer) -> st.SearchStrategy[Any]:
    """The payloads of one response."""
    return PAYLOADS[contract.provider, contract.revision].of(answer.schema)


def get_payloads(kind: AnyKind, contract: ContractPackage) -> st.SearchStrategy[Any]:
    """The payloads that a kind's `get` may answer with."""
    success = contract.operations[kind.get].success.status
    found = [a for a in answers(contract.document()) if (a.operation, a.status) == (kind.get, success)]
    return payloads(contract, found[0])


def violations(contract: ContractPackage, answer: Answer, payload: Any) -> list[Violation]:
    """What a contract finds wrong with a payload, but for what is only new to it."""
    status = int(answer.status) if answer.status.isdecimal() else 599
    checks = registry.contract(contract.provider, contract.revision)
    return [found for found in checks.check_response(answer.operation, status, payload) if not found.drift]


def model_of(contract: ContractPackage, answer: Answer) -> Any:
    """The generated model of a response."""
    responses = contract.operations[answer.operation].responses
    return next(response.model for response in responses if response.status == answer.status)


def check_read(found: Job[Any, Any] | Schedule[Any], kind: AnyKind) -> None:
    """Hold what holds for everything that was read."""
    assert JobRef.parse(str(found.ref)).kind == kind.name
    printed = found.to_dict()
    assert json.loads(json.dumps(printed, allow_nan=False)) == orjson.loads(orjson.dumps(printed)) == printed
    times = [getattr(found, name, None) for name in TIMES]
    assert all(time is None or (isinstance(time, datetime) and time.tzinfo is UTC) for time in times)
    assert all(found.warnings)
    assert len(set(found.warnings)) == len(found.warnings)
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert again.source == found.source
    if isinstance(found, Job):
        check_job(found)


def check_job(job: Job[Any, Any]) -> None:
    """Hold what holds for every job and its parts."""
    pieces: list[Job[Any, Any] | JobPart] = [job, *job.parts]
    for piece in pieces:
        assert isinstance(piece.state, JobState)
        assert piece.raw_status is None or type(piece.raw_status) is str
        check_progress(piece.progress)
    assert job.duration is None or job.duration.total_seconds() >= 0
    assert job.result is None or job.is_terminal


def check_progress(progress: Progress | None) -> None:
    """Hold what holds for all counts."""
    if progress is None:
        return
    counts = (progress.total, progress.completed, progress.failed, progress.cancelled, progress.skipped)
    assert all(count is None or (type(count) is int and 0 <= count < 2**64) for count in counts)
    assert progress.fraction is None or 0 <= progress.fraction <= 1


def identified(kind: AnyKind, payload: Any) -> JobRef:
    """The reference of a payload, whose ids are made such as a reference can hold where they are not."""
    if kind.singleton:
        return JobRef(kind.provider, kind.type)
    model: dict[str, Any] = payload.setdefault(kind.envelope, {}) if kind.envelope else payload
    ids: list[str] = []
    for name in kind.ids:
        key = name if name in {"vector_store_id", "uuid"} else "id"
        if key in model and not is_segment(model[key]):
            model[key] = "an id"
        ids.append(model.get(key, "an id"))
    return JobRef(kind.provider, kind.type, tuple(ids))


@pytest.mark.parametrize(("contract", "answer"), list(distinct_answers()))
@given(data=st.data())
def test_round_trip(contract: ContractPackage, answer: Answer, data: DataObject) -> None:
    """A payload that its contract allows is structured and written back as it was, in data and in bytes."""
    payload = data.draw(payloads(contract, answer))
    assert violations(contract, answer, payload) == []
    model = model_of(contract, answer)
    read = structure(payload, model)
    assert unstructure(read) == payload
    assert structure_leniently(payload, model) == read
    assert unstructure(structure(loads(dumps(payload)), model)) == payload
    assert loads(dumps(read)) == payload


NODE = {
    "type": "object",
    "required": ["name", "kind"],
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 3},
        "kind": {"enum": ["leaf", "branch"]},
        "id": {"type": "string", "format": "uuid"},
        "at": {"type": "string", "format": "date-time"},
        "on": {"type": "string", "format": "date"},
        "size": {"type": "string", "format": "uint64"},
        "offset": {"type": "string", "format": "int64"},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "labels": {"type": "object", "additionalProperties": {"type": "integer", "format": "int32", "minimum": 5}},
        "closed": {"type": "object", "properties": {"a": {"type": "boolean"}}, "additionalProperties": False},
        "children": {"type": "array", "minItems": 1, "maxItems": 9, "items": {"$ref": "#/components/schemas/Node"}},
        "next": {"allOf": [{"$ref": "#/components/schemas/Node"}, {"required": ["id"]}]},
        "either": {"oneOf": [{"type": "integer"}, {"type": "string"}, {"$ref": "#/components/schemas/Node"}]},
        "any": {},
    },
}
OLD_WAYS = {
    "odd": {"type": "string", "nullable": True, "enum": ["a", None]},
    "maybe": {"type": "integer", "nullable": True, "minimum": 0, "exclusiveMinimum": True, "maximum": 2},
    "other": {"nullable": True, "anyOf": [{"type": "boolean"}, {"type": "array", "items": {"type": "string"}}]},
}
NEW_WAYS = {
    "odd": {"type": ["string", "null"], "pattern": "^[a-c]{2}$"},
    "maybe": {"type": ["integer", "boolean", "null"], "exclusiveMinimum": 0, "exclusiveMaximum": 3},
    "other": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "minItems": 2},
    "tag": {"const": {"a": [1]}},
}


def made_up(version: str, ways: Mapping[str, Any]) -> dict[str, Any]:
    """A document that has what the packed ones do not."""
    node = {**NODE, "properties": {**NODE["properties"], **ways}}  # type: ignore[dict-item]
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
    return {
        "openapi": version,
        "info": {"title": "made up", "version": "1"},
        "paths": {"/": {"get": {"operationId": "get", "responses": {"200": {"description": "", "content": content}}}}},
        "components": {"schemas": {"Node": node}},
    }


MADE_UP = {"3.0": made_up("3.0.3", OLD_WAYS), "3.1": made_up("3.1.0", NEW_WAYS)}
MADE_UP_CONTRACTS = {version: Contract(document) for version, document in MADE_UP.items()}
MADE_UP_PAYLOADS = {version: Payloads(document) for version, document in MADE_UP.items()}


@pytest.mark.parametrize("version", MADE_UP)
@given(data=st.data())
def test_strategies_know_more_than_the_contracts_need(version: str, data: DataObject) -> None:
    """Payloads of either version of OpenAPI fit it: recursion, compositions, bounds, nullable, closed objects."""
    (answer,) = answers(MADE_UP[version])
    payload = data.draw(MADE_UP_PAYLOADS[version].of(answer.schema))
    findings = MADE_UP_CONTRACTS[version].check_response("get", 200, payload)
    assert [found for found in findings if not found.drift] == []


@each_reading
@given(data=st.data())
def test_reading_is_total(kind_name: str, contract: ContractPackage, data: DataObject) -> None:
    """Every answer that a kind's contract allows is a Job or a Schedule, or says that there is no such job."""
    kind = registry.kind(kind_name)
    payload = data.draw(get_payloads(kind, contract))
    ref = identified(kind, payload)
    for revision in (contract.revision, None):
        try:
            found = parse(ref, payload, revision=revision, strict=revision is not None)
        except JobNotFound:
            assert kind.singleton
            assert payload["status"] == "NOT_FOUND"
            continue
        check_read(found, kind)
        assert found.ref == ref or kind.singleton
        if revision is not None:
            assert found.revision == revision
            model = payload[kind.envelope] if kind.envelope else payload
            assert unstructure(found.source) == model
        assert parse(found.ref, orjson.dumps(payload), revision=revision) == found


@each_reading
@given(data=st.data())
def test_a_kind_alone_finds_the_same(kind_name: str, contract: ContractPackage, data: DataObject) -> None:
    """With only a kind, the identity comes from the payload; without one there is a violation."""
    kind = registry.kind(kind_name)
    payload = data.draw(get_payloads(kind, contract))
    ref = identified(kind, payload)
    model: Mapping[str, Any] = payload[kind.envelope] if kind.envelope else payload
    assume(model.get("status") != "NOT_FOUND")
    if kind.envelope and "uuid" not in model:
        with pytest.raises(ContractViolation):
            parse(kind_name, payload)
    else:
        assert parse(kind_name, payload, revision=contract.revision) == parse(ref, payload, revision=contract.revision)


@each_reading
@given(data=st.data())
def test_damage_is_read_or_refused(kind_name: str, contract: ContractPackage, data: DataObject) -> None:
    """A damaged answer is a Job, a Schedule, no job, or a violation, and nothing else."""
    kind = registry.kind(kind_name)
    whole = data.draw(get_payloads(kind, contract))
    ref = identified(kind, whole)
    payload = data.draw(damaged(st.just(whole)))
    asked = ref if data.draw(st.booleans()) else kind_name
    revision = contract.revision if data.draw(st.booleans()) else None
    for strict in (False, True):
        try:
            found = parse(asked, payload, revision=revision, strict=strict)
        except (JobNotFound, ContractViolation):
            continue
        check_read(found, kind)


@each_reading
@given(value=json_values | st.binary(max_size=20) | st.text(max_size=20))
def test_garbage_is_refused(kind_name: str, contract: ContractPackage, value: Any) -> None:
    """Any JSON, text or bytes is read or refused as a violation."""
    try:
        found = parse(kind_name, value, revision=contract.revision)
    except ContractViolation:
        return
    check_read(found, registry.kind(kind_name))
