"""When a request is sent again, and after how long."""

from __future__ import annotations

import logging
import math
from enum import Enum
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import attrs
from tenacity import AsyncRetrying, RetryCallState, retry_any, retry_if_exception, retry_if_result

from unijob.errors import InvalidArgument, UnijobError
from unijob.request import Request, idempotency_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tenacity.retry import retry_base

    from unijob.client.clock import Clock
    from unijob.client.limits import RateLimit
    from unijob.client.observing import RequestObserver
    from unijob.client.replies import Reply

    Exchange = Callable[[Request, float], Awaitable[Reply]]

logger = logging.getLogger("unijob")

TRANSIENT_STATUSES = frozenset({408, 429, *range(500, 600)})
_REFUSED = 429
_LOST_BY_A_GATEWAY = frozenset({502, 504, 520, 522, 524})
"""Bad gateway and gateway time-out, and what CDNs say of an origin that they reached and got no whole answer from."""
_IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_MAX_EXPONENT = 30


class NoAnswerError(UnijobError):
    """One sending, or all sendings of a call, brought no answer. It never leaves the client: a TransportError does.

    Args:
        maybe_received: whether the request was on its way when it failed.
        hopeless: whether another try cannot do better: a certificate that is not trusted.
    """

    def __init__(self, message: str, *, maybe_received: bool, hopeless: bool = False) -> None:
        super().__init__(message)
        self.maybe_received = maybe_received
        self.hopeless = hopeless


class Resend(Enum):
    """When a request may be sent again."""

    ALWAYS = "always"
    """Twice is the same as once."""
    UNLESS_RECEIVED = "unless received"
    """Only when it certainly was not received: no connection, or 429."""


def _check_attempts(_: Any, field: attrs.Attribute[Any], value: int) -> None:
    if not value >= 1:
        raise InvalidArgument(f"{field.name} is a whole number, 1 or more", argument=field.name)


def _check_seconds(_: Any, field: attrs.Attribute[Any], value: float) -> None:
    if not value >= 0:
        raise InvalidArgument(f"{field.name} is a number of seconds, 0 or more", argument=field.name)


@attrs.frozen(kw_only=True)
class Retry:
    """How often and how fast a failed request is sent again.

    Args:
        attempts: sendings at most, the first counted.
        initial: the longest first pause, in seconds; each pause is a random part of its longest ("full jitter"), and
            the longest doubles.
        maximum: the longest pause, in seconds.
        longest_hint: how many seconds of a `Retry-After` are heeded at most.
    """

    attempts: int = attrs.field(default=4, validator=_check_attempts)
    initial: float = attrs.field(default=0.5, validator=_check_seconds)
    maximum: float = attrs.field(default=10.0, validator=_check_seconds)
    longest_hint: float = attrs.field(default=60.0, validator=_check_seconds)

    def pause(self, attempt: int, hint: float | None, random: Random) -> float:
        """Seconds before the next sending, after so many."""
        if hint is not None:
            return min(hint, self.longest_hint)
        longest = min(self.initial * 2.0 ** min(attempt - 1, _MAX_EXPONENT), self.maximum)
        return longest * random.random()


def resend_of(request: Request) -> Resend:
    """When a request may be sent again, by its method (RFC 9110, section 9.2.2) and its idempotency key."""
    operation = request.operation
    is_safe = operation.method.upper() in _IDEMPOTENT_METHODS or idempotency_key(operation) is not None
    return Resend.ALWAYS if is_safe else Resend.UNLESS_RECEIVED


def is_lost(reply: Reply) -> bool:
    """Whether an answer only says that the real one was lost behind a gateway."""
    return reply.status in _LOST_BY_A_GATEWAY


