"""What is wrong with an answer is told where it is."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from unijob.errors import ContractViolation, Violation
from unijob.jsontypes import is_object
from unijob.parsing import parse
from unijob.ref import JobRef
from unijob.testing.strategies import Defect, json_values
from unijob.testing.suite.cases import Cases, Read, drawn
from unijob.testing.suite.holds import check_read
from unijob.testing.suite.readings import payload_of, ref_of, says_nothing_there

UNKNOWN = "not documented anywhere"


def told(defect: Defect) -> str:
    """Give the pointer at which a contract tells a defect: names that are empty are left out of its paths."""
    return attrs.evolve(defect, path=tuple(step for step in defect.path if step != "")).pointer


def is_vital(read: Read, target: str) -> bool:
    """Tell whether a place is an identity's or a status', or holds one."""
    base = "" if read.kind.envelope is None else f"/{read.kind.envelope}"
    vital = [f"{base}/{name}" for name in read.kind.vital]
    return any((target + "/").startswith(one + "/") or (one + "/").startswith(target + "/") for one in vital)


class Precision(Cases):
    """Reads answers with exactly one defect, or with something new."""

    @drawn
    @given(data=st.data())
    def test_one_defect_is_told_where_it_is(self, read: Read, data: DataObject) -> None:
        """Strictly it is a violation at its place; leniently a warning that names the place, unless it is vital."""
        payload = payload_of(data, read)
        defects = list(read.revision.defects.of(read.answer.schema, payload))
        if says_nothing_there(read.kind, payload) or not defects:
            return
        defect = data.draw(st.sampled_from(defects))
        ref, broken, name = ref_of(read, payload), defect.apply(payload), read.revision.package.revision
        found = read.revision.contract.check_response(read.kind.get, read.status, broken)
        violations = [one for one in found if not one.drift]
        if not violations:  # a value that is new to an enum, which is none that means there is no such job
            assert defect.kind == "enum"
            assert told(defect) in {one.pointer for one in found if one.drift}
            _check_lenient(read, ref, broken, [one for one in found if one.keyword == "enum"], strict=True)
            return
        assert {one.pointer for one in violations} == {told(defect)}
        with pytest.raises(ContractViolation) as caught:
            parse(ref, broken, revision=name, strict=True)
        assert {one.pointer for one in caught.value.violations} == {told(defect)}
        if any(is_vital(read, one.target) for one in violations):
            with pytest.raises(ContractViolation):
                parse(ref, broken, revision=name)
        else:
            _check_lenient(read, ref, broken, violations, strict=False)

    @drawn
    @given(data=st.data())
    def test_what_is_new_is_drift(self, read: Read, data: DataObject) -> None:
        """A property that no contract documents is no violation, even strictly; the contract tells it as drift."""
        payload = payload_of(data, read)
        if says_nothing_there(read.kind, payload):
            return
        ref, name = ref_of(read, payload), read.revision.package.revision
        before = parse(ref, payload, revision=name)
        model = payload if read.kind.envelope is None else payload.get(read.kind.envelope)
        if not is_object(model):
            return
        model[UNKNOWN] = data.draw(json_values)
        assert parse(ref, payload, revision=name, strict=True) == before
        base = "" if read.kind.envelope is None else f"/{read.kind.envelope}"
        found = read.revision.contract.check_response(read.kind.get, read.status, payload)
        assert f"{base}/{UNKNOWN}" in {one.pointer for one in found if one.drift}


def _check_lenient(read: Read, ref: JobRef, broken: object, expected: Iterable[Violation], *, strict: bool) -> None:
    job = parse(ref, broken, revision=read.revision.package.revision, strict=strict)
    check_read(job, read.kind)
    base = "" if read.kind.envelope is None else f"/{read.kind.envelope}"
    for one in expected:
        if not is_vital(read, one.target):
            place = (one.target[len(base) :] if (one.target + "/").startswith(base + "/") else one.target) or "/"
            assert any(warning.startswith(f"{place}: ") for warning in job.warnings), (place, job.warnings)
        else:
            assert job.warnings
