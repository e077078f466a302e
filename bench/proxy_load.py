"""Load on one URL of this machine, bounded in time: by wrk where it is installed, else by asyncio."""

from __future__ import annotations

import asyncio
import re
import shutil
import statistics
import subprocess
import time
from urllib.parse import urlsplit

import attrs

CONNECTIONS = 16
TOKEN = "Bearer not-a-real-token"
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@attrs.frozen
class Load:
    """What a load showed. Times in ms."""

    requests: int
    per_second: float
    p50: float
    p99: float
    failed: int


def load(url: str, seconds: float, connections: int = CONNECTIONS) -> Load:
    """Ask for one URL as fast as it is answered.

    Args:
        url: on a loopback address.
        seconds: for how long; wrk takes whole ones.
        connections: how many at a time.
    """
    if shutil.which("wrk"):
        return _by_wrk(url, max(1, round(seconds)), connections)
    return asyncio.run(_by_asyncio(url, seconds, connections))


def _by_wrk(url: str, seconds: int, connections: int) -> Load:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s"]
    told = subprocess.run([*command, "-H", f"Authorization: {TOKEN}", url], capture_output=True, text=True, check=True)
    text = told.stdout
    total = re.search(r"(\d+) requests in ([\d.]+)s", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    requests = int(total[1]) if total else 0
    return Load(
        requests,
        requests / float(total[2]) if total else 0.0,
        _percentile(text, "50%"),
        _percentile(text, "99%"),
        (int(refused[1]) if refused else 0) + (sum(map(int, broken.groups())) if broken else 0),
    )


def _percentile(text: str, name: str) -> float:
    found = re.search(re.escape(name) + r"\s+([\d.]+)(us|ms|s|m)", text)
    return float(found[1]) * _UNITS[found[2]] if found else 0.0


async def _by_asyncio(url: str, seconds: float, connections: int) -> Load:
    started = time.perf_counter()
    results = await asyncio.gather(*(_ask(url, started + seconds) for _ in range(connections)))
    taken = time.perf_counter() - started
    times = sorted(one for times, _ in results for one in times)
    if len(times) < 2:  # noqa: PLR2004 - quantiles need two
        return Load(0, 0.0, 0.0, 0.0, sum(failed for _, failed in results))
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times), len(times) / taken, cuts[49], cuts[98], sum(failed for _, failed in results))


async def _ask(url: str, end: float) -> tuple[list[float], int]:
    """Ask on one connection until a moment, and give the times in ms and how many answers were no 200."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: {TOKEN}\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    times: list[float] = []
    failed = 0
    while (started := time.perf_counter()) < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        failed += b" 200 " not in head.partition(b"\r\n")[0]
        times.append((time.perf_counter() - started) * 1e3)
    writer.close()
    return times, failed
