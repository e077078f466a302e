"""Holds what a client gave against what its upstream did and told."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import attrs

from tests.stateful.model import Model, Told, brief, plain
from tests.stateful.upstream import ONE_WAY, Exchange
from unijob import (
    Conflict,
    ContractViolation,
    Job,
    JobEnded,
    JobNotFound,
    JobRef,
    JobStalled,
    JobState,
    JobUnknown,
    StartUncertain,
    TransportError,
    UnijobError,
    UnsupportedOperation,
    UpstreamError,
    WaitTimeout,
    registry,
)

ROUNDING = 0.0021
"""Seconds: the shortest time-out of a request that a client sets, and twice the loop's rounding."""
GRACE = 31.0
LONGEST_PAUSE, SHORTEST_PAUSE = 30.1, 0.09
ERRORS: dict[str, tuple[type[UnijobError], ...]] = {
    "drop": (TransportError,),
    "lose": (TransportError,),
    "down": (TransportError,),
    "latency": (TransportError,),
    "truncated": (TransportError, ContractViolation),
    "not_json": (UpstreamError, ContractViolation, StartUncertain),
    "error": (UpstreamError, StartUncertain),
    "gateway": (UpstreamError, StartUncertain),
    "rate_limit": (UpstreamError,),
}
"""What a call may end with where an effect struck, once it has been tried often enough."""
WAITING = frozenset({"wait", "watch", "wait_all"})
UNREADABLE = frozenset({"truncated", "not_json"})


@attrs.define(kw_only=True, eq=False)
class Call:
    """Something that was asked of the client.

    Args:
        name: the client's method.
        kind: the kind that it was about, where it named no job.
        refs: the jobs that it named.
        options: how to wait.
        began: when, by the loop.
        log: how much the upstream had received by then.
        before: how many jobs of the kind there were.
    """

    name: str
    kind: str = ""
    refs: tuple[JobRef, ...] = ()
    options: dict[str, Any] = attrs.field(factory=dict[str, Any])
    began: float
    log: int
    before: int = 0
    ended: float | None = None
    log_end: int | None = None
    given: Any = None
    yields: list[Job] = attrs.field(factory=list[Job])
    error: UnijobError | None = None
    stopped: bool = False

    def __str__(self) -> str:
        asked = f"{self.name}({self.kind or ', '.join(map(str, self.refs))}, {self.options})"
        shown = [brief(job) for job in self.jobs]
        return f"{asked} from {self.began:.2f} to {self.end:.2f} gave {shown}, {self.error!r}"

    @property
    def kinds(self) -> set[str]:
        """The kinds that it was about."""
        return {ref.kind for ref in self.refs} | ({self.kind} if self.kind else set())

    @property
    def end(self) -> float:
        """When it ended."""
        return float("inf") if self.ended is None else self.ended

    @property
    def jobs(self) -> list[Job]:
        """Every job that it gave, in order."""
        given: list[Any] = [*self.given] if self.name in {"list", "wait_all"} and self.given else [self.given]
        found = [getattr(one, "job", one) for one in given]
        last = [self.error.job] if isinstance(self.error, JobEnded) and self.name != "watch" else []
        return [*self.yields, *(job for job in found if isinstance(job, Job)), *last]