class Sender:
    """Sends requests until an answer stands, as a retry policy allows.

    Args:
        exchange: sends a request once, with a time-out in seconds.
        policy: how often and how fast.
        limit: the upstream's rate, which all sendings keep to.
        observer: watches each sending.
        clock: paces the pauses.
        random: jitters them.
    """

    def __init__(
        self,
        exchange: Exchange,
        policy: Retry,
        *,
        limit: RateLimit,
        observer: RequestObserver,
        clock: Clock,
        random: Random,
    ) -> None:
        self._exchange = exchange
        self._policy = policy
        self._limit = limit
        self._observer = observer
        self._clock = clock
        self._random = random

    async def send(
        self,
        request: Request,
        *,
        seconds: float,
        resend: Resend | None = None,
        attempts: int | None = None,
        deadline: float | None = None,
    ) -> Reply:
        """Send a request until an answer stands; errors that remain are answers too.

        Args:
            request: the request.
            seconds: the time-out of each sending.
            resend: when it may be sent again, where the method does not tell.
            attempts: sendings at most, in place of the policy's.
            deadline: when, on the monotonic clock, an answer is of no use any more; it clips each time-out.

        Raises:
            NoAnswerError: none came.
        """
        call = _Call(self, with_idempotency_key(request), resend or resend_of(request), seconds, deadline)
        return await call.run(attempts or self._policy.attempts)

    async def exchange(self, request: Request, seconds: float, deadline: float | None, resends: int) -> Reply:
        """Send once, when the upstream's rate allows it."""
        held = await self._limit.turn(deadline)
        if held == math.inf:
            told = f"the rate limit holds back {request} until after the deadline"
            raise NoAnswerError(told, maybe_received=False)
        now = self._clock.monotonic()
        with self._observer.sending(request, resends=resends, held=held) as sending:
            reply = await self._exchange(request, seconds if deadline is None else min(seconds, deadline - now))
            sending.reply = reply
        self._limit.learn(reply, now)
        return reply

    def retrying(self, attempts: int, *conditions: retry_base) -> AsyncRetrying:
        """A loop over attempts."""
        return AsyncRetrying(
            sleep=self._clock.sleep,
            stop=lambda state: state.attempt_number >= attempts,
            wait=self._pause,
            retry=retry_any(*conditions),
            before_sleep=_log,
            retry_error_callback=_last,
        )

    def _pause(self, state: RetryCallState) -> float:
        return self._policy.pause(state.attempt_number, _hint(state), self._random)


@attrs.define
class _Call:
    """One call: a request and what became of its sendings."""

    _sender: Sender
    _request: Request
    _resend: Resend
    _seconds: float
    _deadline: float | None
    _sendings: int = 0
    _maybe_received: bool = False
    _lost: bool = False

    async def run(self, attempts: int) -> Reply:
        loop = self._sender.retrying(
            attempts, retry_if_result(self._is_worth_repeating), retry_if_exception(self._is_repeatable)
        )
        reply: Reply = await loop(self._once)
        return reply

    async def _once(self) -> Reply:
        earlier = self._maybe_received
        self._maybe_received = True  # until it is known better
        resends, self._sendings = self._sendings, self._sendings + 1
        try:
            reply = await self._sender.exchange(self._request, self._seconds, self._deadline, resends)
        except NoAnswerError as error:
            self._lost = self._lost or error.maybe_received
            self._maybe_received = error.maybe_received = earlier or error.maybe_received
            raise
        lost, self._lost = self._lost, self._lost or is_lost(reply)
        self._maybe_received = earlier or reply.status in TRANSIENT_STATUSES - {_REFUSED}
        return attrs.evolve(reply, resent=earlier or reply.resent, lost=lost)

    def _is_worth_repeating(self, reply: Reply) -> bool:
        if self._resend is Resend.ALWAYS:
            return reply.status in TRANSIENT_STATUSES
        return reply.status == _REFUSED

    def _is_repeatable(self, error: BaseException) -> bool:
        if not isinstance(error, NoAnswerError) or error.hopeless:
            return False
        return self._resend is Resend.ALWAYS or not error.maybe_received


def with_idempotency_key(request: Request) -> Request:
    """The request with a new idempotency key, where its operation takes one and the caller gave none."""
    parameter = idempotency_key(request.operation)
    if parameter is None or parameter.name in request.headers:
        return request
    return attrs.evolve(request, headers={**request.headers, parameter.name: str(uuid4())})


def _last(state: RetryCallState) -> Reply:
    assert state.outcome is not None  # noqa: S101  tenacity sets it before it asks
    reply: Reply = state.outcome.result()
    return reply


def _hint(state: RetryCallState) -> float | None:
    if state.outcome is None or state.outcome.failed:
        return None
    reply: Reply = state.outcome.result()
    return reply.hint


def _log(state: RetryCallState) -> None:
    failure = state.outcome.exception() if state.outcome is not None else None
    what = str(failure) if failure is not None else f"{_last(state).request}: {_last(state).status}"
    logger.warning("%s; again in %.2f s (attempt %d)", what, state.upcoming_sleep, state.attempt_number)
