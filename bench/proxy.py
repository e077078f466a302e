"""The validation proxy under load, beside the upstream alone, a bare relay on aiohttp, and Prism 5.

`python -m bench.proxy` takes about three minutes and prints figures and ratios; `--quick` takes one.
Everything runs on this machine; each server is a process of its own, whose CPU time is counted. On a machine of few
cores they and the load share them: CPU per request says more than requests per second.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import attrs
import orjson
from rich.console import Console
from rich.table import Table

from bench import proxy_contracts
from bench import proxy_payloads as payloads
from bench.proxy_contracts import Costs
from bench.proxy_load import TOKEN, Load, load

TARGETS = {
    "2 kB": payloads.RUN_PATH,
    "100 items": payloads.list_target(100),
    "1,000 items": payloads.list_target(1000),
}
SIZES = (15, 2000)
PRISM = "@stoplight/prism-cli@5"
PATIENCE = 90.0
_TICK = os.sysconf("SC_CLK_TCK")


@attrs.frozen
class Subject:
    """A server under load."""

    name: str
    paths: int | None
    """How many paths its contract has; None where it has none."""
    url: str
    process: subprocess.Popen[str]

    def cpu(self) -> float:
        """The CPU time that its process has had, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK


@attrs.frozen
class Cell:
    """One subject under one load."""

    load: Load
    cpu_ms: float


@attrs.define
class Bench:
    """A run of the benchmark.

    Args:
        seconds: how long each load is.
        rounds: how often each load is repeated, in turns.
    """

    seconds: int = 1
    rounds: int = 3
    cells: dict[tuple[str, int | None, str], list[Cell]] = attrs.field(
        factory=dict[tuple[str, int | None, str], list[Cell]]
    )

    def run(self, sizes: Sequence[int]) -> None:
        """Start everything, and put it under load in turns.

        Args:
            sizes: of the contracts, in paths.
        """
        with contextlib.ExitStack() as stack:
            upstream = stack.enter_context(started("upstream", None, ["bench.proxy_servers", "upstream"]))
            relay = stack.enter_context(started("bare relay", None, ["bench.relay", upstream.url]))
            checker = stack.enter_context(started("relay, validating", None, ["bench.relay", upstream.url, "validate"]))
            subjects = [upstream, relay, checker]
            for paths in sizes:
                for name, mode, engine in (
                    ("off", "off", "compiled"),
                    ("report", "report", "compiled"),
                    ("enforce", "enforce", "compiled"),
                    ("enforce, reference", "enforce", "reference"),
                ):
                    command = ["bench.proxy_servers", "proxy", mode, engine, str(paths), upstream.url]
                    subject = stack.enter_context(started(name, paths, command))
                    subjects.append(attrs.evolve(subject, url=subject.url + "/mka1"))
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            script = install_prism(Path(folder))
            if script is not None:
                for paths in sizes:
                    with contextlib.suppress(TimeoutError):
                        subjects.append(stack.enter_context(prism(script, Path(folder), paths, upstream.url)))
            for _ in range(self.rounds):
                for name, target in TARGETS.items():
                    for subject in subjects:
                        self._measure(subject, name, target)

    def _measure(self, subject: Subject, name: str, target: str) -> None:
        ask(subject.url + target)
        before = subject.cpu()
        shown = load(subject.url + target, self.seconds)
        cpu = (subject.cpu() - before) * 1e3 / max(1, shown.requests)
        self.cells.setdefault((subject.name, subject.paths, name), []).append(Cell(shown, cpu))

    def best(self, name: str, paths: int | None, body: str) -> Cell | None:
        """Give the round of a subject that was disturbed least."""
        cells = self.cells.get((name, paths, body))
        return max(cells, key=lambda cell: cell.load.per_second) if cells else None

    def print(self) -> None:
        """Print the figures and their ratios, each of requests per second and of CPU per request."""
        columns = ("body", "paths", "server", "req/s", "p50 ms", "p99 ms", "CPU ms", "x relay", "x off", "x Prism")
        title = f"Proxy, {self.seconds} s x {self.rounds}, 16 connections; ratios of requests per second / of CPU"
        table = Table(*columns, "failed", title=title)
        order = list(TARGETS)
        for name, paths, body in sorted(self.cells, key=lambda key: (order.index(key[2]), key[1] or 0)):
            cell = self.best(name, paths, body)
            if cell is None:
                continue
            shown = cell.load
            table.add_row(
                body,
                "" if paths is None else f"{paths:,}",
                name,
                f"{shown.per_second:,.0f}",
                f"{shown.p50:.2f}",
                f"{shown.p99:.2f}",
                f"{cell.cpu_ms:.3f}",
                _ratio(cell, self.best("bare relay", None, body)),
                _ratio(cell, self.best("off", paths, body)),
                _ratio(cell, self.best("Prism", paths, body)),
                str(shown.failed) if shown.failed else "",
            )
        Console(width=150).print(table)

    def print_added(self, measured: Mapping[str, Costs]) -> None:
        """Print the CPU that enforcing adds to passing, beside one parse and one validation of the same bytes.

        These are measured twice: in a loop of a process alone, and as what a relay that does nothing else needs more
        under the same load.
        """
        columns = ("body", "paths", "added ms", "ms per MB", "x parse and validate", "in a relay ms", "x in a relay")
        table = Table(*columns, title="CPU that enforce adds to off")
        for name, paths, body in self.cells:
            enforced, passed = self.best("enforce", paths, body), self.best("off", paths, body)
            if name != "off" or enforced is None or passed is None:
                continue
            cost, added = measured[body], enforced.cpu_ms - passed.cpu_ms
            both = cost.parse + cost.validate
            bare, checked = self.best("bare relay", None, body), self.best("relay, validating", None, body)
            least = checked.cpu_ms - bare.cpu_ms if checked and bare else 0.0
            cells = (f"{added:.3f}", f"{added / cost.size * 1e6:.2f}", f"{added / both:.2f}")
            table.add_row(body, f"{paths:,}", *cells, f"{least:.3f}", f"{added / least:.2f}" if least > 0 else "")
        Console().print(table)


