"""JSON logs: one line a request, and one for each event of the proxy's own life. No credential stands in them."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any, Literal, Protocol

from unijob.proxy.history import json_bytes, rfc3339, violation_dict
from unijob.redact import Redactor

if TYPE_CHECKING:
    from unijob.proxy.events import Exchange

Level = Literal["info", "warning", "error"]
BATCH_SECONDS = 0.05
"""How long lines gather before they are written."""
LARGEST_BACKLOG = 16 * 2**20
"""How many bytes may wait for a reader of the log that does not read; later lines are dropped and counted."""
MOST_OF_ONE = 5
"""How many violations stand in the line of a request; `/-/violations` has the rest."""
_FRAMES = 8


class Output(Protocol):
    """Where bytes go: a binary file."""

    def write(self, data: bytes, /) -> object:
        """Take bytes."""
        ...

    def flush(self) -> object:
        """Pass them on."""
        ...


class Writer:
    """Writes lines from a thread of its own, so that a slow reader of the log holds up no request.

    Args:
        output: where lines go.
        backlog: how many bytes may wait.
    """

    def __init__(self, output: Output, *, backlog: int = LARGEST_BACKLOG) -> None:
        self._output = output
        self._backlog = backlog
        self._lines: list[bytes] = []
        self._size = 0
        self._dropped = 0
        self._lock = threading.Lock()
        self._filled = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="unijob-proxy-log", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> None:
        """Take a line, without its end."""
        with self._lock:
            if self._size + len(line) > self._backlog:
                self._dropped += 1
                return
            self._lines.append(line)
            self._size += len(line)
            is_first = len(self._lines) == 1
        if is_first:
            self._filled.set()

    def close(self, seconds: float = 1.0) -> None:
        """Write what is left, and end; gives up after a time."""
        self._closing.set()
        self._filled.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            self._filled.wait()
            self._filled.clear()
            is_last = self._closing.wait(BATCH_SECONDS)
            data = self._take()
            if data:
                self._put(data)
            if is_last:
                return

    def _take(self) -> bytes:
        with self._lock:
            lines, dropped = self._lines, self._dropped
            self._lines, self._size, self._dropped = [], 0, 0
        if dropped:
            lines.append(_line({"level": "warning", "event": "log-lines-dropped", "lines": dropped}))
        return b"\n".join([*lines, b""])

    def _put(self, data: bytes) -> None:
        try:
            self._output.write(data)
            self._output.flush()
        except (OSError, ValueError):  # nobody reads the log any more; requests go on
            return


class Log:
    """An observer that writes a line for each exchange, and takes events.

    Args:
        writer: where lines go.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._redactor = Redactor()

    def event(self, name: str, level: Level = "info", **fields: Any) -> None:
        """Write a line that is not about a request.

        Args:
            name: one word, `started`.
            level: how much it matters.
            fields: what else to tell, JSON values.
        """
        self._writer.write(_line({"level": level, "event": name, **self._redactor.value(fields)}))

    def finished(self, exchange: Exchange) -> None:
        """Write the line of an exchange."""
        self._writer.write(json_bytes(_told(exchange)))


class Bridge(logging.Handler):
    """Brings what libraries log into the JSON log, without their texts, which quote what callers send.

    Args:
        log: where it goes.
    """

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Tell who logged, from where, and the class of the error."""
        fields: dict[str, Any] = {"logger": record.name, "at": f"{record.module}:{record.lineno}"}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
            fields["error"] = type(error).__name__
            fields["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        self._log.event("library", "error" if record.levelno >= logging.ERROR else "warning", **fields)


def _told(exchange: Exchange) -> dict[str, Any]:
    violations, skips = exchange.violations, exchange.skips
    told: dict[str, Any] = {
        "time": rfc3339(exchange.started_at),
        "level": _level(exchange),
        "event": "request",
        "request_id": exchange.request_id,
        "caller": exchange.caller,
        "upstream": exchange.upstream,
        "operation": exchange.operation,
        "method": exchange.method,
        "target": exchange.target,
        "status": exchange.status,
        "upstream_status": exchange.upstream_status,
        "source": exchange.source,
        "outcome": exchange.outcome,
        "cause": exchange.cause,
        "request_bytes": exchange.request_bytes,
        "response_bytes": exchange.response_bytes,
        "seconds": round(exchange.seconds, 6),
        "upstream_seconds": None if exchange.upstream_seconds is None else round(exchange.upstream_seconds, 6),
        "validation_seconds": round(exchange.validation_seconds, 6),
        "checked": [*(["request"] * exchange.checked_request), *(["response"] * exchange.checked_response)],
        "violations": len(violations),
        "drift": len(exchange.drift),
    }
    if violations:
        told["first_violations"] = [violation_dict(violation) for violation in violations[:MOST_OF_ONE]]
    if skips:
        told["skipped"] = [f"{skip.part}:{skip.reason}" for skip in skips]
    return told


def _level(exchange: Exchange) -> Level:
    fine = exchange.outcome in {"complete", "caller-gone"} and not exchange.violations
    return "info" if fine else "warning"


def _line(fields: dict[str, Any]) -> bytes:
    return json_bytes({"time": rfc3339(time.time()), **fields})
