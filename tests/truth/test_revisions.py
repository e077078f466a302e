"""Two revisions that say the same of a job are read as the same Job."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from unijob import registry
from unijob.job import Job
from unijob.jsontypes import is_object
from unijob.kinds import AnyKind
from unijob.parsing import parse
from unijob.schedule import Schedule
from unijob.testing.strategies import Samples
from unijob.testing.suite.cases import Read, drawn, revision
from unijob.testing.suite.readings import payload_of, ref_of, says_nothing_there

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PAIRS = [
    (Read(revision(kind.provider, old), kind), Read(revision(kind.provider, new), kind))
    for kind in map(registry.kind, registry.kind_names())
    for old, new in pairwise(registry.revisions(kind.provider))
    if kind.get in registry.package(kind.provider, old).operations
    if kind.get in registry.package(kind.provider, new).operations
]


def snake(value: Any) -> Any:
    """The same with names such as `start_time`, as later revisions write them."""
    if is_object(value):
        return {re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower(): snake(inner) for name, inner in value.items()}
    return value


def later_export(export: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, Any]:
    """An export as 2026-10 tells it: other names, and one time that was a number of milliseconds."""
    told: dict[str, Any] = snake({name: value for name, value in export.items() if name in EXPORT})
    if "result" in told:
        milliseconds = int(told["result"]["exported_at"])
        assume(-62_135_596_800_000 <= milliseconds <= 253_402_300_799_999)
        told["result"]["exported_at"] = (EPOCH + timedelta(milliseconds=milliseconds)).isoformat()
    return told


EXPORT = frozenset({"status", "startTime", "closeTime", "progress", "result", "error"})


def filled(told: Mapping[str, Any], sample: Mapping[str, Any]) -> dict[str, Any]:
    """What a later revision requires beside what an older one tells."""
    return {**sample, **told}


LATER: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]] = {
    "mka1:feedback_export": later_export
}


def by(read: Read, ref: Any, payload: Any) -> Job[Any, Any] | Schedule[Any]:
    """Read a payload by a revision."""
    return parse(ref, payload, revision=read.revision.package.revision)


def without_news(found: Job[Any, Any] | Schedule[Any], kind: AnyKind) -> Any:
    """What both can tell: usage came with 2026-10, so the older revision has none."""
    if kind.name == "mka1:eval_run" and isinstance(found, Job) and found.result is not None:
        return attrs.evolve(found, result=attrs.evolve(found.result, usage=None))
    return found


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=[f"{old} {new.revision.package.revision}" for old, new in PAIRS])
@drawn
@given(data=st.data())
def test_the_same_facts_are_the_same_job(old: Read, new: Read, data: DataObject) -> None:
    """What an older revision tells, told as the next one tells it, is read as the same."""
    payload = payload_of(data, old)
    assume(not says_nothing_there(old.kind, payload))
    ref = ref_of(old, payload)
    sample = Samples(new.revision.document).of(new.answer.schema)
    translated = LATER.get(old.kind.name, filled)(payload, sample)
    found = new.revision.contract.check_response(new.kind.get, new.status, translated)
    assume(not any(one.drift for one in old.revision.contract.check_response(old.kind.get, old.status, payload)))
    assert [one for one in found if not one.drift] == []
    assert without_news(by(new, ref, translated), old.kind) == without_news(by(old, ref, payload), old.kind)
