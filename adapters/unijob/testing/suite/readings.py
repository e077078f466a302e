"""Reading is total."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from unijob.converter import unstructure
from unijob.errors import ContractViolation, JobNotFound
from unijob.jsontypes import is_object
from unijob.kinds import AnyKind
from unijob.parsing import in_envelope, parse
from unijob.ref import JobRef, is_segment
from unijob.testing.strategies import damaged, json_values
from unijob.testing.suite.cases import Cases, Read, drawn
from unijob.testing.suite.holds import check_read

AN_ID = "an id"


def payload_of(data: DataObject, read: Read) -> Any:
    """Draw what a kind's `get` may answer, with ids that a reference can hold."""
    payload = data.draw(read.revision.payloads.of(read.answer.schema))
    model = model_of(read.kind, payload)
    for name in read.kind.vital:
        if isinstance(model.get(name), str) and not is_segment(model[name]):
            model[name] = AN_ID
    return payload


def model_of(kind: AnyKind, payload: Any) -> dict[str, Any]:
    """Give the part of a payload that is the job or schedule itself."""
    found = in_envelope(kind, payload)
    model = found.get(kind.envelope) if kind.envelope is not None else found
    return model if is_object(model) else {}


def says_nothing_there(kind: AnyKind, payload: Any) -> bool:
    """Tell whether a payload holds a status that means there is no such job."""
    absent = {value for table in kind.tables for value in table.absent}
    return any(value in absent for value in model_of(kind, payload).values() if isinstance(value, str))


def ref_of(read: Read, payload: Any) -> JobRef:
    """Give the reference under which a payload can be read: its own, with what it lacks of an identity made up."""
    model = model_of(read.kind, payload)
    whole: Mapping[str, Any] = {**dict.fromkeys(read.kind.vital, AN_ID), **model}
    envelope = read.kind.envelope
    return parse(read.kind.name, whole if envelope is None else {envelope: whole}, revision=_name(read)).ref


def _name(read: Read) -> str:
    return read.revision.package.revision


class Readings(Cases):
    """Reads every answer of every kind as a Job or a Schedule."""

    @drawn
    @given(data=st.data())
    def test_reading_is_total(self, read: Read, data: DataObject) -> None:
        """Every answer that a kind's contract allows is a Job or a Schedule, or says that there is no such job."""
        payload = payload_of(data, read)
        if says_nothing_there(read.kind, payload):
            with pytest.raises(JobNotFound):
                parse(read.kind.name, payload, revision=_name(read))
            return
        ref = ref_of(read, payload)
        found = parse(ref, payload, revision=_name(read), strict=True)
        check_read(found, read.kind)
        assert found.ref == ref
        assert found.revision == _name(read)
        assert unstructure(found.source) == model_of(read.kind, payload)
        assert (
            found
            == parse(ref, payload, revision=_name(read))
            == parse(ref, orjson.dumps(payload), revision=_name(read))
        )

    @drawn
    @given(data=st.data())
    def test_the_revision_is_found(self, read: Read, data: DataObject) -> None:
        """With no revision named, an answer is read by one that it breaks nowhere, and nothing of it is lost."""
        payload = payload_of(data, read)
        if says_nothing_there(read.kind, payload):
            return
        found = parse(ref_of(read, payload), payload, strict=True)
        check_read(found, read.kind)
        assert unstructure(found.source) == model_of(read.kind, payload)

    @drawn
    @given(data=st.data())
    def test_a_kind_alone_finds_the_same(self, read: Read, data: DataObject) -> None:
        """With only a kind, the identity comes from the payload; without one there is a violation."""
        payload = payload_of(data, read)
        if says_nothing_there(read.kind, payload):
            return
        ref = ref_of(read, payload)
        try:
            found = parse(read.kind.name, payload, revision=_name(read))
        except ContractViolation:
            assert set(read.kind.vital) - model_of(read.kind, payload).keys()
        else:
            assert found == parse(ref, payload, revision=_name(read))

    @drawn
    @given(data=st.data())
    def test_damage_is_read_or_refused(self, read: Read, data: DataObject) -> None:
        """A damaged answer is a Job, a Schedule, no job, or a violation, and nothing else."""
        whole = payload_of(data, read)
        payload = data.draw(damaged(st.just(whole)))
        asked: str | JobRef = read.kind.name
        if not says_nothing_there(read.kind, whole) and data.draw(st.booleans()):
            asked = ref_of(read, whole)
        revision = _name(read) if data.draw(st.booleans()) else None
        for strict in (False, True):
            try:
                found = parse(asked, payload, revision=revision, strict=strict)
            except (JobNotFound, ContractViolation):
                continue
            check_read(found, read.kind)

    @drawn
    @given(value=json_values | st.binary(max_size=20) | st.text(max_size=20))
    def test_garbage_is_refused(self, read: Read, value: Any) -> None:
        """Any JSON, text or bytes is read or refused as a violation."""
        try:
            found = parse(read.kind.name, value, revision=_name(read))
        except ContractViolation:
            return
        check_read(found, read.kind)
