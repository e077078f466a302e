"""The machine moved by hand."""

from __future__ import annotations

from typing import Any, cast

from hypothesis.strategies import DataObject

from tests.stateful.machine import JobMachine
from unijob import JobClient, JobRef


class _Drawn:
    """What hypothesis would have drawn."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def draw(self, _: object) -> Any:
        return self._value


def drawn(value: Any) -> DataObject:
    """What draws a value that is known."""
    return cast("DataObject", _Drawn(value))


def begun(kind: str, *, client_type: type[JobClient] = JobClient, **script: Any) -> JobMachine:
    """A machine that has started one job, which lives by a script."""

    class Machine(JobMachine):
        pass

    Machine.client_type = client_type
    machine = Machine()
    machine.begin(data=drawn(script), revision="2026-10", kind=kind)
    return machine


def first(machine: JobMachine) -> JobRef:
    """The job that it started."""
    ref: JobRef = machine.judge.calls[0].given.ref
    return ref
