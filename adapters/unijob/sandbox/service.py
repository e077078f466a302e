"""Answers the requests to one provider: contract, state, faults. It knows nothing of sockets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import attrs
import orjson

from unijob.contract import Contract
from unijob.contract.pointers import decode_pointer
from unijob.errors import Violation
from unijob.jsontypes import is_list, is_object
from unijob.sandbox.clock import Clock, http_date
from unijob.sandbox.faults import Fault, Faults
from unijob.sandbox.messages import Incoming, Outgoing
from unijob.sandbox.vendor import REASONS, Call, Failure, Reason, Refusal, Reply, VendorSandbox
from unijob.sandbox.world import World

_ERROR = 400
_HTML = b"<!DOCTYPE html><html><body><h1>It works!</h1></body></html>\n"


@attrs.define
class _Draft:
    """An answer on its way."""

    request_id: str
    now: float
    status: int | None = None
    payload: Any = None
    headers: dict[str, str] = attrs.field(factory=dict[str, str])
    operation: str | None = None
    faults: list[Fault] = attrs.field(factory=list[Fault])

    def fault(self, *effects: str) -> Fault | None:
        """The fault with one of some effects, where one struck."""
        return next((fault for fault in self.faults if fault.effect in effects), None)


class Service:
    """One provider being served.

    Args:
        vendor: how it behaves.
        contract: the contract of its revision.
        world: what exists.
        clock: the time.
        faults: what goes wrong.
        tokens: the bearer tokens that it accepts.
        check: whether its own answers are held against the contract.
    """

    def __init__(
        self,
        *,
        vendor: VendorSandbox,
        contract: Contract,
        world: World,
        clock: Clock,
        faults: Faults,
        tokens: frozenset[str],
        check: bool,
    ) -> None:
        self.world = world
        self._vendor = vendor
        self._contract = contract
        self._clock = clock
        self._faults = faults
        self._tokens = tokens
        self._check = check

    async def answer(self, incoming: Incoming) -> Outgoing:
        """Answer a request."""
        draft = _Draft(self.world.ids.next_uuid("request"), self._clock.now())
        status = self._vendor.place(self.world, incoming, draft.now)
        if status is not None:
            return Outgoing(status=status, headers={}, body=b"", request_id=draft.request_id)
        try:
            await self._proceed(incoming, draft)
        except Refusal as refusal:
            self._refuse(draft, refusal)
        return self._written(draft)

    async def _proceed(self, incoming: Incoming, draft: _Draft) -> None:
        match = self._contract.route(incoming.method, incoming.path)
        draft.operation = match.operation.id if match.operation is not None else None
        self._authenticate(incoming)
        if match.operation is None:
            if not match.allowed:
                raise Refusal("no_route", "The resource you were accessing could not be found.")
            draft.headers["Allow"] = ", ".join(sorted(match.allowed))
            raise Refusal("method", f"{incoming.method} is not allowed here.")
        draft.faults = self._faults.before(self.world.provider, match.operation.id)
        await self._wait(draft)
        if not self._spoil(draft):
            self._act(incoming, draft, match.path_values)

    async def _wait(self, draft: _Draft) -> None:
        for fault in draft.faults:
            if fault.effect == "latency":
                await self._clock.sleep(fault["seconds"])
        draft.now = self._clock.now()

    def _spoil(self, draft: _Draft) -> bool:
        """Whether a fault answers in place of the provider, which then does nothing."""
        fault = draft.fault("error", "rate_limit", "drop", "not_json")
        if fault is None or (fault.effect == "not_json" and fault["status"] < _ERROR):
            return False
        if fault.effect == "error":
            self._fail(draft, fault["status"], _reason(fault["status"]), fault["message"])
        elif fault.effect == "rate_limit":
            draft.headers["Retry-After"] = str(fault["retry_after"])
            self._fail(draft, REASONS["rate_limit"], "rate_limit", "Too many requests: slow down.")
        return True

    def _act(self, incoming: Incoming, draft: _Draft, path: Mapping[str, str]) -> None:
        operation = draft.operation or ""
        call = self._call(incoming, operation, path, draft.now)
        self._vendor.catch_up(self.world, draft.now)
        reply = self._reply(call)
        payload, struck = self._faults.changed(self.world.provider, operation, reply.payload)
        draft.status, draft.payload = reply.status, payload
        draft.headers.update(self._vendor.headers(self.world, draft.now))
        draft.faults.extend(struck)

    def _reply(self, call: Call) -> Reply:
        handler = self._vendor.handlers.get(call.operation)
        if handler is None:
            raise Refusal("server", f"The sandbox does not know how to answer {call.operation}.")
        return handler(call)

    def _authenticate(self, incoming: Incoming) -> None:
        scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() not in self._tokens:
            raise Refusal("unauthorized", "Unable to authenticate you: the bearer token is missing or not accepted.")

    def _call(self, incoming: Incoming, operation: str, path: Mapping[str, str], now: float) -> Call:
        reading = self._contract.parse_request(
            operation,
            path=path,
            query=parse_qsl(incoming.query, keep_blank_values=True),
            headers=incoming.headers,
            body=incoming.body,
        )
        wrong = tuple(violation for violation in reading.violations if not violation.drift)
        if wrong:
            raise self._vendor.invalid(wrong)
        return Call(
            operation=operation,
            path={name: value.encode(errors="replace").decode() for name, value in path.items()},
            query=reading.query,
            headers=incoming.headers,
            body=_documented(reading.body, reading.violations),
            now=now,
            world=self.world,
            base_url=incoming.base_url,
        )

    def _refuse(self, draft: _Draft, refusal: Refusal) -> None:
        self._fail(draft, REASONS[refusal.reason], refusal.reason, refusal.message, refusal.parameter)

    def _fail(
        self, draft: _Draft, status: int, reason: Reason | None, message: str, parameter: str | None = None
    ) -> None:
        draft.status = status
        draft.payload = self._vendor.error(
            Failure(
                status=status,
                reason=reason,
                message=message,
                parameter=parameter,
                request_id=draft.request_id,
                operation=draft.operation,
            )
        )

    def _written(self, draft: _Draft) -> Outgoing:
        violations = self._violations(draft)
        if violations:
            listed = "; ".join(map(str, violations))
            self._fail(draft, REASONS["server"], "server", f"The sandbox broke its own contract: {listed}")
        body = orjson.dumps(draft.payload)
        status, sent, media_type = draft.status, None, "application/json"
        fault = draft.fault("drop", "lose", "odd_status", "not_json", "truncated")
        match fault.effect if fault is not None else None:
            case "drop" | "lose":
                status, body, sent = None, b"", 0
            case "odd_status" if fault is not None and status is not None and status < _ERROR:
                status = fault["status"]
            case "not_json" if fault is not None:
                status, body, media_type = fault["status"], _HTML, "text/html; charset=utf-8"
            case "truncated" if fault is not None:
                half = len(body) // 2
                body, sent = (body[:half], None) if fault["framed"] else (body, half)
            case _:
                pass
        return Outgoing(
            status=status,
            headers={
                **draft.headers,
                "Content-Type": media_type,
                "Date": http_date(self._clock.now()),
                "X-Request-Id": draft.request_id,
            },
            body=body,
            sent=sent,
            operation=draft.operation,
            faults=tuple(fault.effect for fault in draft.faults),
            request_id=draft.request_id,
            violations=violations,
        )

    def _violations(self, draft: _Draft) -> tuple[Violation, ...]:
        """Where an answer breaks the contract, though no fault changed it."""
        if not self._check or draft.operation is None or draft.status is None:
            return ()
        if any(fault.changes_answer for fault in draft.faults):
            return ()
        return self._contract.check_response(
            draft.operation, draft.status, draft.payload, headers={"Content-Type": "application/json", **draft.headers}
        )


def _reason(status: int) -> Reason | None:
    """The reason that usually has a status."""
    return next((reason for reason in REASONS if REASONS[reason] == status), None)


def _documented(body: Any, violations: tuple[Violation, ...]) -> Any:
    """A request body without the properties that its contract does not know: a vendor passes over them."""
    for violation in violations:
        if violation.place == "request.body" and violation.drift:
            *parents, name = decode_pointer(violation.pointer) or [""]
            node = body
            for step in parents:
                node = node[int(step)] if is_list(node) else node[step]
            if is_object(node):
                node.pop(name, None)
    return body
