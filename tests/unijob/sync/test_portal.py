"""What a portal stands: threads, running loops, interruption, early exits, closing, forks and the interpreter's end."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, suppress
from datetime import datetime
from pathlib import Path

import attrs
import pytest

import unijob
import unijob_models
from tests.unijob.sync.serving import client_of
from tests.unijob.upstream import HANG, JOB, RUN, RUNS, FakeClock, Upstream, indexing, page, run
from unijob import InvalidArgument, JobState, Poll
from unijob.client import SystemClock
from unijob.sync import JobClient
from unijob.sync.lives import Life, PortalClosed
from unijob.sync.portal import Portal

REF, OTHER = "mka1:eval_run/r1", "gradient:indexing_job/j1"


@attrs.define
class Room:
    """What a portal opens in tests."""

    log: list[str] = attrs.field(factory=list[str])
    entered: threading.Event = attrs.field(factory=threading.Event)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Room, None]:
        self.log.append("open")
        try:
            yield self
        finally:
            self.log.append("closed")

    async def hang(self) -> None:
        self.entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.log.append("cancelled")
            raise

    async def count(self) -> AsyncGenerator[int, None]:
        try:
            for number in range(10):
                yield number
            await self.hang()
        finally:
            await asyncio.sleep(0)
            self.log.append("count over")

    async def tasks(self) -> int:
        await asyncio.sleep(0)
        return len(asyncio.all_tasks()) - 2  # this one, and the portal's own


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def portal(room: Room) -> Iterator[Portal[Room]]:
    portal = Portal(room.open)
    yield portal
    portal.close()


def interrupt_main(when: threading.Event) -> None:
    """Ctrl-C, as soon as something has happened."""

    def press() -> None:
        when.wait(5)
        os.kill(os.getpid(), 2)

    threading.Thread(target=press).start()


# --- Threads and loops ----------------------------------------------------------------------------------------------


def test_fifty_threads_share_a_client(server: Upstream, client: JobClient) -> None:
    """Each has its own answer, all at once."""
    for number in range(50):
        server.on("GET", f"{RUNS}/r{number}", run("completed", done=10, id=f"r{number}"))
    barrier = threading.Barrier(50)

    def ask(number: int) -> str:
        barrier.wait(5)
        return str(client.wait(f"mka1:eval_run/r{number}").ref)

    with ThreadPoolExecutor(50) as pool:
        refs = list(pool.map(ask, range(50)))
    assert refs == [f"mka1:eval_run/r{number}" for number in range(50)]
    assert len(server.requests) == 50


def test_inside_a_running_loop(server: Upstream, client: JobClient) -> None:
    """As in a notebook: it blocks that loop, and works."""
    server.on("GET", RUN, run(), run("completed", done=10))

    async def cell() -> list[JobState]:
        return [client.get(REF).state, *(job.state for job in client.watch(REF))]

    assert asyncio.run(cell()) == [JobState.RUNNING, JobState.SUCCEEDED]


def test_a_call_from_its_own_loop_is_refused(server: Upstream) -> None:
    """It would wait for itself."""
    server.on("GET", RUN, run())
    seen: list[str] = []

    class Clock(FakeClock):
        async def sleep(self, seconds: float) -> None:
            for call in (lambda: client.get(REF), client.close):
                with pytest.raises(RuntimeError, match="from inside its own event loop") as caught:
                    call()
                seen.append(str(caught.value))
            await super().sleep(seconds)

    with client_of(server, clock=Clock()) as client, pytest.raises(unijob.WaitTimeout):
        client.wait(REF, timeout=1, poll=Poll(initial=1, jitter=0))
    assert len(seen) == 2


def test_context_variables_reach_the_loop(portal: Portal[Room]) -> None:
    """So that a trace begun by the caller goes on."""
    variable = contextvars.ContextVar("variable", default="none")
    variable.set("mine")

    async def look(_: Room) -> str:
        return variable.get()

    assert portal.run(look) == "mine"


# --- Interruption ---------------------------------------------------------------------------------------------------


def test_ctrl_c_cancels_the_coroutine(portal: Portal[Room], room: Room) -> None:
    """And nothing of it goes on."""
    interrupt_main(room.entered)
    with pytest.raises(KeyboardInterrupt):
        portal.run(Room.hang)
    assert portal.run(Room.tasks) == 0
    assert room.log == ["open", "cancelled"]


def test_ctrl_c_before_the_loop_got_to_it(portal: Portal[Room], room: Room) -> None:
    """Then it never begins."""
    released = threading.Event()

    async def block(room: Room) -> None:
        room.entered.set()
        released.wait(5)

    def call() -> None:
        threading.Timer(0.05, os.kill, (os.getpid(), 2)).start()
        portal.run(Room.hang)

    with ThreadPoolExecutor(1) as pool:
        blocking = pool.submit(portal.run, block)
        room.entered.wait(5)
        with pytest.raises(KeyboardInterrupt):
            call()
        released.set()
        blocking.result(5)
    assert portal.run(Room.tasks) == 0
    assert room.log == ["open"]


def test_ctrl_c_ends_a_wait_and_leaves_the_job_alone(server: Upstream) -> None:
    """The client can be used on."""
    asked = threading.Event()

    class Clock(SystemClock):
        async def sleep(self, seconds: float) -> None:
            asked.set()
            await super().sleep(seconds)

    server.on("GET", RUN, run())
    with client_of(server, clock=Clock()) as client:
        interrupt_main(asked)
        with pytest.raises(KeyboardInterrupt):
            client.wait(REF, poll=Poll(initial=60))
        assert client.get(REF).state is JobState.RUNNING
    assert {one.method for one in server.requests} == {"GET"}


def test_ctrl_c_in_an_iterator_closes_it(portal: Portal[Room], room: Room) -> None:
    """After the interrupted step has ended."""
    interrupt_main(room.entered)
    with pytest.raises(KeyboardInterrupt):
        list(portal.iterate(Room.count))
    assert room.log == ["open", "cancelled", "count over"]


# --- Iterators left early -------------------------------------------------------------------------------------------


def test_leaving_an_iterator_early_closes_it(portal: Portal[Room], room: Room) -> None:
    """By a break, by `closing`, or by an exception."""
    for number in portal.iterate(Room.count):
        if number == 3:
            break
    with closing(portal.iterate(Room.count)) as numbers:
        assert next(numbers) == 0
    with pytest.raises(ZeroDivisionError):
        sum(1 / number for number in portal.iterate(Room.count))
    assert room.log == ["open", *["count over"] * 3]
    assert portal.run(Room.tasks) == 0


def test_leaving_early_ends_all_waits(server: Upstream) -> None:
    """No task is left of the jobs that were not waited for to their end."""
    names = list[str]()

    class Clock(FakeClock):
        def now(self) -> datetime:
            names[:] = [task.get_name() for task in asyncio.all_tasks()]
            return super().now()

    server.on("GET", RUN, HANG)
    server.on("GET", JOB, indexing("COMPLETED", "SUCCEEDED"))
    with client_of(server, clock=Clock()) as client:
        for outcome in client.as_completed([REF, OTHER]):
            assert str(outcome.ref) == OTHER
            assert "wait for many" in names
            break
        client.get(OTHER)
    assert [name for name in names if name.startswith("wait for")] == []


def test_an_iterator_that_was_never_begun_is_nothing(portal: Portal[Room], room: Room) -> None:
    """Dropping it is silent."""
    portal.iterate(Room.count)
    gc.collect()
    assert portal.run(Room.tasks) == 0
    assert room.log == ["open"]


def test_an_iterator_dropped_inside_the_loop_closes_later(portal: Portal[Room], room: Room) -> None:
    """Garbage collection may run anywhere; it does not wait for itself."""
    kept = [portal.iterate(Room.count)]
    assert next(kept[0]) == 0

    async def drop(_: Room) -> None:
        kept.clear()

    portal.run(drop)
    while "count over" not in room.log:
        portal.run(Room.tasks)


def test_an_iterator_keeps_its_client(server: Upstream) -> None:
    """Also where nobody else does."""
    server.on("GET", RUNS, page(run(id="r1"), more=True), page(run(id="r2")))
    listed = client_of(server).list("mka1:eval_run")
    gc.collect()
    assert [job.ref.ids for job in listed] == [("r1",), ("r2",)]


# --- Closing --------------------------------------------------------------------------------------------------------


def test_closing_ends_what_is_under_way(portal: Portal[Room], room: Room) -> None:
    """Calls in other threads are told so, before what they use is closed; a suspended iterator is over too."""
    numbers = portal.iterate(Room.count)
    next(numbers)
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(portal.run, Room.hang)
        room.entered.wait(5)
        portal.close()
        with pytest.raises(PortalClosed, match="is closed"):
            hanging.result(5)
    assert room.log == ["open", "cancelled", "closed", "count over"]
    with pytest.raises(PortalClosed):
        next(numbers)


def test_what_is_closed_can_be_opened_again(server: Upstream) -> None:
    """By `with`; without it, a call says what is wrong."""
    server.on("GET", RUN, run())
    client = client_of(server)
    assert client.get(REF) == client.get(REF)
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="the JobClient is closed"):
        client.get(REF)
    with client:
        assert client.get(REF).state is JobState.RUNNING


def test_many_threads_open_one_loop(portal: Portal[Room], room: Room) -> None:
    """And closing while they call leaves none of them waiting."""
    barrier = threading.Barrier(21)

    def call() -> bool:
        barrier.wait(5)
        try:
            while True:
                portal.run(Room.tasks)
        except PortalClosed:
            return True

    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(call) for _ in range(20)]
        barrier.wait(5)
        time.sleep(0.02)
        portal.close()
        assert all(one.result(5) for one in calls)
    assert room.log == ["open", "closed"]


def test_a_client_that_was_forgotten_closes_itself(room: Room) -> None:
    """Its loop ends when nobody has it any more."""
    portal = Portal(room.open)
    before = set(threading.enumerate())
    portal.run(Room.tasks)
    (thread,) = set(threading.enumerate()) - before
    del portal
    thread.join(5)
    assert room.log == ["open", "closed"]


def test_where_there_can_be_no_thread(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call says so, nothing is left open, and the next call tries again."""

    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    portal = Portal(room.open)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            portal.run(Room.tasks)
    assert portal.run(Room.tasks) == 0
    portal.close()


