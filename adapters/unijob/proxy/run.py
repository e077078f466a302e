"""Runs a proxy as a process does: logs, metrics, the admin listener, signals, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import TYPE_CHECKING

import attrs

from unijob.errors import ConfigError
from unijob.proxy import memory
from unijob.proxy.admin import Admin
from unijob.proxy.admin_pages import Pages, State
from unijob.proxy.drift import DriftLog
from unijob.proxy.history import History
from unijob.proxy.logs import Bridge, Log, Writer
from unijob.proxy.metrics import Metrics
from unijob.proxy.proxy import Proxy, is_loopback
from unijob.proxy.reload import Loaded, Reloader, load

if TYPE_CHECKING:
    from unijob.proxy.config import Source
    from unijob.proxy.events import Exchange, Observer
    from unijob.proxy.logs import Output

CLOSE_SECONDS = 0.5
"""How long breaking off what is under way may take, so that the process ends whatever holds it."""
_STOP_SIGNALS = ("SIGTERM", "SIGINT")
_RELOAD_SIGNAL = "SIGHUP"


class Observers:
    """Tells several observers; one that fails is logged and disturbs neither the others nor the request.

    Args:
        observers: whom to tell.
        log: where a failure is told.
    """

    def __init__(self, observers: tuple[Observer, ...], log: Log) -> None:
        self._observers = observers
        self._log = log

    def finished(self, exchange: Exchange) -> None:
        """Tell all of an exchange."""
        for observer in self._observers:
            try:
                observer.finished(exchange)
            except Exception as error:  # noqa: BLE001  whatever it is, the caller's answer matters more
                name, kind = type(observer).__name__, type(error).__name__
                self._log.event("observer-failed", "error", observer=name, error=kind, request_id=exchange.request_id)


@attrs.frozen
class Running:
    """A proxy that serves, with its admin listener."""

    proxy: Proxy
    admin: Admin | None
    loaded: Loaded


class Service:
    """A proxy with all that surrounds it.

    Args:
        source: where its settings come from.
        output: where its log goes.
    """

    def __init__(self, source: Source, output: Output) -> None:
        self._source = source
        self._loaded = load(source)
        self.metrics = Metrics()
        self.history = History()
        self.drift = DriftLog()
        self._writer = Writer(output)
        self.log = Log(self._writer)
        observers = Observers((self.metrics, self.history, self.drift, self.log), self.log)
        self._proxy = Proxy(self._loaded.settings, self._loaded.contracts, observers)
        self.metrics.watch("requests_in_flight", "Requests under way.", lambda: float(self._proxy.in_flight))
        self.metrics.watch("ready", "1 while requests are taken.", lambda: float(self._proxy.is_ready))
        self.reloader = Reloader(source, self._proxy, self.log, self.metrics)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[Running, None]:
        """Serve within the context.

        Raises:
            ConfigError: an address cannot be had; names the setting.
        """
        settings = self._loaded.settings
        admin: Admin | None = None
        bridge = Bridge(self.log)
        logging.getLogger().addHandler(bridge)
        try:
            if settings.admin_port is not None:
                pages = Pages(metrics=self.metrics, history=self.history, drift=self.drift, state=self._state)
                admin = Admin(pages, host=settings.admin_host, port=settings.admin_port)
                await _listen(admin.start, "admin_port", settings.admin_host, settings.admin_port)
            await _listen(self._proxy.start, "port", settings.host, settings.port)
            running = Running(self._proxy, admin, self._loaded)
            self._started(running)
            yield running
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._proxy.close()
            if admin is not None:
                await admin.close()
            logging.getLogger().removeHandler(bridge)
            self.log.event("stopped")
            await asyncio.to_thread(self._writer.close)

    async def drain(self) -> None:
        """Take no more requests, and let those under way end within `limits.drain_seconds`."""
        self.log.event("draining", in_flight=self._proxy.in_flight, seconds=self._proxy.settings.limits.drain_seconds)
        await self._proxy.drain()
        left = self._proxy.in_flight
        self.log.event("drained", "warning" if left else "info", broken_off=left)

    def _state(self) -> State:
        if self._proxy.is_ready:
            return "ready"
        return "draining" if self._proxy.is_draining else "starting"

    def _started(self, running: Running) -> None:
        self.metrics.started(time.time())
        admin = running.admin.url if running.admin is not None else None
        self.log.event(
            "started", pid=os.getpid(), url=running.proxy.url, admin=admin, upstreams=running.loaded.summary()
        )
        settings = running.loaded.settings
        if admin is not None and not is_loopback(settings.admin_host):
            self.log.event("admin-exposed", "warning", admin_host=settings.admin_host)


async def serve(
    source: Source,
    *,
    output: Output | None = None,
    announce: Callable[[Running], None],
    settle: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain; SIGHUP reloads, and a second SIGTERM or SIGINT stops at once.

    Args:
        source: where the settings come from.
        output: where the log goes; standard output by default.
        announce: told once it listens.
        settle: called whenever contracts were loaded; for what holds for a whole process.

    Raises:
        ConfigError: a setting is wrong; nothing is served.
    """
    stops: asyncio.Queue[None] = asyncio.Queue()
    hangups = asyncio.Event()
    with _signals(lambda: stops.put_nowait(None), hangups.set):
        service = Service(source, sys.stdout.buffer if output is None else output)
        async with service.running() as running:
            settle()
            announce(running)
            reloading = asyncio.create_task(_reload_each(service, hangups, settle))
            await stops.get()
            reloading.cancel()
            ways = [asyncio.create_task(service.drain()), asyncio.create_task(stops.get())]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()


def run(source: Source, *, announce: Callable[[Running], None]) -> None:
    """Serve in a process of its own, on uvloop where it is installed; what the command line runs."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(source, announce=announce, settle=memory.settle))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Give what makes uvloop's event loops, or None where it is not installed."""
    try:
        found: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    except ImportError:
        return None
    return found


async def _reload_each(service: Service, hangups: asyncio.Event, settle: Callable[[], None]) -> None:
    while True:
        await hangups.wait()
        hangups.clear()
        if await service.reloader.reload():
            settle()


@contextlib.contextmanager
def _signals(stop: Callable[[], None], reload: Callable[[], None]) -> Generator[None, None, None]:
    loop = asyncio.get_running_loop()
    wanted = [(name, stop) for name in _STOP_SIGNALS] + [(_RELOAD_SIGNAL, reload)]
    taken: list[int] = []
    for name, act in wanted:
        number = getattr(signal, name, None)
        with contextlib.suppress(NotImplementedError):
            if number is not None:
                loop.add_signal_handler(number, act)
                taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)


async def _listen(start: Callable[[], Awaitable[None]], setting: str, host: str, port: int) -> None:
    try:
        await start()
    except OSError as error:
        told = error.strerror or type(error).__name__
        raise ConfigError(f"{setting}: cannot listen on {host}:{port}: {told}", setting=setting) from None
