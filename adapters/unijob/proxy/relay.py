"""One exchange from its request to its answer."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from unijob.proxy.caller import Caller
from unijob.proxy.calls import find_call
from unijob.proxy.coding import NotCheckedError
from unijob.proxy.fields import replaced, request_fields, via
from unijob.proxy.forms import check_form, check_key, forwarded
from unijob.proxy.incoming import Incoming
from unijob.proxy.outgoing import Outgoing
from unijob.proxy.problems import RefusedError
from unijob.proxy.server import refusal_bytes
from unijob.proxy.targets import split_target
from unijob.proxy.watching import CutError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from unijob.proxy.answer import Answer
    from unijob.proxy.budget import Beside, Job
    from unijob.proxy.calls import Call
    from unijob.proxy.checking import Checking
    from unijob.proxy.patience import Watch
    from unijob.proxy.plan import Mount, Plan
    from unijob.proxy.record import Record
    from unijob.proxy.targets import Target
    from unijob.proxy.upstream import Upstreams


class Relay:
    """Relays one request.

    Args:
        request: the request.
        record: what is known of it.
        plan: what the proxy works by.
        upstreams: the connections.
        beside: does the checks that nobody waits for.
        watch: gives it up when a step takes too long.
    """

    def __init__(
        self,
        request: web.BaseRequest,
        record: Record,
        plan: Plan,
        *,
        upstreams: Upstreams,
        beside: Beside,
        watch: Watch,
    ) -> None:
        self._request = request
        self._record = record
        self._plan = plan
        self._settings = plan.settings
        self._limits = plan.settings.limits
        self._upstreams = upstreams
        self._beside = beside
        self._watch = watch
        self.caller = Caller(request)

    async def run(self) -> Job | None:
        """Answer the request, and give the check that is left to do."""
        record = self._record
        try:
            async with self._watch:
                return await self._relay()
        except RefusedError as refused:
            await self.refuse(refused)
        except CutError as cut:
            self._abort(cut.cause)
        except TimeoutError:
            await self._too_slow()
        except asyncio.CancelledError:
            record.ended("caller-gone", record.phase)
            raise
        except ConnectionError:
            record.ended("caller-gone", record.phase)
            self.caller.abort()
        except Exception:  # noqa: BLE001  what it says may quote the message
            await self.refuse(RefusedError(500, "internal", "The proxy failed.", outcome="failed"))
        return None

    async def _relay(self) -> Job | None:
        check_form(self._request, self._limits.header_bytes)
        key_is_authorization = check_key(self._request, self._plan)
        target = split_target(self._request.raw_path)
        mount = self._plan.mounts.get(target.name)
        if mount is None:
            raise RefusedError(404, "no-upstream", "No upstream is mounted there.")
        self._record.upstream = mount.name
        self._record.own_secrets = (*mount.own_secrets, *self._settings.inbound_keys)
        incoming = Incoming(
            self._request, self.caller, record=self._record, limits=self._limits, still=self._watch.still
        )
        fields = self._fields(mount, without_authorization=key_is_authorization)
        call = find_call(mount, target, fields, self._record, self._settings)
        body = await self._body(incoming, call)
        answer = await self._send(mount, target, fields, body, incoming)
        try:
            told = await self._answer(answer, None if call is None else call.checking)
        finally:
            answer.close()
        if call is not None and call.checking.modes.checks_request and not self._record.checked_request:
            self._check_copy(call, incoming)
        return told

    def _fields(self, mount: Mount, *, without_authorization: bool) -> list[tuple[str, str]]:
        request = self._request
        fields = request_fields(request.raw_headers)
        if without_authorization:
            fields = [field for field in fields if field[0].lower() != "authorization"]
        if mount.own_fields:
            fields = replaced(fields, mount.own_fields)
        if self._settings.forwarded_headers:
            fields = replaced(fields, forwarded(request))
        return fields

    async def _body(self, incoming: Incoming, call: Call | None) -> bytes | AsyncIterator[bytes] | None:
        """Read as much of the body as the checks need, check, and give what is sent."""
        if call is None or not call.checking.modes.checks_request:
            return await self._unchecked_body(incoming)
        strict = call.checking.modes.may_refuse("request")
        most = self._limits.check_bytes
        if not strict and incoming.size is None and not self._request.content.is_eof():
            return incoming.stream(most)
        body = await incoming.read(most)
        if body is None:
            call.checking.unchecked("request", NotCheckedError("too-large"))
        self._check(call, body, strict=strict)
        return incoming.stream() if body is None else body or None

    async def _unchecked_body(self, incoming: Incoming) -> bytes | AsyncIterator[bytes] | None:
        if not incoming.exists:
            return None
        if self._request.content.is_eof():
            return await incoming.read(self._limits.request_bytes)
        return incoming.stream()

    def _check(self, call: Call, body: bytes | None, *, strict: bool = False) -> None:
        budget = self._beside.budget
        if not strict and not budget.allows():
            self._record.skipped("request", "budget")
            return
        before = self._record.validation_seconds
        call.check(body)
        if not strict:
            budget.spend(self._record.validation_seconds - before)

    def _check_copy(self, call: Call, incoming: Incoming) -> None:
        """Check a request whose body was passed on as it came."""
        if not incoming.is_whole:
            self._record.skipped("request", "incomplete")
        elif incoming.copy is None:
            self._record.skipped("request", "too-large")
            self._check(call, None)
        else:
            self._check(call, bytes(incoming.copy))

    async def _send(
        self,
        mount: Mount,
        target: Target,
        fields: list[tuple[str, str]],
        body: bytes | AsyncIterator[bytes] | None,
        incoming: Incoming,
    ) -> Answer:
        record = self._record
        record.phase = "first-byte"
        self._watch.still(self._limits.first_byte_seconds)
        started = time.perf_counter()
        fields.append(("Via", via(self._request.version)))
        try:
            answer = await self._upstreams.send(
                mount.base, self._request.method, mount.target(target.rest), fields, body, tls=mount.tls
            )
        except RefusedError:
            if incoming.failure is not None:
                raise incoming.failure from None
            raise
        record.upstream_seconds = time.perf_counter() - started
        record.upstream_status = answer.status
        record.phase = "response-body"
        return answer

    async def _answer(self, answer: Answer, checking: Checking | None) -> Job | None:
        self._watch.still(self._limits.idle_seconds)
        checked = checking if checking is not None and checking.modes.checks_response else None
        outgoing = Outgoing(
            answer, self.caller, record=self._record, settings=self._settings, checking=checked, still=self._watch.still
        )
        return await outgoing.relay(self._beside)

    async def _too_slow(self) -> None:
        phase = self._record.phase
        if self.caller.begun:
            self._abort("idle")
        elif phase == "request-body":
            await self.refuse(RefusedError(408, "request-idle", "The body of the request stood still too long."))
        else:
            detail = "The upstream took too long to answer."
            cause = "first-byte" if phase == "first-byte" else "idle"
            await self.refuse(RefusedError(504, cause, detail, outcome="failed"))

    def _abort(self, cause: str) -> None:
        self._record.ended("aborted", cause)
        self.caller.abort()

    async def refuse(self, refused: RefusedError) -> None:
        """Answer instead of the upstream, or break off what has begun."""
        record = self._record
        if self.caller.begun:
            self._abort(refused.cause)
            return
        record.ended(refused.outcome, refused.cause)
        body, fields = refusal_bytes(refused, record, record.redactor())
        if record.checked_request or record.checked_response:
            fields.append((b"Unijob-Violations", str(len(record.violations)).encode()))
        if self._request.can_read_body:
            self.caller.keep_alive = False
        record.answered(refused.status, "proxy")
        self.caller.begin(refused.status, HTTPStatus(refused.status).phrase, fields, sized=True)
        try:
            await self.caller.end(b"" if self._request.method == "HEAD" else body)
        except ConnectionError:
            record.ended("caller-gone", "answer")
