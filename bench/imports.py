"""How long it takes to import the clients, each in a fresh interpreter, and what the command line's help costs."""

from __future__ import annotations

import compileall
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

import unijob
import unijob_models

RUNS = 9
IMPORTS = {
    "from unijob import JobClient": "unijob",
    "import unijob": "unijob, no name asked for",
    "from gradient import AsyncGradient": "gradient",
    "from meetkai_mka1 import SDK": "meetkai_mka1",
}
_TIMED = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"


def import_ms(statement: str) -> float:
    """The time of one import in a fresh interpreter, in ms."""
    command = [sys.executable, "-c", _TIMED.format(statement)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) * 1000


def cpu_ms(*arguments: str) -> float:
    """The processor time of an interpreter from its start to its end, in ms."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def show(title: str, ways: Mapping[str, Callable[[], float]]) -> None:
    """Print the medians, in turns so that the machine's moods hit all alike; ratios to the first."""
    samples: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, measure in ways.items():
            samples[name].append(measure())
    base = statistics.median(next(iter(samples.values())))
    table = Table("", "ms, median", "min", "max", "x the first", title=f"{title}, {RUNS} interpreters each")
    for name, times in samples.items():
        middle = statistics.median(times)
        table.add_row(name, f"{middle:.0f}", f"{min(times):.0f}", f"{max(times):.0f}", f"{middle / base:.2f}")
    Console().print(table)


def main() -> None:
    """Print both tables."""
    for package in (unijob, unijob_models):
        compileall.compile_dir(Path(package.__file__ or "").parent, quiet=1)  # as an installer does to the others
    show("Import", {name: partial(import_ms, statement) for statement, name in IMPORTS.items()})
    help_ = partial(cpu_ms, "-m", "unijob.cli", "--help")
    show("Processor time", {"python -c pass": partial(cpu_ms, "-c", "pass"), "unijob --help": help_})
