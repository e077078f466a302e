"""Event streams (WHATWG HTML, server-sent events): bytes to events."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs
import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unijob.errors import Violation

_BLANK = re.compile(rb"(?>\r\n|\n|\r){2}")
_LINE = re.compile(r"\r\n|\n|\r")
_END = "[DONE]"
"""What many streams send last in place of JSON."""


class Splitter:
    """Cuts a stream into blocks, each an event with the blank line that ends it. All bytes come out again."""

    def __init__(self) -> None:
        self._rest = bytearray()

    @property
    def pending(self) -> int:
        """How many bytes wait for the end of their event."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes, and give the blocks that are whole."""
        start = max(0, len(self._rest) - 3)
        self._rest += data
        blocks: list[bytes] = []
        done = 0
        for match in _BLANK.finditer(self._rest, start):
            blocks.append(bytes(self._rest[done : match.end()]))
            done = match.end()
        del self._rest[:done]
        return blocks

    def rest(self) -> bytes:
        """Take what is left, without the end of its event."""
        left = bytes(self._rest)
        self._rest.clear()
        return left


@attrs.frozen
class Event:
    """One event as its fields say."""

    fields: dict[str, Any]

    def readings(self) -> list[Any]:
        """Give what the contract may mean by an event: its data as JSON, or the whole with its fields."""
        data = self.fields["data"]
        try:
            value = orjson.loads(data)
        except ValueError:
            return [data, self.fields]
        return [value, {**self.fields, "data": value}, self.fields]


def read_event(block: bytes) -> Event | None:
    """Read an event; None where there is nothing to check: no data, a comment, the customary mark of the end."""
    fields: dict[str, Any] = {}
    data: list[str] = []
    for line in _LINE.split(block.decode("utf-8", "replace").removeprefix("\ufeff")):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "retry" and value.isdigit():
            fields[name] = int(value)
        elif name in {"event", "id"}:
            fields[name] = value
    text = "\n".join(data)
    if not data or text == _END:
        return None
    return Event({**fields, "data": text})


def likeliest(results: Iterable[tuple[Violation, ...]]) -> tuple[Violation, ...]:
    """Give the findings of the reading that fits best."""
    best: tuple[Violation, ...] | None = None
    for found in results:
        if not found:
            return ()
        if best is None or _weight(found) < _weight(best):
            best = found
    return best or ()


def _weight(found: tuple[Violation, ...]) -> tuple[int, int]:
    return sum(not one.drift for one in found), len(found)
