"""The life of a job as a pure function of its plan, what was asked of it since, and the present instant."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum

import attrs

_NO_ENDS: Mapping[str, float] = {}


class Stage(StrEnum):
    """Where a life stands, in words of no vendor."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINALIZING = "finalizing"
    CANCELLING = "cancelling"
    ENDED = "ended"


@attrs.frozen(kw_only=True)
class Plan:
    """How a life goes if nobody interferes. Lengths are in seconds.

    Args:
        created_at: when it began.
        outcome: how it ends: `succeeded`, `partial`, `failed`, or another name for breaking off halfway.
        items: what there is to do.
        queued: how long it waits to start.
        duration: how long it works on all items.
        finalizing: the share of `duration`, 0 to 1, left after the last item.
        cancelling: how long it takes to stop when asked to.
        failed_items: how many items fail where it ends partially.
        all_fail: whether `failed` means that every item fails, rather than that it breaks off halfway.
        retry_outcome: how it ends when it is run again.
    """

    created_at: float
    outcome: str = "succeeded"
    items: int = 0
    queued: float = 0
    duration: float = 0
    finalizing: float = 0
    cancelling: float = 0
    failed_items: int | None = None
    all_fail: bool = False
    retry_outcome: str = "succeeded"


@attrs.frozen
class Event:
    """Something asked of a job: `cancel`, `pause`, `resume`, or `again` (what is not completed, in place)."""

    name: str
    at: float


@attrs.frozen(kw_only=True)
class Moment:
    """A life at one instant."""

    stage: Stage
    outcome: str | None = None
    """How it ended, once it has."""
    total: int = 0
    completed: int = 0
    failed: int = 0
    position: float = 0.0
    """Items worked through, with the fraction of the present one."""
    began_at: float
    """When the present attempt was created."""
    started_at: float | None = None
    ended_at: float | None = None
    ends: Mapping[str, float] = _NO_ENDS
    """When it ended, by outcome, in this attempt and those before."""

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.stage is Stage.ENDED

    @property
    def left(self) -> int:
        """Items not done, in whichever way."""
        return self.total - self.completed - self.failed


@attrs.frozen(kw_only=True)
class _Attempt:
    plan: Plan
    begun: float
    outcome: str
    kept: int = 0
    """Items that an attempt before completed."""
    cancelled_at: float | None = None
    paused_at: float | None = None
    waited: float = 0.0
    """How long it was paused before it started."""
    idle: float = 0.0
    """How long it was paused since."""
    ends: Mapping[str, float] = _NO_ENDS

    @property
    def todo(self) -> int:
        return self.plan.items - self.kept

    @property
    def work(self) -> float:
        return self.plan.duration * (self.todo / self.plan.items if self.plan.items else 1)

    @property
    def start(self) -> float:
        return self.begun + self.plan.queued + self.waited

    @property
    def end(self) -> float:
        if self.cancelled_at is not None:
            return self.cancelled_at + self.plan.cancelling
        return self.start + self.work + self.idle if self.paused_at is None else math.inf

    def failing(self) -> int:
        """How many items fail in the end."""
        if self.outcome == "partial":
            wanted = self.plan.failed_items
            return max(1, min(self.todo - 1, max(1, self.todo // 10) if wanted is None else wanted))
        return self.todo if self.outcome == "failed" and self.plan.all_fail else 0

    def position(self, now: float) -> float:
        """Items worked through."""
        if now < self.start:
            return 0.0
        whole = self.outcome in {"succeeded", "partial"} or (self.outcome == "failed" and self.plan.all_fail)
        spent = self.work * (1 - self.plan.finalizing) if whole else self.work
        share = min(1.0, (now - self.start - self.idle) / spent) if spent > 0 else 1.0
        return self.todo * share * (1.0 if whole else 0.5)

    def at(self, now: float) -> Moment:
        stopped = min(now if at is None else at for at in (now, self.cancelled_at, self.paused_at))
        position = self.position(stopped)
        done = math.floor(position + 1e-9)
        failed = done * self.failing() // self.todo if self.todo else 0
        ended_at = self.end if now >= self.end else None
        outcome = None if ended_at is None else "cancelled" if self.cancelled_at is not None else self.outcome
        return Moment(
            stage=self._stage(now, done),
            outcome=outcome,
            total=self.plan.items,
            completed=self.kept + done - failed,
            failed=failed,
            position=self.kept + position,
            began_at=self.begun,
            started_at=self.start if stopped >= self.start else None,
            ended_at=ended_at,
            ends=self.ends if ended_at is None or outcome is None else {**self.ends, outcome: ended_at},
        )

    def _stage(self, now: float, done: int) -> Stage:
        if now >= self.end:
            return Stage.ENDED
        if self.cancelled_at is not None and now >= self.cancelled_at:
            return Stage.CANCELLING
        if self.paused_at is not None:
            return Stage.PAUSED
        if now < self.start:
            return Stage.QUEUED
        return Stage.FINALIZING if self.plan.finalizing and done >= self.todo else Stage.RUNNING

    def after(self, event: Event) -> _Attempt:
        """What goes on after an event."""
        moment = self.at(event.at)
        if event.name == "cancel":
            return attrs.evolve(self, cancelled_at=event.at)
        if event.name == "pause":
            return attrs.evolve(self, paused_at=event.at)
        if event.name == "resume" and self.paused_at is not None:
            gap = event.at - self.paused_at
            if self.paused_at < self.start:
                return attrs.evolve(self, paused_at=None, waited=self.waited + gap)
            return attrs.evolve(self, paused_at=None, idle=self.idle + gap)
        return _Attempt(
            plan=self.plan,
            begun=event.at,
            outcome=self.plan.retry_outcome,
            kept=moment.completed,
            ends=moment.ends,
        )


def _attempt(plan: Plan, events: Iterable[Event]) -> _Attempt:
    attempt = _Attempt(plan=plan, begun=plan.created_at, outcome=plan.outcome)
    for event in events:
        attempt = attempt.after(event)
    return attempt


def moment(plan: Plan, events: Iterable[Event], now: float) -> Moment:
    """Where a life stands.

    Args:
        plan: how it goes by itself.
        events: what was asked of it, each when that was allowed, oldest first; what is later than `now` is left out.
        now: the present instant.
    """
    return _attempt(plan, (event for event in events if event.at <= now)).at(now)


def ends_at(plan: Plan, events: Iterable[Event]) -> float:
    """When it ends, if nothing more is asked of it; never while it is paused."""
    return _attempt(plan, events).end
