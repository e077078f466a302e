"""The proxy as a whole: it listens, relays, and can be changed and drained while it does."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from typing import TYPE_CHECKING, Self

from unijob.errors import ConfigError
from unijob.proxy.budget import Beside, Budget
from unijob.proxy.events import Silent
from unijob.proxy.patience import Patience
from unijob.proxy.plan import make_plan
from unijob.proxy.problems import RefusedError
from unijob.proxy.record import Record
from unijob.proxy.relay import Relay
from unijob.proxy.server import Listener
from unijob.proxy.upstream import Upstreams

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from aiohttp import web

    from unijob.proxy.events import Observer
    from unijob.proxy.plan import Checker
    from unijob.proxy.settings import ProxySettings

_BREAKING_OFF_SECONDS = 0.05
_log = logging.getLogger("unijob.proxy")


class Proxy:
    """A validation proxy.

        async with Proxy(settings, contracts, observer) as proxy:
            print(proxy.url)

    Args:
        settings: how it is set up.
        contracts: the compiled contract of each upstream, by its name.
        observer: told of each exchange.

    Raises:
        ConfigError: a setting is wrong; names it.
    """

    def __init__(
        self, settings: ProxySettings, contracts: Mapping[str, Checker], observer: Observer | None = None
    ) -> None:
        _check_exposure(settings)
        self._plan = make_plan(settings, contracts)
        self._observer: Observer = observer or Silent()
        self._server: asyncio.Server | None = None
        self._listener: Listener | None = None
        self._upstreams: Upstreams | None = None
        self._patience: Patience | None = None
        self._beside = _beside(settings)
        self._is_draining = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._active: set[Relay] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def settings(self) -> ProxySettings:
        """The settings now in force."""
        return self._plan.settings

    @property
    def in_flight(self) -> int:
        """How many requests are under way."""
        return len(self._active)

    @property
    def is_draining(self) -> bool:
        """Whether it takes no more requests."""
        return self._is_draining

    @property
    def is_ready(self) -> bool:
        """Whether it takes requests."""
        return self._server is not None and not self._is_draining

    @property
    def url(self) -> str:
        """Where it listens, `http://127.0.0.1:8080`."""
        if self._server is None or not self._server.sockets:
            raise RuntimeError("the proxy is not running: use it as `async with Proxy(...) as proxy`")
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the address cannot be had.
        """
        settings = self._plan.settings
        self._upstreams = Upstreams(settings.limits)
        self._patience = Patience()
        self._listener = Listener(self._handle, limits=settings.limits, refused=self._finished)
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._listener, settings.host, settings.port, backlog=1024)
        except OSError:
            await self.close()
            raise

    def replace(self, settings: ProxySettings, contracts: Mapping[str, Checker]) -> None:
        """Work by other settings and contracts from the next request on.

        What is under way goes on by the old ones. Where it listens, its connections and the bounds of headers stay
        as they were at the start.

        Raises:
            ConfigError: a setting is wrong; names it. Everything stays as it is.
        """
        now = self._plan.settings
        if (settings.host, settings.port) != (now.host, now.port):
            raise ConfigError("the address to listen on can be changed by a new start only", setting="port")
        _check_exposure(settings)
        self._plan = make_plan(settings, contracts)
        if self._upstreams is not None:
            self._upstreams.forget()
        self._beside.backlog = settings.limits.backlog_bytes
        self._beside.budget.share = settings.limits.validation_ms_per_second / 1000

    async def drain(self) -> None:
        """Take no more connections, and wait until what is under way has ended, but not for ever."""
        self._is_draining = True
        if self._server is not None:
            self._server.close()
        if self._listener is not None:
            self._listener.close_idle()
        for relay in self._active:
            relay.caller.keep_alive = False
        try:
            async with asyncio.timeout(self._plan.settings.limits.drain_seconds):
                await self._idle.wait()
        except TimeoutError:
            pass

    async def close(self) -> None:
        """Stop at once; what is under way is broken off."""
        self._is_draining = True
        if self._server is not None:
            self._server.close()
        if self._listener is not None:
            self._listener.close_idle()
            await self._listener.shutdown(_BREAKING_OFF_SECONDS)
        if self._upstreams is not None:
            await self._upstreams.close()
        self._beside.flush()
        self._server = self._listener = self._upstreams = None

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if self._upstreams is None or self._patience is None:
            raise ConnectionError
        plan = self._plan
        record = Record(
            request.raw_headers, method=request.method, raw_target=request.raw_path, caller=request.remote or ""
        )
        watch = self._patience.watch()
        relay = Relay(request, record, plan, upstreams=self._upstreams, beside=self._beside, watch=watch)
        if self._is_draining:
            relay.caller.keep_alive = False
        if len(self._active) >= plan.settings.limits.concurrent_requests:
            detail = "The proxy has too many requests under way."
            refused = RefusedError(503, "busy", detail, fields=(("Retry-After", "1"),))
            await relay.refuse(refused)
            self._finished(record)
            return relay.caller.answered()
        self._active.add(relay)
        self._idle.clear()
        try:
            job = await relay.run()
        except BaseException:
            self._ended(relay, record)
            self._finished(record)
            raise
        self._ended(relay, record)
        if job is None:
            self._finished(record)
        else:
            self._beside.submit(job.then(lambda: self._finished(record)))
        return relay.caller.answered()

    def _ended(self, relay: Relay, record: Record) -> None:
        record.seconds = record.elapsed
        record.response_bytes = relay.caller.sent
        self._active.discard(relay)
        if not self._active:
            self._idle.set()

    def _finished(self, record: Record) -> None:
        try:
            self._observer.finished(record.finish())
        except Exception as error:  # noqa: BLE001  whoever listens must not break what is listened to
            _log.error("an observer failed: %s", type(error).__name__)


def _beside(settings: ProxySettings) -> Beside:
    limits = settings.limits
    return Beside(backlog=limits.backlog_bytes, budget=Budget(limits.validation_ms_per_second / 1000))


def _check_exposure(settings: ProxySettings) -> None:
    """Refuse to lend the proxy's own credentials to whoever can reach it.

    Raises:
        ConfigError: it would.
    """
    if settings.inbound_keys or is_loopback(settings.host):
        return
    for upstream in settings.upstreams:
        if upstream.headers:
            raise ConfigError(
                f"the proxy adds credentials of its own for {upstream.name!r}, so it listens on a loopback address "
                "only, unless callers must send a key",
                setting="inbound_keys",
            )


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
