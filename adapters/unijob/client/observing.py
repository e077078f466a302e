"""Hands on what a client does while it does it: to callbacks, and to OpenTelemetry where that is used."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from unijob.client.hooks import Hooks, PollEvent, RequestEvent
from unijob.client.retries import NoAnswerError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from unijob.client.accounts import Account
    from unijob.client.clock import Clock
    from unijob.client.replies import Reply
    from unijob.client.telemetry import Telemetry
    from unijob.job import Job
    from unijob.redact import Redactor
    from unijob.request import Request

E = TypeVar("E")

_NEEDED = {"opentelemetry.trace", "opentelemetry.metrics"}

logger = logging.getLogger("unijob")


@attrs.define(kw_only=True)
class Sending:
    """One request on its way.

    Args:
        account: whose it is.
        request: what is sent.
        path: its path, secrets masked.
        resends: how often the same call was sent before.
        held: seconds that the upstream's rate limit held it back.
        reply: what came.
        error: what came instead.
        seconds: how long that took.
    """

    account: Account
    request: Request
    path: str
    resends: int
    held: float
    reply: Reply | None = None
    error: BaseException | None = None
    seconds: float = 0.0

    def event(self) -> RequestEvent:
        """What a callback is told."""
        told = str(self.error) if isinstance(self.error, NoAnswerError) else type(self.error).__name__
        return RequestEvent(
            account=str(self.account),
            operation=self.request.operation.id,
            method=self.request.operation.method,
            path=self.path,
            status=self.reply.status if self.reply is not None else None,
            error=told if self.error is not None else None,
            resends=self.resends,
            held=self.held,
            seconds=self.seconds,
        )


class Observer:
    """Hands on what a client does.

    Args:
        hooks: who is told.
        clock: the client's clock.
    """

    def __init__(self, hooks: Hooks, clock: Clock) -> None:
        self._hooks = hooks
        self._clock = clock
        self._telemetry: Telemetry | None = None

    @property
    def telemetry(self) -> Telemetry | None:
        """OpenTelemetry, once the program has imported it: who has not, has set up nothing that could be told."""
        if self._telemetry is None and sys.modules.keys() >= _NEEDED:
            from unijob.client.telemetry import Telemetry  # noqa: PLC0415  an extra

            self._telemetry = Telemetry(self._hooks.tracer_provider, self._hooks.meter_provider)
        return self._telemetry

    def span(self, name: str, **attributes: str | int) -> AbstractContextManager[Callable[[Job[Any, Any]], None]]:
        """A span around a call of the client, which may be told the job that came of it; without OpenTelemetry nothing.

        Args:
            name: the span's, below `unijob.`.
            attributes: the span's, by name below `unijob.job.`.
        """
        return self.telemetry.span(name, attributes) if self.telemetry is not None else nullcontext(_unheard)

    @property
    def wants_polls(self) -> bool:
        """Whether anybody is told of polls."""
        return self._hooks.on_poll is not None or self.telemetry is not None

    def polled(self, event: PollEvent) -> None:
        """A job was looked at."""
        if self.telemetry is not None:
            self.telemetry.polled(event)
        _tell(self._hooks.on_poll, event)

    @contextmanager
    def sending(self, sending: Sending) -> Generator[Sending, None, None]:
        """Watch one request from when it goes to its end."""
        began = self._clock.monotonic()
        try:
            with self.telemetry.request(sending) if self.telemetry is not None else nullcontext():
                try:
                    yield sending
                except BaseException as error:
                    sending.error = error
                    raise
                finally:
                    sending.seconds = self._clock.monotonic() - began
        finally:
            _tell(self._hooks.on_request, sending.event())


@attrs.frozen(kw_only=True)
class RequestObserver:
    """Watches the requests of one account.

    Args:
        observer: hands on what it sees.
        account: the account.
        redactor: keeps its secrets out of that.
    """

    observer: Observer
    account: Account
    redactor: Redactor

    def sending(self, request: Request, *, resends: int, held: float) -> AbstractContextManager[Sending]:
        """Watch one request from when it goes to its end."""
        path = self.redactor.text(request.path)
        return self.observer.sending(
            Sending(account=self.account, request=request, path=path, resends=resends, held=held)
        )


def _unheard(_: Job[Any, Any]) -> None:
    pass


def _tell(callback: Callable[[E], None] | None, event: E) -> None:
    if callback is None:
        return
    try:
        callback(event)
    except Exception:
        logger.exception("a hook failed at %s", type(event).__name__)
