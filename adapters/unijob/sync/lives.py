"""An event loop in a thread of its own, with what is open in it, from its first call to its end."""

from __future__ import annotations

import asyncio
import atexit
import os
import selectors
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Generic, TypeVar

R = TypeVar("R")
T = TypeVar("T")

_PATIENCE = 2.0
"""Seconds that a clean-up nobody asked for may take: of an iterator that was dropped, and at the interpreter's exit."""

_lives: set[Life[Any]] = set()


class PortalClosed(RuntimeError):
    """The loop that is called is closed."""


class Life(Generic[T]):
    """One loop and its daemon thread.

    Args:
        resource: what is open as long as the loop runs; it opens without waiting for anything.
    """

    def __init__(self, resource: AbstractAsyncContextManager[T]) -> None:
        self._resource = resource
        self._selector = selectors.DefaultSelector()
        self._loop = asyncio.SelectorEventLoop(self._selector)
        self._ending = asyncio.Event()
        self._lock = threading.RLock()  # garbage collection may come back in here, to close an iterator
        self._is_ending = False
        self._thread = threading.Thread(target=self._run, name="unijob", daemon=True)
        _lives.add(self)
        try:
            self._thread.start()
        except RuntimeError:  # there are too many threads, or the interpreter is ending
            _lives.discard(self)
            self._loop.close()
            raise

    def call(self, work: Callable[[T], Awaitable[R]]) -> R:
        """Do some work in the loop, and wait for it. What interrupts the waiting cancels the work.

        Raises:
            PortalClosed: the loop is closed, or was while the work was under way.
            RuntimeError: it is the loop itself that calls.
        """
        if self._is_here():
            raise RuntimeError(
                "the JobClient was called from inside its own event loop, which would wait for itself: "
                "a clock given to unijob.sync.JobClient must not call that client"
            )
        call = _Call(self._loop, lambda: work(self._opened))
        try:
            self._submit(call)
            return call.future.result()
        except CancelledError:
            raise (_closed() if self._is_ending else RuntimeError("the call was cancelled")) from None
        except BaseException:
            call.abandon()
            raise
        finally:
            del call  # it holds the exception, whose traceback holds this frame

    def clean_up(self, work: Callable[[T], Awaitable[None]]) -> None:
        """Do some work in the loop that nobody depends on, from any thread, and wait for it a while at most."""
        with suppress(PortalClosed, CancelledError, TimeoutError):
            call = _Call(self._loop, lambda: work(self._opened))
            self._submit(call)
            if not self._is_here():
                call.future.result(_PATIENCE)

    def stop(self) -> None:
        """Let the loop end: cancel what is under way, close what is open. Does not wait for that."""
        with self._lock:
            if not self._is_ending:
                self._is_ending = True
                self._loop.call_soon_threadsafe(self._ending.set)

    def end(self, patience: float | None = None) -> None:
        """Stop, and wait until all is closed.

        Args:
            patience: seconds to wait at most.

        Raises:
            RuntimeError: it is the loop itself that calls.
        """
        if self._is_here():
            raise RuntimeError("the JobClient cannot be closed from inside its own event loop")
        self.stop()
        self._thread.join(patience)

    def sever(self) -> None:
        """In a forked child: let go of all that is the parent's.

        The thread is gone; the sockets and the epoll instance are shared with the parent. Whatever in the child still
        tidied them up would say goodbye on the parent's connections and take them out of the parent's epoll, so their
        descriptors are pointed elsewhere. Nothing of this life is collected: the frames of the thread that is gone
        keep it.
        """
        self._lock = threading.RLock()
        self._is_ending = True
        if self._loop.is_closed():
            return
        nowhere = os.open(os.devnull, os.O_RDWR)
        registered = [key.fd for key in self._selector.get_map().values()]
        for descriptor in (self._selector.fileno(), *registered):
            os.dup2(nowhere, descriptor, inheritable=False)
        os.close(nowhere)

    def _is_here(self) -> bool:
        return threading.get_ident() == self._thread.ident

    def _submit(self, call: _Call[Any]) -> None:
        # Under a lock, so that no call is queued behind the loop's end, where nobody would ever answer for it.
        with self._lock:
            if self._is_ending:
                raise _closed()
            self._loop.call_soon_threadsafe(call.begin)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        finally:
            _lives.discard(self)

    async def _serve(self) -> None:
        async with self._resource as self._opened:
            await self._ending.wait()
            under_way = asyncio.all_tasks() - {asyncio.current_task()}
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)


class _Call(Generic[R]):
    """Work for a loop. Unlike with `run_coroutine_threadsafe`, there is no instant at which Ctrl-C leaves it running.

    Args:
        loop: the loop.
        work: what to do there.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, work: Callable[[], Awaitable[R]]) -> None:
        self.future: Future[R] = Future()
        self._loop = loop
        self._work = work
        self._task: asyncio.Task[R] | None = None
        self._is_abandoned = False

    def begin(self) -> None:
        """In the loop: begin, if that is still wanted."""
        if not self._is_abandoned:
            self._task = self._loop.create_task(_do(self._work))
            self._task.add_done_callback(self._hand_over)

    def abandon(self) -> None:
        """From any thread: cancel the work, begun or not; nobody waits for it any more."""
        with suppress(RuntimeError):  # the loop is closed, and the work with it
            self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        self._is_abandoned = True
        if self._task is not None:
            self._task.cancel()

    def _hand_over(self, task: asyncio.Task[R]) -> None:
        if task.cancelled():
            self.future.cancel()
        elif (error := task.exception()) is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(task.result())


async def _do(work: Callable[[], Awaitable[R]]) -> R:
    return await work()


def _closed() -> PortalClosed:
    return PortalClosed("the JobClient is closed")


def _end_all() -> None:
    lives = list(_lives)
    for life in lives:
        life.stop()
    for life in lives:
        life.end(_PATIENCE)


def _sever_all() -> None:
    for life in list(_lives):
        life.sever()
    _lives.clear()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_sever_all)