def test_a_cancelled_call_is_told_as_such(portal: Portal[Room]) -> None:
    """Work that is cancelled from within is no silent success."""

    async def cancel(_: Room) -> None:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="the call was cancelled"):
        portal.run(cancel)


def test_errors_do_not_keep_what_they_passed(portal: Portal[Room]) -> None:
    """No circle of references: what a failed call held is let go without the garbage collector."""

    class Held:
        pass

    async def fail(_: Room) -> None:
        raise InvalidArgument("no", argument="a")

    def call() -> weakref.ref[Held]:
        held = Held()
        with suppress(InvalidArgument):
            portal.run(fail)
        return weakref.ref(held)

    gc.disable()
    try:
        held = call()
        portal.run(Room.tasks)  # the loop is past it too
        assert held() is None
    finally:
        gc.enable()


# --- The process ----------------------------------------------------------------------------------------------------

PREAMBLE = """
import os, sys, threading, time
from unijob import Account, Poll
from unijob.sync import JobClient
client = JobClient([Account("mka1", base_url=sys.argv[1], key="k")], env={})
REF = "mka1:eval_run/r1"
print(client.get(REF).state, flush=True)
"""


def python(code: str, url: str) -> tuple[str, str, int]:
    """Run a script that has a client; what it wrote, and how it ended."""
    roots = [str(Path(one.__file__ or "").parents[1]) for one in (unijob, unijob_models)]
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", PREAMBLE + code, url],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(roots)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.stdout, done.stderr, done.returncode


