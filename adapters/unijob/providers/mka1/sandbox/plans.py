"""From a record's script to how its life goes."""

from __future__ import annotations

from unijob.sandbox.timeline import Event, Moment, Plan, Stage, ends_at, moment
from unijob.sandbox.vendor import Call, Refusal
from unijob.sandbox.world import Record

_PLANNED = ("items", "queued", "duration", "finalizing", "cancelling", "failed_items", "retry_outcome")


def plan(record: Record) -> Plan:
    """The plan of a life: its script's settings, as far as they are a plan's."""
    script = record.script
    settings = {name: script[name] for name in _PLANNED if name in script.settings}
    return Plan(created_at=record.created_at, outcome=script["outcome"], **settings)


def standing(record: Record, now: float) -> Moment:
    """Where a life stands."""
    return moment(plan(record), record.events, now)


def end(record: Record) -> float:
    """When a life ends, if nothing more is asked of it."""
    return ends_at(plan(record), record.events)


def ask(call: Call, record: Record, what: str, stages: frozenset[Stage], why_not: str) -> None:
    """Ask something of what is at one of some stages.

    Raises:
        Refusal: it is at another.
    """
    if standing(record, call.now).stage not in stages:
        raise Refusal("conflict", why_not)
    record.events.append(Event(what, call.now))


def whole(instant: float | None) -> int | None:
    """An instant in whole Unix seconds."""
    return None if instant is None else int(instant)
