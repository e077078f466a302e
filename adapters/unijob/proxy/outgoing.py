"""The answer of an upstream, on its way to the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from unijob.proxy.budget import Job
from unijob.proxy.checking import Message, kind_of_body
from unijob.proxy.coding import NotCheckedError, codings
from unijob.proxy.fields import MalformedHeadError, response_fields, via
from unijob.proxy.forms import is_plain_framing
from unijob.proxy.problems import RefusedError
from unijob.proxy.watching import CutError, EventWatch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from unijob.proxy.answer import Answer
    from unijob.proxy.budget import Beside
    from unijob.proxy.caller import Caller
    from unijob.proxy.checking import Checking
    from unijob.proxy.record import Record
    from unijob.proxy.settings import Limits, ProxySettings

_FIRST_FINAL = 200


class Outgoing:
    """One answer.

    Args:
        answer: the upstream's answer, of which the header is here.
        caller: who gets it.
        record: what is known of the exchange.
        settings: of the proxy.
        checking: how it is checked; None where it is not.
        still: called with the seconds that the next step may take.
    """

    def __init__(
        self,
        answer: Answer,
        caller: Caller,
        *,
        record: Record,
        settings: ProxySettings,
        checking: Checking | None,
        still: Callable[[float], None],
    ) -> None:
        self._answer = answer
        self._content = answer.content
        self._caller = caller
        self._record = record
        self._settings = settings
        self._limits: Limits = settings.limits
        self._checking = checking
        self._still = still
        if answer.status < _FIRST_FINAL:
            raise _malformed("The upstream changed the protocol, though nobody asked for that.")
        transfer_codings = answer.headers.getall("Transfer-Encoding", [])
        if not is_plain_framing(transfer_codings):
            raise _malformed("The upstream's answer has a transfer coding that cannot be passed on.")
        chunked = bool(transfer_codings)
        self._fields = response_fields(answer.raw_headers, chunked=chunked)
        self._bodiless = caller.is_bodiless(answer.status)
        self._size = None if chunked or self._bodiless else answer.content_length
        if (self._size or 0) > self._limits.response_bytes:
            raise RefusedError(502, "too-large", "The upstream's answer is larger than this proxy passes.")

    async def relay(self, beside: Beside) -> Job | None:
        """Pass the answer on, held against its contract as the modes say.

        Returns:
            What is still to be checked.

        Raises:
            RefusedError: the caller gets another answer.
            CutError: the answer has begun and must be broken off.
        """
        checking = self._checking
        if checking is None:
            await self._pass(None)
            return None
        kind = kind_of_body(self._answer.headers.get("Content-Type", ""))
        if kind == "events" and not self._bodiless:
            await self._events(checking, beside)
            return None
        if checking.modes.may_refuse("response"):
            await self._held(checking, is_read=kind == "read")
            return None
        return await self._told(checking, is_read=kind == "read")

    def _message(self, body: bytes | None) -> Message:
        return Message(self._answer.headers, body)

    def _begin(self) -> None:
        record = self._record
        fields = [
            *self._fields,
            (b"Via", via((1, 1)).encode()),
            (b"Unijob-Source", b"upstream"),
            (b"Unijob-Request-Id", record.request_id.encode()),
        ]
        if record.checked_request or record.checked_response:
            fields.append((b"Unijob-Violations", str(len(record.violations)).encode()))
        sized = self._size is not None
        try:
            self._caller.begin(self._answer.status, self._answer.reason or "", fields, sized=sized)
        except MalformedHeadError:
            raise _malformed("The upstream's answer has a header that cannot be passed on.") from None
        record.answered(self._answer.status, "upstream")

    async def _pass(self, each: Callable[[bytes], None] | None, held: bytes = b"") -> None:
        """Pass the body on as it comes, and have a look at each piece after it was sent."""
        self._begin()
        if held:
            await self._caller.write(held)
        elif not self._bodiless and not self._content.total_bytes and not self._content.is_eof():
            await self._caller.flush()
        await self._pump(self._caller.write, each)

    async def _pump(self, write: Callable[[bytes], Awaitable[None]], each: Callable[[bytes], None] | None) -> None:
        content = self._content
        while not (content.is_eof() or self._bodiless):
            self._still(self._limits.idle_seconds)
            chunk = await self._chunk()
            if not chunk or content.at_eof():
                await self._last(chunk, each, write)
                return
            await write(chunk)
            if each is not None:
                each(chunk)
        await self._last(await self._chunk() if not self._bodiless else b"", each, write)

    async def _last(
        self, chunk: bytes, each: Callable[[bytes], None] | None, write: Callable[[bytes], Awaitable[None]]
    ) -> None:
        self._still(self._limits.idle_seconds)
        if write == self._caller.write:
            await self._caller.end(chunk)
        else:
            await write(chunk)
            await self._caller.end()
        if each is not None and chunk:
            each(chunk)

    async def _chunk(self) -> bytes:
        """Read what is there, all of it where that is the end."""
        try:
            chunk = self._content.read_nowait(-1) if self._content.is_eof() else await self._content.readany()
        except (aiohttp.ClientError, ConnectionError, RuntimeError) as error:
            raise self._cut("upstream-cut", "The upstream's answer broke off.") from error
        if self._caller.sent + len(chunk) > self._limits.response_bytes:
            raise self._cut("too-large", "The upstream's answer is larger than this proxy passes.")
        return chunk

    def _cut(self, cause: str, detail: str) -> Exception:
        if self._caller.begun:
            return CutError(cause)
        return RefusedError(502, cause, detail, outcome="failed")

    async def _whole(self, most: int) -> tuple[bytes, bool]:
        """Read the body; give it and whether it is whole, or what was read when it became too large."""
        if self._bodiless:
            return b"", True
        if (self._size or 0) > most:
            return b"", False
        if self._content.is_eof():
            body = await self._chunk()
            return body, len(body) <= most
        held = bytearray()
        while not self._content.at_eof() and len(held) <= most:
            self._still(self._limits.idle_seconds)
            held += await self._chunk()
        return bytes(held), len(held) <= most

    async def _held(self, checking: Checking, *, is_read: bool) -> None:
        """Hold the answer back until it is checked."""
        status = self._answer.status
        if not is_read and not self._bodiless:
            checking.response(status, self._message(None))
            await self._pass(None)
            return
        body, is_whole = await self._whole(self._limits.check_bytes)
        if is_whole:
            checking.response(status, self._message(body))
            self._begin()
            await self._caller.end(body)
            return
        checking.unchecked("response", NotCheckedError("too-large"))
        checking.response(status, self._message(None))
        await self._pass(None, body)

    async def _told(self, checking: Checking, *, is_read: bool) -> Job:
        """Pass the answer on at once, and leave its check for later."""
        most = self._limits.check_bytes if is_read and (self._size or 0) <= self._limits.check_bytes else -1
        pieces: list[bytes] = []
        taken = 0

        def take(chunk: bytes) -> None:
            nonlocal taken
            taken += len(chunk)
            if taken <= most:
                pieces.append(chunk)
            else:
                pieces.clear()

        await self._pass(take if is_read else None)
        is_whole = is_read and taken <= most
        record, status = self._record, self._answer.status

        def check() -> None:
            if is_read and not is_whole:
                record.skipped("response", "too-large")
            checking.response(status, self._message(b"".join(pieces) if is_whole or self._bodiless else None))

        return Job(taken if is_whole else 0, check, lambda reason: record.skipped("response", reason))

    async def _events(self, checking: Checking, beside: Beside) -> None:
        """Pass an event stream on, its events checked one by one."""
        strict = checking.modes.may_refuse("response")
        streams = self._settings.streams
        if strict and streams == "refuse":
            raise RefusedError(502, "stream", "The upstream's answer is an event stream, and none is passed.")
        before = len(self._record.violations)
        checking.response(self._answer.status, self._message(None))
        encoded = codings(self._answer.headers.get("Content-Encoding", ""))
        if encoded:
            checking.unchecked("response", NotCheckedError("encoding"))
        if strict and streams == "pass":
            self._record.skipped("response", "stream")
        is_known = all(one.keyword not in {"media-type", "status"} for one in self._record.violations[before:])
        is_documented = is_known and not any(one.place == "response.status" for one in self._record.drift)
        if encoded or not is_documented or (strict and streams == "pass"):
            await self._pass(None)
            return
        watch = EventWatch(checking, self._answer, self._limits.event_bytes, beside)
        if not strict:
            await self._pass(watch.look)
            return
        self._begin()
        await self._caller.flush()
        await self._pump(lambda chunk: watch.sift(chunk, self._caller), None)
        await self._caller.write(watch.splitter.rest())


def _malformed(detail: str) -> RefusedError:
    return RefusedError(502, "malformed-answer", detail, outcome="failed")
