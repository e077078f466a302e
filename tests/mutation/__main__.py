"""`make mutants`: changes the domain, the wire and the kinds, one place at a time, and sees whether a test tells.

What survives is a test that is missing, or is explained in `explained.toml`. Results are kept in `build/mutants`, so
that a run that was broken off goes on where it stopped.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.mutation import finding
from tests.mutation.finding import Mutant
from tests.mutation.mapping import mapped
from tests.mutation.reporting import Results, report
from tests.mutation.running import preload
from tests.mutation.selection import modules, test_files
from tests.mutation.ways import Runner

KEPT = Path("build/mutants")


def main() -> int:
    """Run what is asked for, and report."""
    asked = _asked()
    preload()
    chosen = [name for name in modules() if not asked.modules or any(part in name for part in asked.modules)]
    known = mapped(KEPT, test_files(), asked.jobs)
    for test, why in known.dropped.items():
        print(f"not run, since it {why}: {test}")
    found = finding.kept(KEPT, chosen, asked.jobs)
    results = {name: Results(KEPT, name, known.digest) for name in chosen}
    if not asked.report:
        sample = [one for name in chosen for one in _sample(found[name], asked)]
        Runner(known=known, results=results, budget=asked.budget, jobs=asked.jobs).run(sample)
    return report(results, found)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="parts of the names of modules; all of floors 1 to 3 without")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants of each module, by chance; all if 0")
    parser.add_argument("--seed", type=int, default=1, help="what the sample follows from")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--budget", type=float, default=15, help="seconds of processor time for the tests of a mutant")
    parser.add_argument("--report", action="store_true", help="run nothing, only report what was run")
    return parser.parse_args()


def _sample(found: Sequence[Mutant], asked: argparse.Namespace) -> Sequence[Mutant]:
    if not found or not asked.sample:
        return found
    return Random(f"{asked.seed} {found[0].module}").sample(found, min(asked.sample, len(found)))


if __name__ == "__main__":
    sys.exit(main())
