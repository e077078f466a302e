"""A portal from code without async into an event loop of its own."""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeVar

from unijob.sync.lives import Life, PortalClosed

I = TypeVar("I")  # noqa: E741  an item
R = TypeVar("R")
T = TypeVar("T")

_portals: weakref.WeakSet[Portal[Any]] = weakref.WeakSet()


class Portal(Generic[T]):
    """Calls into a loop that begins with the first call, ends with `close`, and begins anew in a forked child.

    One portal serves any number of threads, also those that run an event loop.

    Args:
        make: makes what is open in the loop; it is called at once, and again in a forked child.
    """

    def __init__(self, make: Callable[[], AbstractAsyncContextManager[T]]) -> None:
        self._make = make
        self._resource: AbstractAsyncContextManager[T] | None = make()
        self._life: Life[T] | None = None
        self._finalizer: weakref.finalize[..., Any] | None = None
        self._is_closed = False
        self._lock = threading.RLock()
        _portals.add(self)

    def open(self) -> None:
        """Allow calls, again where it was closed."""
        with self._lock:
            self._is_closed = False

    def close(self) -> None:
        """Cancel what is under way, close what is open, and wait until that is done; then allow no more calls."""
        with self._lock:
            life, self._life, self._is_closed = self._life, None, True
            self._detach()
        if life is not None:
            life.end()

    def run(self, work: Callable[[T], Awaitable[R]]) -> R:
        """Do some work in the loop, and wait for it. What interrupts the waiting (Ctrl-C) cancels the work.

        Raises:
            PortalClosed: the portal is closed.
            RuntimeError: it is the loop itself that calls.
        """
        return self._living().call(work)

    def iterate(self, make: Callable[[T], AsyncGenerator[I, None]]) -> Generator[I, None, None]:
        """Make an asynchronous generator in the loop, and give what it gives. Leaving early closes it.

        Raises:
            PortalClosed: the portal is closed.
            RuntimeError: it is the loop itself that calls.
        """
        life = self._living()

        async def begin(resource: T) -> _Steps[I]:
            return _Steps(make(resource))

        return self._items(life, life.call(begin))

    def _items(self, life: Life[T], steps: _Steps[I]) -> Generator[I, None, None]:
        # A method, so that the portal is not taken for unused while someone iterates.
        try:
            while found := life.call(steps.next):
                yield found[0]
        finally:
            life.clean_up(steps.close)

    def _living(self) -> Life[T]:
        life = self._life
        return life if life is not None else self._begin()

    def _begin(self) -> Life[T]:
        with self._lock:
            if self._is_closed:
                raise PortalClosed("the JobClient is closed")
            if self._life is None:
                self._resource = self._resource or self._make()
                self._life = Life(self._resource)
                self._finalizer = weakref.finalize(self, self._life.stop)
                self._finalizer.atexit = False  # lives end themselves there, in time
            return self._life

    def forget(self) -> None:
        """In a forked child: leave the life to the parent."""
        self._lock = threading.RLock()
        self._life = self._resource = None
        self._detach()

    def _detach(self) -> None:
        if self._finalizer is not None:
            self._finalizer.detach()
            self._finalizer = None


class Through(Generic[T]):
    """A portal to what one is made of the portal's resource for each call.

    Args:
        portal: the portal.
        view: makes of the resource what is called.
    """

    def __init__(self, portal: Portal[T] | Through[T], view: Callable[[T], T]) -> None:
        self._portal = portal
        self._view = view

    def open(self) -> None:
        """Allow calls, as the portal does."""
        self._portal.open()

    def close(self) -> None:
        """Close the portal."""
        self._portal.close()

    def run(self, work: Callable[[T], Awaitable[R]]) -> R:
        """Do some work, as the portal does."""
        return self._portal.run(lambda resource: work(self._view(resource)))

    def iterate(self, make: Callable[[T], AsyncGenerator[I, None]]) -> Generator[I, None, None]:
        """Make an asynchronous generator, and give what it gives, as the portal does."""
        return self._portal.iterate(lambda resource: make(self._view(resource)))


class _Steps(Generic[I]):
    """An asynchronous generator taken step by step, never two at once: one that was cancelled ends before the next."""

    def __init__(self, source: AsyncGenerator[I, None]) -> None:
        self._source = source
        self._lock = asyncio.Lock()

    async def next(self, _: object) -> tuple[I] | tuple[()]:
        """The next item, or none."""
        async with self._lock:
            async for item in self._source:
                return (item,)
            return ()

    async def close(self, _: object) -> None:
        """Close it."""
        async with self._lock:
            await self._source.aclose()


def _forget_all() -> None:
    for portal in list(_portals):
        portal.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
