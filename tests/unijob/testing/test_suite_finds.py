"""The suite for providers finds what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs
import pytest
from hypothesis import Phase, settings

from unijob import registry
from unijob.errors import WaitTimeout
from unijob.job import Job, JobState, Progress
from unijob.kinds import AnyKind
from unijob.reading import Reading
from unijob.sandbox import installed
from unijob.sandbox.vendor import Call, Reply
from unijob.testing.suite import ProviderSuite
from unijob.testing.suite.cases import Called, Lived, Read, revision

NAME = "mka1:eval_run"
GOOD = registry.job_kind(NAME)
REVISION = revision("mka1", registry.revisions("mka1")[-1])


class Suite(ProviderSuite):
    provider = "mka1"


@pytest.fixture(autouse=True)
def unreduced(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found need not be reduced to its smallest here."""
    for name in ("reading_is_total", "one_defect_is_told_where_it_is", "other_requests_are_refused"):
        test = getattr(Suite, f"test_{name}")
        quick = settings(test._hypothesis_internal_use_settings, phases=[Phase.generate], max_examples=20)
        monkeypatch.setattr(test, "_hypothesis_internal_use_settings", quick)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Read]:
    """Puts a changed kind in the place of a good one."""

    def put(**changes: Any) -> Read:
        good = registry.kind
        kind = attrs.evolve(GOOD, **changes)

        def find(name: str) -> AnyKind:
            return kind if name == NAME else good(name)

        monkeypatch.setattr(registry, "kind", find)
        return Read(REVISION, kind)

    return put


def changed(**changes: Any) -> Callable[[Any, Reading], Job[Any, Any]]:
    """A `normalize` that reads something else than what the payload says."""
    return lambda model, reading: attrs.evolve(GOOD.normalize(model, reading), **changes)


def test_a_status_that_no_table_lists(broken: Callable[..., Read]) -> None:
    """A table that lacks a member of its enum is told, and so is one that has too many."""
    table = GOOD.tables[0]
    for states in ({"queued": JobState.QUEUED}, {**table.states, "new": JobState.QUEUED}):
        broken(tables=(attrs.evolve(table, states=states),))
        with pytest.raises(AssertionError, match="lists"):
            Suite().test_status_tables_are_total()


def test_an_operation_that_is_not_there(broken: Callable[..., Read]) -> None:
    """A kind that names an operation of no revision is told."""
    broken(cancel="stopEvalRun")
    with pytest.raises(AssertionError, match="stopEvalRun"):
        Suite().test_operations_are_there()


def test_a_kind_that_raises(broken: Callable[..., Read]) -> None:
    """A `normalize` that cannot take every payload is told."""

    def normalize(run: Any, reading: Reading) -> Job[Any, Any]:
        return changed(created_at=datetime.fromtimestamp(run.created_at))(run, reading)  # noqa: DTZ006

    with pytest.raises((AssertionError, ValueError, OverflowError, OSError, ExceptionGroup)):
        Suite().test_reading_is_total(read=broken(normalize=normalize))


@pytest.mark.parametrize(
    "changes",
    [
        {"created_at": datetime(2026, 1, 1)},  # noqa: DTZ001
        {"warnings": ("",)},
        {"source": None},
        {"progress": Progress(total=1, completed=2), "warnings": ()},
        {"progress": Progress(total=-1)},
        {"result": 1, "state": JobState.RUNNING},
        {"error": object()},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_job_that_says_what_none_may(broken: Callable[..., Read], changes: dict[str, Any]) -> None:
    """Naive times, empty warnings, a lost source, counts that are none, an early result: each is told."""
    with pytest.raises((AssertionError, TypeError, ExceptionGroup)):
        Suite().test_reading_is_total(read=broken(normalize=changed(**changes)))


def test_a_warning_that_is_lost(broken: Callable[..., Read]) -> None:
    """A kind that forgets what was tolerated is told."""
    with pytest.raises((AssertionError, ExceptionGroup)):
        Suite().test_one_defect_is_told_where_it_is(read=broken(normalize=changed(warnings=())))


def test_a_request_that_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that are built against their contract are told."""

    def unchecked(*_: object, **__: object) -> None:
        """Find nothing."""

    monkeypatch.setattr("unijob.request._check", unchecked)
    called = Called(REVISION, REVISION.operation("listEvalRuns"))
    with pytest.raises((pytest.fail.Exception, ExceptionGroup)):
        Suite().test_other_requests_are_refused(called=called)


def test_a_sandbox_that_breaks_its_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that the contract does not allow is told, and so is a life that ends in another way."""
    vendor = installed.vendor("mka1")

    def unreadable(call: Call) -> Reply:
        reply = vendor.handlers["getEvalRun"](call)
        return Reply({**reply.payload, "created_at": "now"}, reply.status)

    def failed(call: Call) -> Reply:
        reply = vendor.handlers["getEvalRun"](call)
        ended = reply.payload["status"] == "completed"
        return Reply({**reply.payload, "status": "failed"} if ended else reply.payload, reply.status)

    for handler, error in ((unreadable, WaitTimeout), (failed, AssertionError)):
        worse = attrs.evolve(vendor, handlers={**vendor.handlers, "getEvalRun": handler})
        monkeypatch.setattr(installed, "vendor", {"mka1": worse}.__getitem__)
        with pytest.raises(error):
            Suite().test_lives_end_as_scripted(lived=Lived(REVISION, GOOD, "succeeded"))
