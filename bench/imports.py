"""How long `import unijob` takes, beside the vendors' clients, each in a fresh interpreter."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys

from rich.console import Console
from rich.table import Table

RUNS = 7
MODULES = ("unijob", "unijob.client", "gradient", "meetkai_mka1")
_CUMULATIVE = re.compile(r"import time:\s+\d+ \|\s+(\d+) \| (\S+)$")


def import_ms(module: str) -> float:
    """The cumulative import time of one module in a fresh interpreter, as `-X importtime` tells it, in ms."""
    command = [sys.executable, "-X", "importtime", "-c", f"import {module}"]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    root = module.partition(".")[0]
    times = [int(m[1]) for m in map(_CUMULATIVE.search, report.splitlines()) if m and m[2] in {root, module}]
    return sum(times) / 1000 if root != module else max(times) / 1000


def main() -> None:
    """Print the medians, in turns so that the machine's moods hit all alike."""
    samples: dict[str, list[float]] = {module: [] for module in MODULES}
    for _ in range(RUNS):
        for module in MODULES:
            samples[module].append(import_ms(module))
    medians = {module: statistics.median(times) for module, times in samples.items()}
    table = Table("import", "ms, median", "min", "max", "x unijob", title=f"Import time, {RUNS} interpreters each")
    for module, times in samples.items():
        ratio = medians[module] / medians["unijob"]
        table.add_row(module, f"{medians[module]:.1f}", f"{min(times):.1f}", f"{max(times):.1f}", f"{ratio:.2f}")
    Console().print(table)
