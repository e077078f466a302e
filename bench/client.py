"""The client beside the vendors' clients: ready for its first request, a thousand reads, very many jobs waited for."""

from __future__ import annotations

import asyncio
import compileall
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import attrs
from rich.console import Console
from rich.table import Table

import unijob
import unijob_models
from bench.client_ready import WAYS as READY
from bench.client_watch import PACE
from unijob import Account, JobClient

STARTS = 7
READS, TURNS = 1_000, 5
JOBS, THEIR_JOBS = 10_000, 500
"""How many jobs are waited for; the vendor's way takes fewer, so that it ends in bounded time, and is extrapolated."""
SHORTEST, LONGEST = 20.0, 60.0
PAGE = 100
_REFUSAL = (
    b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
)


# --- Ready ------------------------------------------------------------------------------------------------------------


@contextmanager
def refusing() -> Generator[tuple[str, list[float]], None, None]:
    """A server that refuses each request, and notes when it came, on the machine's monotonic clock."""
    came: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    came.append(time.monotonic())
                    connection.sendall(_REFUSAL)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", came
        listener.shutdown(socket.SHUT_RDWR)


def ready_ms(way: str, url: str, came: list[float]) -> float:
    """The time from before the import to the first request's arrival, in ms."""
    came.clear()
    command = [sys.executable, "-m", "bench.client_ready", way, url]
    began = float(subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()[-1])
    return (came[0] - began) * 1000


def show_ready() -> None:
    """Print the medians, in turns so that the machine's moods hit all alike."""
    for package in (unijob, unijob_models):
        compileall.compile_dir(Path(package.__file__ or "").parent, quiet=1)  # as an installer does to the others
    samples: dict[str, list[float]] = {way: [] for way in READY}
    with refusing() as (url, came):
        for _ in range(STARTS):
            for way in READY:
                samples[way].append(ready_ms(way, url, came))
    table = Table(
        "client", "ms, median", "min", "max", "x unijob", title=f"Import to first request, {STARTS} interpreters each"
    )
    base = statistics.median(samples["unijob"])
    for way, times in samples.items():
        middle = statistics.median(times)
        table.add_row(way, f"{middle:.0f}", f"{min(times):.0f}", f"{max(times):.0f}", f"{middle / base:.2f}")
    Console().print(table)


# --- Reads ------------------------------------------------------------------------------------------------------------


@contextmanager
def sandbox(count: int) -> Generator[tuple[dict[str, Any], Callable[[], Mapping[str, int]]], None, None]:
    """A sandbox in a process of its own: where it is, and what tells the requests so far."""
    command = [sys.executable, "-m", "bench.client_server", str(count), str(SHORTEST), str(LONGEST)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def requests() -> Mapping[str, int]:
            stdin.write("\n")
            stdin.flush()
            found: dict[str, int] = json.loads(stdout.readline())
            return found

        try:
            yield json.loads(stdout.readline()), requests
        finally:
            stdin.close()


async def readers(where: Mapping[str, Any], stack: AsyncExitStack) -> dict[str, Callable[[], Awaitable[Any]]]:
    """What reads one job, by each client of each API."""
    from gradient import AsyncGradient  # noqa: PLC0415  the other tables do without
    from meetkai_mka1 import SDK  # noqa: PLC0415

    urls, token = where["urls"], where["token"]
    accounts = [Account(name, base_url=url, key=token) for name, url in urls.items()]
    ours = await stack.enter_async_context(JobClient(accounts, env={}))
    gradient = await stack.enter_async_context(AsyncGradient(access_token=token, base_url=urls["gradient"]))
    mka1 = await stack.enter_async_context(SDK(bearer_auth=token, server_url=urls["mka1"]))
    run = await ours.start("mka1:eval_run", suite_id="suite", models=["auto"])
    uuid = where["jobs"][0]
    return {
        "unijob: indexing job": lambda: ours.get(f"gradient:indexing_job/{uuid}"),
        "gradient": lambda: gradient.knowledge_bases.indexing_jobs.retrieve(uuid),
        "unijob: eval run": lambda: ours.get(run),
        "meetkai_mka1": lambda: mka1.llm.evals.get_run_async(run_id=run.ref.ids[0]),
    }


async def read_all(where: Mapping[str, Any]) -> dict[str, list[tuple[float, float]]]:
    """Read one job again and again, by each client in turns: milliseconds a read, and of CPU."""
    samples: dict[str, list[tuple[float, float]]] = {}
    async with AsyncExitStack() as stack:
        ways = await readers(where, stack)
        for read in ways.values():
            await read()
        for _ in range(TURNS):
            for name, read in ways.items():
                began, spent = time.perf_counter(), time.process_time()
                for _ in range(READS // TURNS):
                    await read()
                each = 1000 / (READS // TURNS)
                taken = (time.perf_counter() - began) * each, (time.process_time() - spent) * each
                samples.setdefault(name, []).append(taken)
    return samples


def show_reads() -> None:
    """Print the medians over the turns."""
    with sandbox(1) as (where, _):
        samples = asyncio.run(read_all(where))
    table = Table(
        "client", "ms a read", "ms of CPU a read", title=f"{READS} reads one after the other, against the sandbox"
    )
    for name, turns in samples.items():
        table.add_row(name, *[f"{statistics.median(part):.2f}" for part in zip(*turns, strict=True)])
    Console().print(table)


# --- Many -------------------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Watched:
    """What it took to wait for many jobs: requests by operation, seconds, seconds of CPU, the most memory in MB."""

    requests: Mapping[str, int]
    done: int
    seconds: float
    cpu: float
    megabytes: float
    rounds: int = 0
    first_round: int = 0


def watched(way: str, count: int) -> Watched:
    """Wait for jobs to their end in a process of its own."""
    with sandbox(count) as (where, requests):
        command = [sys.executable, "-m", "bench.client_watch", way]
        ended = subprocess.run(command, input=json.dumps(where), capture_output=True, text=True, check=True)
        return Watched(requests=requests(), **json.loads(ended.stdout))


def show_many() -> None:
    """Print what both ways take, and the vendor's for as many jobs as ours."""
    ours, theirs = watched("unijob", JOBS), watched("vendor", THEIR_JOBS)
    times = JOBS / THEIR_JOBS
    table = Table(
        "way",
        "jobs",
        "ended",
        "requests",
        "seconds",
        "s of CPU",
        "MB at most",
        title=f"Indexing jobs of {SHORTEST:.0f} to {LONGEST:.0f} s waited for to their end, a look every {PACE:.0f} s",
    )
    table.add_row("unijob: wait_all", *_row(ours, JOBS))
    table.add_row("gradient: a poller a job", *_row(theirs, THEIR_JOBS))
    requests, cpu = sum(theirs.requests.values()) * times, theirs.cpu * times
    table.add_row("the same, extrapolated", str(JOBS), "", f"{requests:.0f}", "", f"{cpu:.0f}", "")
    Console().print(table)
    ratio = ours.first_round / (JOBS / PAGE)
    Console().print(
        f"unijob asked {dict(ours.requests)} in {ours.rounds} rounds; the first, with all jobs, took "
        f"{ours.first_round} requests: {ratio:.2f} x jobs / page size"
    )


def _row(found: Watched, count: int) -> tuple[str, ...]:
    requests = sum(found.requests.values())
    return (
        str(count),
        str(found.done),
        str(requests),
        f"{found.seconds:.0f}",
        f"{found.cpu:.1f}",
        f"{found.megabytes:.0f}",
    )


def main() -> None:
    """Print the three tables."""
    show_ready()
    show_reads()
    show_many()
