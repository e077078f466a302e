"""Exercises every contract with the fewest payloads that take every way through it, and tells what was reached."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from tests.coverage_of_specs.gaps import Gaps
from tests.coverage_of_specs.walking import ASSERTED, Place, Walker
from unijob import registry
from unijob.errors import JobNotFound, Violation
from unijob.jsontypes import is_list
from unijob.kinds import AnyKind, StatusTable
from unijob.parsing import parse
from unijob.reading import Reading
from unijob.testing.strategies import Covering, Defect
from unijob.testing.strategies.documents import METHODS, resolve
from unijob.testing.strategies.requests import written
from unijob.testing.suite.cases import Read, Revision, revision
from unijob.testing.suite.readings import model_of, ref_of, says_nothing_there

TOKEN = {"Authorization": "Bearer t0ken"}
Checked = tuple[Violation, ...]
SAMPLE = object()


@attrs.define
class Reached:
    """What there is in one contract, and what of it was reached.

    Attributes:
        answers: operations and statuses.
        values: enum values, by schema.
        held: keywords that an allowed value was held to.
        broken: keywords that a value was seen to break.
        reasons: why the others are not broken, where there is a reason.
        refused: allowed messages in which something was found, and what: there should be none.
        unseen: defects in which nothing was found: there should be none.
    """

    name: str
    answers: dict[tuple[str, str], bool] = attrs.field(factory=dict[tuple[str, str], bool])
    values: dict[tuple[str, Any], bool] = attrs.field(factory=dict[tuple[str, Any], bool])
    held: dict[Place, bool] = attrs.field(factory=dict[Place, bool])
    broken: dict[Place, bool] = attrs.field(factory=dict[Place, bool])
    reasons: dict[Place, str] = attrs.field(factory=dict[Place, str])
    refused: list[str] = attrs.field(factory=list[str])
    unseen: list[str] = attrs.field(factory=list[str])


class Exercise:
    """Holds one contract's messages against it.

    Args:
        case: the contract.
    """

    def __init__(self, case: Revision) -> None:
        self._case = case
        self._document = case.document
        self._walker = Walker(self._document)
        self._covering = Covering(self._document)
        self._broken: set[Place] = set()
        self._tried: set[tuple[str, str, str, str]] = set()
        self._reached = Reached(repr(case))

    def run(self) -> Reached:
        """Exercise everything."""
        for path, item in self._document["paths"].items():
            for method in METHODS & item.keys():
                self._operation(f"/paths/{path.replace('/', '~1')}", item, method)
        keywords, values = self._walker.whole()
        reached = self._reached
        reached.values = {value: value in self._walker.values for value in values}
        reached.held = {place: place in self._walker.held for place in keywords}
        reached.broken = {place: place in self._broken for place in keywords if place[1] in ASSERTED}
        gaps = Gaps(self._walker)
        unbroken = [place for place, seen in reached.broken.items() if not seen]
        reached.reasons = {place: why for place in unbroken if (why := gaps.reason(place)) is not None}
        return reached

    def _operation(self, base: str, item: Mapping[str, Any], method: str) -> None:
        operation = item[method]
        name: str = operation["operationId"]
        for status in operation["responses"]:
            self._answer(name, status, resolve(self._document, operation["responses"][status]))
        places = [(f"{base}/parameters/{n}", one) for n, one in enumerate(item.get("parameters", ()))]
        places += [(f"{base}/{method}/parameters/{n}", one) for n, one in enumerate(operation.get("parameters", ()))]
        for pointer, parameter in places:
            self._parameter(name, pointer, parameter)
        if "requestBody" in operation:
            self._body(name)

    def _answer(self, name: str, status: str, response: Mapping[str, Any]) -> None:
        code = int(status) if status.isdecimal() else 599
        contract = self._case.contract
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            found = contract.check_response_bytes(name, code, b"{}" if response.get("content") else b"")
        else:
            pointer = next(at for at, node in self._walker.roots() if node is schema)
            found = self._values(
                f"{name} {status}", pointer, schema, lambda value: contract.check_response(name, code, value)
            )
        self._reached.answers[name, status] = not found

    def _body(self, name: str) -> None:
        schema = self._case.requests.body(name)
        assert schema is not None
        pointer = next(at for at, node in self._walker.roots() if node is schema)
        self._values(f"{name} body", pointer, schema, lambda value: self._check(name, body=value))

    def _values(self, where: str, pointer: str, schema: Any, check: Callable[[Any], Checked]) -> Checked:
        refused: list[Violation] = []
        for value in self._covering.of(schema):
            self._walker.walk(pointer, value)
            refused += [one for one in check(value) if not one.drift]
            for defect in self._case.defects.of(schema, value):
                self._break(where, defect, value, check)
        self._reached.refused += [f"{where}: {one}" for one in refused]
        return tuple(refused)

    def _break(self, where: str, defect: Defect, value: Any, check: Callable[[Any], Checked]) -> None:
        place = re.sub(r"/\d+", "/*", defect.pointer)
        key = where, f"{place} {defect.path[-1] if defect.path else ''}", defect.kind, repr(defect.value)
        if key in self._tried:
            return
        self._tried.add(key)
        found = check(defect.apply(value))
        if not found:
            self._reached.unseen.append(f"{where}: {defect}")
        for one in found:
            pointer, _, keyword = one.schema_pointer.rpartition("/")
            self._broken.add((pointer, keyword))

    def _parameter(self, name: str, pointer: str, written_as: Mapping[str, Any]) -> None:
        parameter = resolve(self._document, written_as)
        if "$ref" in written_as:
            pointer = written_as["$ref"].removeprefix("#")
        schema, at = parameter["schema"], (parameter["in"], parameter["name"])
        for value in self._covering.of(schema):
            if value in ("", [], None):
                continue  # no text is told from none, and a path has no empty segment
            self._walker.walk(f"{pointer}/schema", value)
            found = [one for one in self._check(name, parameter=(*at, value)) if not one.drift]
            self._reached.refused += [f"{name} {at}: {one}" for one in found]
        for value in ("", "seven", "1.5", "-1", "0", "99999999999999999999", "no such value", "x" * 5000):
            for one in self._check(name, parameter=(*at, value)):
                base, _, keyword = one.schema_pointer.rpartition("/")
                self._broken.add((base, keyword))

    def _check(self, name: str, body: Any = SAMPLE, parameter: tuple[str, str, Any] | None = None) -> Checked:
        parts: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": dict(TOKEN)}
        samples = self._case.requests.sample(name)
        for one in self._case.requests.parameters(name):
            if one.get("required") is True:
                parts[one["in"]][one["name"]] = written(samples[one["name"]])
        pairs = list(parts["query"].items())
        if parameter is not None:
            place, key, one = parameter
            texts = [written(item) for item in one] if is_list(one) else [written(one)]
            if place == "query":
                pairs = [*(pair for pair in pairs if pair[0] != key), *((key, text) for text in texts)]
            else:
                parts[place][key] = ",".join(texts)
        body = self._sample_body(name, samples) if body is SAMPLE else body
        has_body = self._case.requests.body(name) is not None
        return self._case.contract.check_request(
            name,
            path=parts["path"],
            query=pairs,
            headers=parts["header"],
            body=json.dumps(body).encode() if has_body else None,
            content_type="application/json" if has_body else None,
        )

    def _sample_body(self, name: str, samples: Mapping[str, Any]) -> Any:
        parameters = {one["name"] for one in self._case.requests.parameters(name)}
        return {key: value for key, value in samples.items() if key not in parameters}


def contracts() -> Iterator[Reached]:
    """Exercise every contract of every installed provider."""
    for provider in registry.provider_names():
        for name in registry.revisions(provider):
            yield Exercise(revision(provider, name)).run()


def status_lines() -> dict[tuple[str, str, str], bool]:
    """Every line of every status table, and whether a payload of its kind was read by it."""
    read: set[tuple[int, str]] = set()
    status = Reading.status

    def noted(self: Reading, table: StatusTable, raw: object, field: str) -> Any:
        read.add((id(table), str(raw)))
        return status(self, table, raw, field)

    Reading.status = noted  # type: ignore[method-assign]
    try:
        kinds = [registry.kind(name) for name in registry.kind_names()]
        for kind in kinds:
            _read_all(kind)
    finally:
        Reading.status = status  # type: ignore[method-assign]
    return {
        (kind.name, table.enum, value): (id(table), value) in read
        for kind in kinds
        for table in kind.tables
        for value in (*table.states, *table.absent)
    }


def _read_all(kind: AnyKind) -> None:
    for name in registry.revisions(kind.provider):
        if kind.get not in registry.package(kind.provider, name).operations:
            continue
        case = Read(revision(kind.provider, name), kind)
        for payload in Covering(case.revision.document).of(case.answer.schema):
            model = model_of(kind, payload)
            model.update({key: "an id" for key in kind.vital if model.get(key) in ("", ".", "..")})
            try:
                ref = kind.name if says_nothing_there(kind, payload) else ref_of(case, payload)
                parse(ref, payload, revision=name)
            except JobNotFound:
                continue