def test_the_interpreter_ends_with_a_client_left_open(server: Upstream) -> None:
    """At once and silently, with an iterator half way and a call under way in a daemon thread."""
    server.on("GET", RUN, run(), run(), HANG)
    code = """
watching = client.watch(REF)
next(watching)
def wait():
    try:
        client.get(REF)
    except RuntimeError as error:
        pass
threading.Thread(target=wait, daemon=True).start()
time.sleep(0.1)
"""
    began = time.monotonic()
    assert python(code, server.url) == ("running\n", "", 0)
    assert time.monotonic() - began < 10


def test_a_fork_at_the_end_of_a_life_finds_nothing_to_let_go(room: Room) -> None:
    """The descriptors may be somebody else's by then."""
    life = Life(room.open())
    life.end()
    life.sever()
    with pytest.raises(PortalClosed):
        life.call(Room.tasks)


FORK = """
import socket, warnings
def connections():
    found = 0
    for descriptor in range(64):
        try:
            with socket.socket(fileno=os.dup(descriptor)) as one:
                found += one.family == socket.AF_INET
        except OSError:
            pass
    return found
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
watching = client.watch(REF, poll=Poll(initial=0.01))
next(watching)
child = os.fork()
if not child:
    print(connections(), flush=True)
    try:
        next(watching)
    except RuntimeError as error:
        print(error, flush=True)
    print(client.get(REF).state, flush=True)
    client.close()
    del watching, client
    import gc; gc.collect()
    sys.exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), connections(), flush=True)
print(client.get(REF).state, [job.state.value for job in watching], flush=True)
client.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_forked_child_has_connections_of_its_own(server: Upstream) -> None:
    """It holds none of the parent's, which go on; an iterator of the parent's is over in the child."""
    server.on("GET", RUN, *[run()] * 4, run("completed", done=10))
    out, err, code = python(FORK, server.url)
    assert out.splitlines() == [
        "running",
        "0",
        "the JobClient is closed",
        "running",
        "7 1",
        "running ['succeeded']",
    ]
    assert (err, code) == ("", 0)
