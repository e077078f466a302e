"""Event streams on their way, each event held against its contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unijob.proxy.coding import NotCheckedError
from unijob.proxy.problems import RefusedError
from unijob.proxy.sse import Splitter

if TYPE_CHECKING:
    from unijob.proxy.answer import Answer
    from unijob.proxy.budget import Beside
    from unijob.proxy.caller import Caller
    from unijob.proxy.checking import Checking


class CutError(Exception):
    """An answer that has begun cannot be brought to its end.

    Args:
        cause: one word on why.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class EventWatch:
    """Checks the events of one stream.

    Args:
        checking: how.
        answer: the upstream's answer.
        most: how large an event may be.
        beside: whose budget holds in report mode.
    """

    def __init__(self, checking: Checking, answer: Answer, most: int, beside: Beside) -> None:
        self.splitter = Splitter()
        self._checking = checking
        self._status = answer.status
        self._content_type = answer.headers.get("Content-Type", "")
        self._most = most
        self._budget = beside.budget
        self._is_off = False

    def look(self, chunk: bytes) -> None:
        """Check what was passed on already."""
        if self._is_off:
            return
        for block in self.splitter.feed(chunk):
            if not self._budget.allows():
                self._checking.record.skipped("response", "budget")
                continue
            before = self._checking.record.validation_seconds
            self._checking.event(self._status, self._content_type, block)
            self._budget.spend(self._checking.record.validation_seconds - before)
        self._switch_off_if_too_large()

    async def sift(self, chunk: bytes, caller: Caller) -> None:
        """Pass on the events that are as they should be.

        Raises:
            CutError: one is not.
        """
        if self._is_off:
            await caller.write(chunk)
            return
        passed = bytearray()
        is_bad = False
        for block in self.splitter.feed(chunk):
            is_bad = not self._checking.event(self._status, self._content_type, block)
            if is_bad:
                break
            passed += block
        await caller.write(bytes(passed))
        if is_bad:
            raise CutError("violations")
        self._switch_off_if_too_large()
        if self._is_off:
            await caller.write(self.splitter.rest())

    def _switch_off_if_too_large(self) -> None:
        if self.splitter.pending > self._most:
            self._is_off = True
            try:
                self._checking.unchecked("response", NotCheckedError("too-large"))
            except RefusedError:
                raise CutError("too-large") from None
