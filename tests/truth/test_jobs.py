"""Every Job says what its payload says: times, state, counts and pieces, each computed a second way."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.truth.facts import FACTS, Facts
from tests.truth.wire import at, count, microseconds, of
from unijob import registry
from unijob.job import Job, JobPart, Progress
from unijob.kinds import JobKind
from unijob.parsing import parse
from unijob.testing.suite.cases import Read, drawn, revision
from unijob.testing.suite.readings import model_of, payload_of, ref_of, says_nothing_there

CASES = [
    Read(revision(kind.provider, name), kind)
    for kind in map(registry.kind, registry.kind_names())
    if isinstance(kind, JobKind)
    for name in registry.revisions(kind.provider)
    if kind.get in registry.package(kind.provider, name).operations
]
COUNTS = ("total", "completed", "failed", "cancelled", "skipped")


def check_times(piece: Job[Any, Any] | JobPart, model: Any, facts: Facts) -> None:
    """Hold times against arithmetic."""
    times = dict(facts.times)
    if facts.finished:
        times["finished_at"] = facts.finished.get(str(at(model, "status|state")), ("no such place", "seconds"))
    for name in ("created_at", "started_at", "finished_at", "updated_at"):
        path, form = times.get(name, ("no such place", "seconds"))
        expected = microseconds(at(model, path), form)
        assert of(getattr(piece, name, None)) == expected, (name, path)


def check_counts(progress: Progress | None, model: Any, facts: Facts) -> None:
    """Hold counts, and the fraction that follows from them."""
    if not facts.counts:
        return
    found = {name: count(at(model, path)) for name, path in facts.counts.items()}
    if progress is None:
        assert not any(value is not None for value in found.values())
        return
    assert {name: getattr(progress, name) for name in COUNTS} == {**dict.fromkeys(COUNTS), **found}
    done = [value for name, value in found.items() if name != "total" and value is not None]
    total = found.get("total")
    if total and done:
        assert progress.fraction == pytest.approx(float(min(Fraction(1), Fraction(sum(done), total))))
    else:
        assert progress.fraction is None


def test_every_kind_has_its_facts() -> None:
    """A kind that is new is written down in facts.py a second time."""
    assert {case.kind.name for case in CASES} == set(FACTS)


@pytest.mark.parametrize("read", CASES, ids=repr)
@drawn
@given(data=st.data())
def test_a_job_says_what_its_payload_says(read: Read, data: DataObject) -> None:
    """Times, state, counts, fraction and pieces are those of the payload; contradictions are told."""
    payload = payload_of(data, read)
    assume(not says_nothing_there(read.kind, payload))
    model, facts = model_of(read.kind, payload), FACTS[read.kind.name]
    job = parse(ref_of(read, payload), payload, revision=read.revision.package.revision)
    assert isinstance(job, Job)
    assert job.state is facts.state(model)
    assert job.is_terminal or job.finished_at is None or job.warnings
    check_times(job, model, facts)
    check_counts(job.progress, model, facts)
    path, piece = facts.parts or ("no such place", facts)
    pieces: list[Any] = at(model, path) or []
    assert len(job.parts) == len(pieces)
    for part, source in zip(job.parts, pieces, strict=True):
        assert part.state is piece.state(source)
        check_times(part, source, piece)
        check_counts(part.progress, source, piece)
    again = parse(job.ref, json.dumps(payload), revision=read.revision.package.revision)
    assert json.dumps(again.to_dict()) == json.dumps(job.to_dict())


@pytest.mark.parametrize("read", CASES, ids=repr)
def test_tables_agree(read: Read) -> None:
    """A status by itself means the state that the documents give it, for each value of each table."""
    status = read.kind.tables[0]
    for value, state in status.states.items():
        if state is not None:
            assert FACTS[read.kind.name].state({"status": value, "state": value}) is state