class Judge:
    """What must hold of every call.

    Args:
        model: the truth.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.calls: list[Call] = []
        self.down: list[tuple[float, float]] = []
        """When the upstream was not there."""
        self.restarts: dict[str, float] = {}
        """When the client may last have begun to disbelieve an end, by reference; by kind where it has no ids."""

    def judge(self, call: Call) -> None:
        """Hold one call against the truth, once it has ended."""
        self._errors(call)
        self._told(call)
        if call.name in WAITING:
            self._deadline(call)
            self._waits(call)
        elif call.name == "start":
            self._start(call)
        elif call.name in {"cancel", "retry"}:
            self._act(call)
        elif call.name == "list" and call.error is None:
            self._list(call)
        if call.name in {"start", "retry"} and not isinstance(call.error, (Conflict, UnsupportedOperation)):
            kinds = [call.kind] if call.kind and registry.job_kind(call.kind).singleton else []
            for key in [*kinds, *map(str, call.refs)]:
                self.restarts[key] = call.end

    # --- All calls ------------------------------------------------------------------------------------------------

    def _window(self, call: Call) -> list[Exchange]:
        return self.model.log[call.log : call.log_end]

    def _shown(self, call: Call) -> str:
        return "; ".join(map(str, self._window(call)))

    def _struck(self, call: Call) -> set[str]:
        """The effects that struck while a call went on."""
        providers = {name.partition(":")[0] for name in call.kinds}
        found = {fault for one in self._window(call) if one.provider in providers for fault in one.faults}
        slow = [one for one in (*self.model.unanswered, *self.model.log[call.log :]) if one.at > call.end]
        if any(call.began <= one.came <= call.end for one in slow):
            found.add("latency")
        is_down = any(began <= call.end and ended >= call.began for began, ended in self.down)
        return found | ({"down"} if is_down else set())

    def _errors(self, call: Call) -> None:
        """No call ends with an error that nothing calls for."""
        errors = [call.error] if call.name != "wait_all" else [one.error for one in call.given or ()]
        for error in errors:
            assert error is None or self._is_called_for(call, error), (
                f"{call} ended with {error!r}: {self._shown(call)}"
            )

    def _is_called_for(self, call: Call, error: UnijobError) -> bool:
        struck = self._struck(call)
        if isinstance(error, JobNotFound):
            return any(registry.job_kind(name).singleton for name in call.kinds)
        if isinstance(error, UnsupportedOperation):
            kind = registry.job_kind(call.refs[0].kind)
            operations = (kind.cancel,) if call.name == "cancel" else (kind.retry, kind.retry_failed_items)
            known = self.model.operations(kind.provider)
            return any(operation not in known for operation in operations)
        if isinstance(error, Conflict):
            return any(one.status == 409 for one in self._window(call))
        if call.name in WAITING:
            return self._may_end_a_wait(call, error, struck)
        return any(isinstance(error, types) for effect, types in ERRORS.items() if effect in struck)

    @staticmethod
    def _may_end_a_wait(call: Call, error: UnijobError, struck: set[str]) -> bool:
        if isinstance(error, JobUnknown):
            return call.options.get("on_unknown") == "raise" and "unknown_value" in struck
        if isinstance(error, JobStalled):
            return call.options.get("stall_timeout") is not None
        if isinstance(error, WaitTimeout):
            return call.options.get("timeout") is not None
        return isinstance(error, JobEnded) or (isinstance(error, ContractViolation) and bool(UNREADABLE & struck))

    def _told(self, call: Call) -> None:
        """Every job that is given was told meanwhile, and in that order."""
        told = [one for one in self.model.told if call.began <= one.at <= call.end]
        place = 0
        for job in call.jobs:
            if call.name == "start" and registry.job_kind(job.ref.kind).start_flow is not None:
                continue
            found = [index for index, one in enumerate(told) if one.job == plain(job)]
            if call.name == "watch":
                found = [index for index in found if index >= place]
                place = found[0] + 1 if found else place
            assert found, f"{call}: nobody told {brief(job)}, only {[brief(one.job) for one in told]}"

    def _list(self, call: Call) -> None:
        """A list has every job once."""
        if self.model.count(call.kind) == call.before:  # none began to be meanwhile, late
            assert len({job.ref for job in call.given}) == len(call.given) == call.before, str(call)

    # --- Waiting --------------------------------------------------------------------------------------------------

    def _deadline(self, call: Call) -> None:
        """No deadline is overrun, and none is told before its time."""
        timeout: float | None = call.options.get("timeout")
        if timeout is None:
            return
        took = call.end - call.began
        assert took <= timeout + ROUNDING, f"{call} took {took}"
        errors = [call.error] if call.name != "wait_all" else [one.error for one in call.given or ()]
        if any(isinstance(error, WaitTimeout) for error in errors):
            assert took >= timeout - ROUNDING, f"{call} took {took}"

    def _waits(self, call: Call) -> None:
        if call.name == "wait_all":
            for outcome in call.given or ():
                self._end(call, outcome.job if outcome.error is None else None, outcome.error)
        elif call.name == "wait":
            self._end(call, call.given, call.error)
        elif not call.stopped and call.error is None:
            assert call.yields, f"{call}: nothing was shown"
            self._end(call, call.yields[-1], None)
        for job in call.yields[:-1]:
            assert not job.is_terminal, f"{call}: it went on after the end"
        for ref in set(call.refs):
            if self._is_alone(call, ref):
                self._polls(call, ref)

    def _end(self, call: Call, job: Job | None, error: UnijobError | None) -> None:
        """A wait ends as the job has ended, and says so."""
        if isinstance(error, JobEnded):
            assert error.job.is_terminal, str(call)
            assert error.job.state is not JobState.SUCCEEDED, str(call)
        elif error is None:
            assert job is not None
            may_be_unknown = call.options.get("on_unknown") == "return" and job.state is JobState.UNKNOWN
            assert job.is_terminal or may_be_unknown, str(call)
            assert call.name == "watch" or job.state not in {JobState.FAILED, JobState.CANCELLED, JobState.TIMED_OUT}

    def _is_alone(self, call: Call, ref: JobRef) -> bool:
        """Whether all that was asked of a job meanwhile was for this call."""
        beside = [one for one in self.calls if one is not call and one.began <= call.end and one.end >= call.began]
        listings = {listing.operation for listing in registry.job_kind(ref.kind).lists}
        if registry.job_kind(ref.kind).singleton or any(one.operation in listings for one in self._window(call)):
            return not any(ref.kind in one.kinds for one in beside)
        return not any(ref in one.refs for one in beside)

    def _polls(self, call: Call, ref: JobRef) -> None:
        """What was asked for one job: nothing after its end, all that it brought was shown, at a fair pace."""
        believes = call.began - max(self.restarts.get(str(ref), -GRACE), self.restarts.get(ref.kind, -GRACE)) >= GRACE
        struck = self._struck(call)
        told = [one for one in self.model.of(ref) if call.began <= one.at and one.at + ONE_WAY <= call.end]
        sure = believes and not struck & {"latency", "down"}
        is_only = [one.kind for one in set(call.refs)].count(ref.kind) == 1 or not registry.job_kind(ref.kind).singleton
        if sure and is_only:
            self._silence(call, told)
        if sure and call.name == "watch" and not registry.job_kind(ref.kind).singleton:
            self._changes(call, told)
        if len(call.refs) == 1 and not struck and believes:
            self._pace(call, told)

    @staticmethod
    def _silence(call: Call, told: list[Told]) -> None:
        """Nothing is polled after it ended."""
        last = next((index for index, one in enumerate(told) if one.job.is_terminal and one.is_true), None)
        if last is not None:
            later = [one for one in told[last + 1 :] if one.exchange.operation != _listing(one.job.ref)]
            assert not later, f"{call}: polled after it had ended: {[str(one.exchange) for one in later]}"
            assert not isinstance(call.error, WaitTimeout) or call.name == "wait_all", f"{call}: ended, and not seen"

    @staticmethod
    def _changes(call: Call, told: list[Told]) -> None:
        """Every change that a poll brought is shown."""
        seen = [one.job for one in told]
        changes = seen[:1] + [after for before, after in pairwise(seen) if after != before]
        shown = [plain(job) for job in call.yields]
        if isinstance(call.error, (JobUnknown, JobStalled)) and len(changes) > len(shown):
            changes.pop()
        assert shown == changes, f"{call}: not shown is one of {[brief(job) for job in changes]}"

    @staticmethod
    def _pace(call: Call, told: list[Told]) -> None:
        """It asks neither too often nor too seldom."""
        instants = [one.at for one in told]
        gaps = [after - before for before, after in pairwise([*instants, call.end - ONE_WAY])]
        assert all(gap <= LONGEST_PAUSE for gap in gaps), f"{call}: {gaps}"
        if call.options.get("stall_timeout") is None:  # which a pause is cut short for
            assert all(gap >= SHORTEST_PAUSE for gap in gaps[:-1]), f"{call}: {gaps}"

    # --- Acting ---------------------------------------------------------------------------------------------------

    def _start(self, call: Call) -> None:
        """A start happens once, or not at all, and whoever asked for it knows which."""
        made = sum(one.made for one in self._window(call) if one.came >= call.began)
        assert made <= 1, f"{call}: started twice"
        kind = registry.job_kind(call.kind)
        if call.error is None:
            already = kind.singleton and "already running" in call.given.warnings
            assert made == 1 or already, str(call)
            assert kind.singleton or self.model.life(call.given.ref) is not None
        elif isinstance(call.error, StartUncertain):
            self._uncertain(call, call.error, made)
        else:
            assert not made, f"{call}: it was started, and the error does not say so"

    def _uncertain(self, call: Call, error: StartUncertain, made: int) -> None:
        """What may have been started is looked for."""
        sent = [one for one in self._window(call) if one.operation == registry.job_kind(call.kind).start]
        assert sent or "down" in self._struck(call) or "latency" in self._struck(call), str(call)
        looked = self._window(call)[self._window(call).index(sent[-1]) + 1 :] if sent else []
        kind = registry.job_kind(call.kind)
        went_well = looked and not any(one.faults for one in looked) and "down" not in self._struck(call)
        if kind.lists and not kind.singleton and went_well and "latency" not in self._struck(call):
            assert len(error.candidates) >= made, f"{call}: {len(error.candidates)} candidates, {made} made"

    def _act(self, call: Call) -> None:
        """What is asked of a job is done once where it must be, and what was done is not told as refused."""
        kind = registry.job_kind(call.refs[0].kind)
        wanted = {kind.cancel} if call.name == "cancel" else {kind.retry, kind.retry_failed_items}
        done = [one for one in self._window(call) if one.operation in wanted and one.act is not None]
        assert call.name == "cancel" or len(done) <= 1, f"{call}: done twice"
        is_told = call.name == "cancel" or call.error is None or isinstance(call.error, StartUncertain)
        assert is_told or not done, f"{call}: done, and told as refused"
        assert not isinstance(call.error, Conflict) or not done, f"{call}: done, and told as refused"
        if call.error is None:
            assert done or call.name == "cancel", f"{call}: told as done"
            states = {JobState.CANCELLING, JobState.CANCELLED, JobState.UNKNOWN}
            assert call.name == "retry" or call.given.state in states, str(call)


def _listing(ref: JobRef) -> str | None:
    kind = registry.job_kind(ref.kind)
    return kind.lists[0].operation if kind.lists else None
