"""Times taking an upstream document in, and generating: how long a maintainer waits."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs
import yaml
from rich.console import Console
from rich.table import Table

from bench.upstreams import large

_ROOT = Path(__file__).parents[1]
_OPERATIONS = 3_000
_SOURCES = """\
[providers.things]
operations = ["get_thing_1?", "start_thing_2?", "get_thing_0"]
names = {"get_thing_0 200" = "Thing"}
"""
# A process's own peak: ru_maxrss would count what the process that started it held.
_MEASURED = """\
import resource, sys
from pathlib import Path
from unijob_codegen.cli import main
try:
    main()
finally:
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peak = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    unit = 1024 if sys.platform == "darwin" else 1
    print(peak[0] if peak else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit, file=sys.stderr)
"""


@attrs.frozen(kw_only=True)
class Timing:
    """How long a command took, and the most memory that it held."""

    what: str
    seconds: float
    mebibytes: float
    limit: str


def main() -> None:
    """Print the table."""
    table = Table("what", "seconds", "MiB", "at most", title="Taking an upstream document in, and generating")
    for timing in timings():
        table.add_row(timing.what, f"{timing.seconds:.2f}", f"{timing.mebibytes:.0f}", timing.limit)
    Console().print(table)


def timings() -> list[Timing]:
    """Measure each command in a process of its own, its start included."""
    with tempfile.TemporaryDirectory(prefix="unijob-bench-") as directory:
        root = Path(directory)
        return [*_fetches(root / "upstream"), *_generations(root / "project")]


def _fetches(root: Path) -> list[Timing]:
    (root / "specs").mkdir(parents=True)
    (root / "specs/sources.toml").write_text(_SOURCES, encoding="utf-8")
    document = large(_OPERATIONS)
    forms = {
        "json": json.dumps(document).encode(),
        "yaml": yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False).encode(),
    }
    found: list[Timing] = []
    for form, data in forms.items():
        path = root / f"upstream.{form}"
        path.write_bytes(data)
        what = f"fetch: {_OPERATIONS} operations, {len(data) / 1e6:.1f} MB of {form.upper()}"
        arguments = ("fetch", "things", "--revision", form, "--from", str(path))
        found.append(_measure(root, what, "10 s, 1 GiB", *arguments))
    return found


def _generations(root: Path) -> list[Timing]:
    shutil.copytree(_ROOT / "specs", root / "specs")
    shutil.copy(_ROOT / "pyproject.toml", root)
    nothing = _measure(root, "generate from nothing", "20 s", "generate")
    return [nothing, _measure(root, "generate when nothing changed", "1.5 s", "generate")]


def _measure(root: Path, what: str, limit: str, *arguments: str) -> Timing:
    begin = time.perf_counter()
    command = [sys.executable, "-c", _MEASURED, "--root", str(root), *arguments]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - begin
    return Timing(what=what, seconds=seconds, mebibytes=int(done.stderr.split()[-1]) / 1024, limit=limit)


if __name__ == "__main__":
    main()
