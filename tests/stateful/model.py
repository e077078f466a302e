"""The truth beside the machine: what jobs there are, how each will end, and what the upstream has told of each."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import attrs

from tests.stateful.starts import ENDS
from tests.stateful.upstream import Exchange, Upstream
from unijob import Job, JobRef, JobState, UnijobError, registry
from unijob.kinds import JobKind
from unijob.parsing import interpret, read, read_items
from unijob.sandbox.world import Record

MADE_UP = "something_new"
"""The status that a fault puts in the place of the true one."""


@attrs.define(kw_only=True)
class Life:
    """One job.

    Args:
        record: what the upstream keeps of it.
        ends_as: the state that it will end in if nothing more is asked of it; None where that is not foretold.
        retried: how often it was run again.
    """

    kind: JobKind
    record: Record
    ends_as: JobState | None
    retried: int = 0


@attrs.frozen(kw_only=True)
class Told:
    """A job as one answer told it.

    Args:
        at: when it was answered.
        job: what was told.
        exchange: in which answer.
        retried: how often the job had been run again by then.
    """

    at: float
    job: Job
    exchange: Exchange
    retried: int

    @property
    def is_true(self) -> bool:
        """Whether no fault changed its status."""
        return self.job.raw_status != MADE_UP


def plain(job: Job) -> Job:
    """A job without what the client adds to what it was told."""
    return attrs.evolve(job, ref=attrs.evolve(job.ref, account=None), warnings=())


def brief(job: Job | None) -> str:
    """A job in a few words."""
    if job is None:
        return "no job"
    done = job.progress.done if job.progress is not None else None
    return f"{job.ref} {job.state} ({job.raw_status}, {done} done)"


class Model:
    """What is true of every job."""

    def __init__(self) -> None:
        self.upstream: Upstream | None = None
        self.log: list[Exchange] = []
        self.told: list[Told] = []
        self.lives: dict[tuple[str, str], Life] = {}
        self.breach: AssertionError | None = None
        """What the upstream itself did wrong."""

    def take(self, exchange: Exchange) -> None:
        """Take in what the upstream did and told, as soon as it did."""
        self.log.append(exchange)
        try:
            self._take(exchange)
        except AssertionError as error:
            self.breach = self.breach or error

    def _take(self, exchange: Exchange) -> None:
        exchange.made = self._find_new(exchange.provider)
        if exchange.act is not None:
            self._act(exchange)
        if exchange.is_whole:
            self._hear(exchange)

    @property
    def unanswered(self) -> list[Exchange]:
        """What came and is not answered yet."""
        return [] if self.upstream is None else self.upstream.open

    def operations(self, provider: str) -> Container[str | None]:
        """The operations of the revision that is served."""
        assert self.upstream is not None
        return registry.package(provider, self.upstream.revisions[provider]).operations

    def count(self, kind: str) -> int:
        """How many jobs of a kind there are."""
        return sum(name == kind for name, _ in self.lives)

    def life(self, ref: JobRef) -> Life | None:
        """The job behind a reference; of a kind without ids, the one that the upstream tells of now."""
        if not registry.job_kind(ref.kind).singleton:
            return self.lives.get((ref.kind, ref.ids[-1]))
        visible = [life for (kind, _), life in self.lives.items() if kind == ref.kind and self._is_visible(life.record)]
        return max(visible, key=lambda life: life.record.created_at, default=None)

    def _is_visible(self, record: Record) -> bool:
        assert self.upstream is not None
        delay: float = record.script.settings.get("appears_after", 0)
        return record.created_at + delay <= self.upstream.clock.now()

    def _find_new(self, provider: str) -> int:
        assert self.upstream is not None
        before = len(self.lives)
        for name in registry.kind_names():
            kind = registry.kind(name)
            if kind.provider != provider or not isinstance(kind, JobKind):
                continue
            for record in self.upstream.records(name):
                ends_as = ENDS.get(record.script.settings.get("outcome", ""))
                self.lives.setdefault((name, record.id), Life(kind=kind, record=record, ends_as=ends_as))
        return len(self.lives) - before

    def _act(self, exchange: Exchange) -> None:
        assert exchange.act is not None
        call, _ = exchange.act
        for life in self.lives.values():
            kind = life.kind
            if kind.provider != exchange.provider or life.record.id not in call.path.values():
                continue
            if call.operation == kind.cancel:
                life.ends_as = JobState.CANCELLED
            elif call.operation in {kind.retry, kind.retry_failed_items}:
                life.retried += 1
                life.ends_as = ENDS.get(life.record.script.settings.get("retry_outcome", ""))

    def _hear(self, exchange: Exchange) -> None:
        for job in _jobs(exchange):
            life = self.life(job.ref)
            told = Told(at=exchange.at, job=plain(job), exchange=exchange, retried=life.retried if life else 0)
            if life is not None and told.is_true:
                self._check(told, life)
            self.told.append(told)

    def _check(self, told: Told, life: Life) -> None:
        """A job that ended stays as it is until it is run again, and ends as was foretold."""
        if told.job.is_terminal and life.ends_as is not None:
            assert told.job.state is life.ends_as, f"foretold {life.ends_as}, told {brief(told.job)}"
        for earlier in reversed(self.told):
            if earlier.is_true and earlier.job.ref == told.job.ref and earlier.retried == told.retried:
                is_alike = earlier.exchange.operation == told.exchange.operation  # a list may tell less than a get
                same = earlier.job == told.job if is_alike else earlier.job.state is told.job.state
                kept = not earlier.job.is_terminal or same
                assert kept, f"ended as {brief(earlier.job)}, then told {brief(told.job)}"
                break

    def of(self, ref: JobRef) -> list[Told]:
        """What was told of a job, in order; of a kind without ids, of all."""
        if registry.job_kind(ref.kind).singleton:
            return [told for told in self.told if told.job.ref.kind == ref.kind]
        return [told for told in self.told if told.job.ref.ids == ref.ids and told.job.ref.kind == ref.kind]


def _jobs(exchange: Exchange) -> list[Job]:
    """The jobs that an answer tells of."""
    found: list[Job] = []
    for name in registry.kind_names():
        kind = registry.kind(name)
        if kind.provider == exchange.provider and isinstance(kind, JobKind):
            found += _read(kind, exchange)
    return found


def _read(kind: JobKind, exchange: Exchange) -> list[Job]:
    operation = exchange.operation or ""
    listing = next((one for one in kind.lists if one.operation == operation), None)
    single = {kind.get, kind.cancel, kind.retry, kind.retry_failed_items}
    if kind.start_flow is None:
        single.add(kind.start)
    if listing is None and operation not in single:
        return []
    assert exchange.act is not None
    answer: Any = interpret(kind.provider, operation, exchange.act[1].status, exchange.served)
    if listing is not None:
        return [item for item in read_items(kind, listing, answer) if isinstance(item, Job)]
    try:
        return [read(kind, answer)]
    except UnijobError:  # there is none, or it is no job
        return []
