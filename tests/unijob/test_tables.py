"""The status tables list what the contracts have, all of it and nothing else."""

from __future__ import annotations

import subprocess
import sys

import attrs
import pytest

from unijob import registry, tables
from unijob.job import JobState
from unijob.kinds import JobKind, StatusTable

JOB_KINDS = [name for name in registry.kind_names() if isinstance(registry.kind(name), JobKind)]


REVISIONS = ", ".join(registry.revisions("mka1"))


def made_up(*, drop: str | None = None, add: str | None = None, enum: str | None = None) -> JobKind:
    """The eval run's kind with another table."""
    kind = registry.job_kind("mka1:eval_run")
    (table,) = kind.tables
    states = {value: state for value, state in table.states.items() if value != drop}
    states |= {add: JobState.FAILED} if add is not None else {}
    return attrs.evolve(kind, tables=(StatusTable(enum=enum or table.enum, states=states),))


def test_every_table_is_total() -> None:
    """Every member of every revision's enum stands in its table."""
    assert tables.gaps() == []


def test_no_table_lists_what_no_revision_has() -> None:
    """No table lists a value that no contract knows."""
    assert tables.leftovers() == []


@pytest.mark.parametrize("name", JOB_KINDS)
def test_every_job_kind_has_a_table(name: str) -> None:
    """A job kind has a table, and its enum has members."""
    kind = registry.kind(name)
    assert kind.tables
    assert all(tables.members(kind, table) for table in kind.tables)


@pytest.mark.parametrize("name", JOB_KINDS)
def test_tables_mean_states(name: str) -> None:
    """What a table gives is one of the nine states or nothing, and no value is both a state and no job."""
    for table in registry.kind(name).tables:
        assert all(state is None or isinstance(state, JobState) for state in table.states.values())
        assert table.absent.isdisjoint(table.states)


@pytest.mark.parametrize("dropped", ["queued", "finalizing", "cancelled"])
def test_a_gap_is_named(dropped: str) -> None:
    """A member that a table misses is named with kind, table, enum, revisions and what to do."""
    assert tables.gaps([made_up(drop=dropped)]) == [
        (
            f"mka1:eval_run: unijob.providers.mka1.eval_run.KIND.tables lists no {dropped!r}, which EvalRunStatus "
            f"has in {REVISIONS}: add it there with the state that it means"
        )
    ]


def test_a_gap_names_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message leads to the table by its name in its module."""

    def members(*_: object) -> dict[str, list[str]]:
        return {"NEW": ["2027-01"]}

    monkeypatch.setattr(tables, "members", members)
    found = tables.gaps([registry.job_kind("gradient:indexing_job")])
    assert [message.partition(" lists ")[0] for message in found] == [
        "gradient:indexing_job: unijob.providers.gradient.indexing_job.STATUS",
        "gradient:indexing_job: unijob.providers.gradient.indexing_job.PHASE",
        "gradient:indexing_job: unijob.providers.gradient.indexing_job.DATA_SOURCE",
    ]


def test_a_member_of_one_revision_only() -> None:
    """A value that one revision added is a gap of that revision."""
    kind = registry.job_kind("mka1:feedback_export")
    (table,) = kind.tables
    smaller = attrs.evolve(table, states={value: s for value, s in table.states.items() if value != "UNKNOWN"})
    (message,) = tables.gaps([attrs.evolve(kind, tables=(smaller,))])
    assert "'UNKNOWN', which FeedbackExportStatus has in 2026-10" in message


def test_a_leftover_is_named() -> None:
    """A value that no revision has is named, as is a table whose enum there is not."""
    assert tables.leftovers([made_up(add="paused")]) == [
        (
            "mka1:eval_run: unijob.providers.mka1.eval_run.KIND.tables lists 'paused', which EvalRunStatus has in no "
            "revision: take it out, or mend `enum`"
        )
    ]
    assert len(tables.leftovers([made_up(enum="NoSuchStatus")])) == 7


def test_importing_never_fails_for_a_gap() -> None:
    """A table with a gap is found by the check, not at import."""
    code = (
        "from unijob_models.mka1.v2026_10 import models; from enum import StrEnum\n"
        "models.EvalRunStatus = StrEnum('EvalRunStatus', {'NEW': 'new', 'QUEUED': 'queued'})\n"
        "from unijob import tables; from unijob.parsing import parse\n"
        "print(*tables.gaps(), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert "lists no 'new', which EvalRunStatus has in 2026-10" in done.stdout
