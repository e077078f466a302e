"""What a vendor's models and our contract say of one answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.witnesses.case import Case, Told, rule
from tests.witnesses.found import Found, Path, pointer, steps, unlike, within
from tests.witnesses.schemas import declares
from unijob import parse, registry
from unijob.errors import UnijobError
from unijob.kinds import AnyKind

DEFAULT_STATUS = 599
"""What stands for the statuses that a contract documents as `default`."""
FIRST_ERROR = 400


def number(status: str) -> int:
    """A status that leads to a documented one."""
    return int(status) if status.isdecimal() else DEFAULT_STATUS


def answer_of_ours(case: Case, operation: str, status: str, payload: Any) -> Told:
    """Let the vendor's client read an answer that our contract allows."""
    told = case.ask("read", operation, status=number(status), payload=payload)
    answer = f"{operation} {status}"
    if "refused" in told:
        paths = tuple(within(payload, problem["loc"]) for problem in told["refused"])
        problems = zip(paths, told["refused"], strict=True)
        found = {case.at("answer: theirs refuses", answer, path, problem["type"]) for path, problem in problems}
        return Told(found=frozenset(found), usable=False, refused=paths)
    if "value" in told:
        return Told(found=frozenset(_differing(case, operation, status, payload, told)))
    if number(status) >= FIRST_ERROR:  # it raised an error of its own with the answer in it
        return Told()
    return Told(found=frozenset([case.found("answer: theirs refuses", answer, "/", told["error"])]), usable=False)


def _differing(case: Case, operation: str, status: str, payload: Any, told: Mapping[str, Any]) -> Iterator[Found]:
    answer = f"{operation} {status}"
    new = [steps(one.pointer) for one in case.contract.check_response(operation, number(status), payload) if one.drift]
    schema = case.schemas[operation, status]
    unknown = [path for path in _unknown(case, told) if declares(case.document, schema, path)]
    for path in unknown:
        yield case.at("answer: theirs differs", answer, path, "unknown to it")
    beside = [*new, *(tuple(map(str, path)) for path in unknown)]
    for path, how in unlike(payload, told["value"]):
        if not any(tuple(map(str, path[: len(one)])) == one for one in beside):
            yield case.at("answer: theirs differs", answer, path, how)
    for kind in _kinds(case, operation):
        for path, how in unlike(_read(case, kind, payload), _read(case, kind, told["value"])):
            place = pointer(path[:1], {str(step) for step in path[:1]})
            yield case.found("answer: theirs differs", answer, f"job {place}", how)


def _unknown(case: Case, told: Mapping[str, Any]) -> list[Path]:
    """The places of values, named as one is in the contract, that the vendor's models keep without knowing them."""
    return [path for path in told["unknown"] if not path or path[-1] in case.names or isinstance(path[-1], int)]


def _kinds(case: Case, operation: str) -> list[AnyKind]:
    kinds = [registry.kind(f"{case.provider}:{name}") for name in registry.provider(case.provider).kinds]
    return [kind for kind in kinds if kind.get == operation]


def _read(case: Case, kind: AnyKind, payload: Any) -> Any:
    """What we read: the Job or Schedule as JSON without remarks on the wire's form, or the name of the error."""
    try:
        read = parse(kind.name, payload, revision=case.revision)
    except UnijobError as error:
        return type(error).__name__
    return {name: value for name, value in read.to_dict().items() if name != "warnings"}


def answer_of_theirs(case: Case, operation: str, payload: Any) -> Told:
    """Hold against our contract what the vendor's models make of a payload that they allow."""
    statuses = _typed_statuses(case, operation)
    told = case.ask("read", operation, status=number(statuses[0]), payload=payload)
    if "value" not in told:
        refused = tuple(within(payload, problem["loc"]) for problem in told.get("refused", ()))
        return Told(usable=False, refused=refused)
    lost = _unknown(case, told)
    if lost:  # it does not know its own value, and puts a placeholder there
        return Told(usable=False, refused=tuple(lost))
    by_status = {one: case.contract.check_response(operation, number(one), told["value"]) for one in statuses}
    # Of an error's answer nothing may be wrong, else a broken answer could be taken for a broken error.
    held = [one for one in statuses if one.startswith("2") or not by_status[one]]
    status = min(held, key=lambda one: len(by_status[one]))
    found = {
        case.at("answer: ours refuses", f"{operation} {status}", steps(one.target), rule(one))
        for one in by_status[status]
    }
    return Told(found=frozenset(found))


def _typed_statuses(case: Case, operation: str) -> list[str]:
    """The documented statuses whose answers cannot be just anything, successes first."""
    statuses = sorted(case.operations[operation][1]["responses"])
    return [one for one in statuses if case.contract.check_response(operation, number(one), None)]
