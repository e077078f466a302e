"""Does pieces of work side by side, each in a fork of its own, and tells what became of each."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

import attrs

Key = TypeVar("Key")
Work = Callable[[], Any]
"""What is done in a fork: gives something that JSON can hold."""
LOOK = 0.005
STALLED = 20.0
"""Seconds on the wall for which a fork may wait for something without any work."""
TROUBLE = 70


@attrs.frozen
class Ended:
    """How a fork ended.

    Args:
        value: what its work gave; None where it was broken off.
        seconds: of processor time.
    """

    value: Any
    seconds: float


@attrs.define
class _Running(Generic[Key]):
    key: Key
    answer: IO[str]
    worked: tuple[str, float] = ("", 0.0)

    def stalled(self, process: int) -> bool:
        """Whether it has waited for too long; one that would work if it were let is not stalled."""
        now = time.monotonic()
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
        ticks = "R" if fields[0] != "S" else f"{fields[11]} {fields[12]}"
        if ticks == "R" or ticks != self.worked[0]:
            self.worked = ticks, now
        return now - self.worked[1] > STALLED


def side_by_side(work: Iterable[tuple[Key, Work]], jobs: int, *, silent: bool = True) -> Iterator[tuple[Key, Ended]]:
    """Do so many pieces of work at a time, and tell of each as it ends.

    Args:
        work: what to do, each under a key that it is told by.
        jobs: how many at a time.
        silent: whether what they print is dropped.

    Raises:
        RuntimeError: where work itself fails, with its traceback.
    """
    running: dict[int, _Running[Key]] = {}
    try:
        for key, one in work:
            while len(running) >= jobs:
                yield _next(running)
            process, answer = _start(one, silent=silent)
            running[process] = _Running(key, answer)
        while running:
            yield _next(running)
    finally:
        for process, left in running.items():
            os.kill(process, signal.SIGKILL)
            left.answer.close()


def _next(running: dict[int, _Running[Key]]) -> tuple[Key, Ended]:
    looks = 0
    while True:
        process, status, usage = os.wait3(os.WNOHANG)
        if process:
            return _ended(running.pop(process), os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime)
        looks += 1
        if not looks % round(1 / LOOK):
            _end_stalled(running)
        time.sleep(LOOK)


def _end_stalled(running: dict[int, _Running[Any]]) -> None:
    for process, one in running.items():
        if one.stalled(process):
            os.kill(process, signal.SIGKILL)


def _ended(one: _Running[Key], code: int, seconds: float) -> tuple[Key, Ended]:
    with one.answer as answer:
        answer.seek(0)
        said = answer.read()
    if code == TROUBLE:
        raise RuntimeError(f"{one.key}: {said}")
    return one.key, Ended(json.loads(said) if code == 0 else None, seconds)


def _start(work: Work, *, silent: bool) -> tuple[int, IO[str]]:
    answer = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  read by whoever waits for the fork
    process = os.fork()
    if process:
        return process, answer
    code = TROUBLE
    try:
        if silent:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
        json.dump(work(), answer)
        code = 0
    except BaseException:  # noqa: BLE001  it is told where it can be seen
        answer.seek(0)
        answer.truncate()
        traceback.print_exc(file=answer)
    finally:
        answer.flush()
        os._exit(code)
