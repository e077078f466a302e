"""The JSON log."""

from __future__ import annotations

import asyncio
import io
import logging
import threading
from typing import Any

import orjson
import pytest

from unijob.errors import Violation
from unijob.proxy.events import Exchange, Outcome, Skip
from unijob.proxy.logs import Bridge, Log, Writer

CANARY = "canary-5f0c2e"


class Memory(io.BytesIO):
    """A log that is read afterwards."""

    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.getvalue().splitlines()]


class Stuck(Memory):
    """A log that nobody reads, until somebody does."""

    def __init__(self) -> None:
        super().__init__()
        self.freed = threading.Event()
        self.reached = threading.Event()

    def write(self, data: Any, /) -> int:
        self.reached.set()
        self.freed.wait(5)
        return super().write(data)


def exchange(**changes: Any) -> Exchange:
    fields: dict[str, Any] = {"request_id": "r", "started_at": 1.5, "upstream": "a", "operation": "get", **changes}
    return Exchange(**fields)


def logged(*exchanges: Exchange) -> list[dict[str, Any]]:
    memory = Memory()
    writer = Writer(memory)
    for each in exchanges:
        Log(writer).finished(each)
    writer.close()
    return memory.lines()


def test_one_line_a_request() -> None:
    """With who, what, how it ended, and how long it took."""
    wrong = tuple(Violation(place="request.body", pointer=f"/{n}", keyword="type", message="m") for n in range(9))
    skips = (Skip(part="response", reason="budget"),)
    (line,) = logged(exchange(method="GET", target="/a/x", status=200, violations=wrong, skips=skips, seconds=0.25))
    assert line["time"] == "1970-01-01T00:00:01.500Z"
    assert (line["event"], line["request_id"], line["method"], line["target"]) == ("request", "r", "GET", "/a/x")
    assert (line["status"], line["seconds"], line["violations"], line["drift"]) == (200, 0.25, 9, 0)
    assert [each["pointer"] for each in line["first_violations"]] == ["/0", "/1", "/2", "/3", "/4"]
    assert line["skipped"] == ["response:budget"]


@pytest.mark.parametrize(
    ("outcome", "level"),
    [
        ("complete", "info"),
        ("caller-gone", "info"),
        ("refused", "warning"),
        ("failed", "warning"),
        ("aborted", "warning"),
    ],
)
def test_the_level_follows_the_end(outcome: Outcome, level: str) -> None:
    """A caller that goes away is no fault of ours."""
    assert [line["level"] for line in logged(exchange(outcome=outcome))] == [level]


def test_a_target_that_is_not_utf_8_is_logged_too() -> None:
    """As escapes."""
    assert logged(exchange(target="/a/\udcff"))[0]["target"] == "/a/\\udcff"


def test_a_log_that_nobody_reads_holds_up_nothing() -> None:
    """Lines that find no room are dropped, and their number is told."""
    stuck = Stuck()
    writer = Writer(stuck, backlog=1000)
    log = Log(writer)
    log.event("first")
    assert stuck.reached.wait(2)
    for _ in range(100):
        log.event("more", text="x" * 50)
    stuck.freed.set()
    writer.close()
    lines = stuck.lines()
    dropped = [line["lines"] for line in lines if line["event"] == "log-lines-dropped"]
    assert sum(dropped) + len(lines) - len(dropped) == 101
    assert sum(dropped) > 0


def test_closing_waits_for_a_stuck_log_a_while_only() -> None:
    """So that the process ends."""
    stuck = Stuck()
    writer = Writer(stuck)
    writer.write(b"{}")
    writer.close(0.01)
    stuck.freed.set()


def test_a_log_that_is_closed_disturbs_nothing() -> None:
    """Requests go on."""
    memory = Memory()
    memory.close()
    writer = Writer(memory)
    writer.write(b"{}")
    writer.close()


def test_events_are_redacted() -> None:
    """Whatever they tell."""
    memory = Memory()
    writer = Writer(memory)
    Log(writer).event("x", "error", told=f"Authorization: Bearer {CANARY}", url=f"http://u:{CANARY}@h/?token={CANARY}")
    writer.close()
    (line,) = memory.lines()
    assert (line["event"], line["level"]) == ("x", "error")
    assert CANARY not in memory.getvalue().decode()


def test_what_libraries_log_is_told_without_their_words() -> None:
    """They quote what callers send."""
    memory = Memory()
    writer = Writer(memory)
    logger = logging.Logger("library")  # noqa: LOG001  one that nobody else has
    logger.addHandler(Bridge(Log(writer)))
    try:
        int(CANARY)
    except ValueError:
        logger.exception("Error handling %s", CANARY)
    logger.warning(CANARY)
    logger.info("nothing")
    writer.close()
    failed, warned = memory.lines()
    assert (failed["level"], failed["logger"], failed["error"]) == ("error", "library", "ValueError")
    assert "test_what_libraries_log" in failed["frames"][0]
    assert (warned["level"], warned["event"]) == ("warning", "library")
    assert CANARY not in memory.getvalue().decode()


async def test_a_batch_is_written_soon() -> None:
    """Without waiting for more."""
    memory = Memory()
    writer = Writer(memory)
    writer.write(b"{}")
    for _ in range(100):
        if memory.getvalue():
            break
        await asyncio.sleep(0.01)
    assert memory.getvalue() == b"{}\n"
    writer.close()