def _ratio(cell: Cell, base: Cell | None) -> str:
    if base is None or not base.load.per_second or not cell.cpu_ms:
        return ""
    return f"{cell.load.per_second / base.load.per_second:.2f} / {base.cpu_ms / cell.cpu_ms:.2f}"


@contextlib.contextmanager
def started(name: str, paths: int | None, arguments: Sequence[str]) -> Generator[Subject]:
    """Start a module of this package as a server, and end it."""
    command = [sys.executable, "-m", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        port = process.stdout.readline().strip() if process.stdout else ""
        yield Subject(name, paths, f"http://127.0.0.1:{int(port)}", process)
    finally:
        process.terminate()
        process.wait(10)


def install_prism(folder: Path) -> Path | None:
    """Install Prism with npm into a folder, and give its script; None without Node or network."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PRISM]
    if subprocess.run(command, capture_output=True, check=False, timeout=180).returncode:
        return None
    return folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"


@contextlib.contextmanager
def prism(script: Path, folder: Path, paths: int, upstream: str) -> Generator[Subject]:
    """Start Prism as a validating proxy that answers violations with errors.

    Raises:
        TimeoutError: it does not answer in time.
    """
    spec = folder / f"contract{paths}.json"
    spec.write_bytes(orjson.dumps({**payloads.contract(paths), "servers": [{"url": upstream}]}))
    port = _free_port()
    command = ["node", str(script), "proxy", str(spec), upstream, "--port", str(port), "--errors", "-v", "silent"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + PATIENCE
        while not _answers(url + payloads.RUN_PATH):
            if time.monotonic() > end or process.poll() is not None:
                raise TimeoutError
            time.sleep(0.5)
        yield Subject("Prism", paths, url, process)
    finally:
        process.terminate()
        process.wait(10)


def ask(url: str) -> bytes:
    """Ask once, so that what is made at the first request is made."""
    request = urllib.request.Request(url, headers={"Authorization": TOKEN})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        body: bytes = answer.read()
    return body


def _answers(url: str) -> bool:
    try:
        return bool(ask(url))
    except OSError:
        return False


def _free_port() -> int:
    import socket  # noqa: PLC0415 - for Prism alone, which does not tell its port

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def main() -> None:
    """Print all that is measured of the proxy."""
    quick = "--quick" in sys.argv
    measured = proxy_contracts.costs()
    proxy_contracts.print_checks(measured)
    proxy_contracts.print_routes()
    proxy_contracts.print_ready()
    bench = Bench(rounds=1 if quick else 3)
    bench.run(SIZES[:1] if quick else SIZES)
    bench.print()
    bench.print_added(measured)


if __name__ == "__main__":
    main()
