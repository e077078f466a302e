"""`make mutants`: changes the domain, the wire and the kinds, one place at a time, and sees whether a test tells.

What survives is a test that is missing, or is explained in `explained.toml`. Results are kept in `build/mutants`, so
that a run that was broken off goes on where it stopped; they are of no use once a module or its tests have changed.
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import cache
from pathlib import Path
from random import Random

from tests.mutation import forks, reporting
from tests.mutation.finding import mutants
from tests.mutation.selection import modules, tests_of

KEPT = Path("build/mutants")
PROFILE = "mutants"


def main() -> int:
    """Run what is asked for, and report."""
    asked = _asked()
    os.environ["HYPOTHESIS_PROFILE"] = PROFILE
    forks.preload()
    chosen = [name for name in modules() if not asked.modules or any(part in name for part in asked.modules)]
    for name in chosen:
        _run(name, asked)
    return reporting.report(KEPT, chosen)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="parts of the names of modules; all of floors 1 to 3 without")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants of each module, by chance; all if 0")
    parser.add_argument("--seed", type=int, default=1, help="what the sample follows from")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    return parser.parse_args()


def _run(module: str, asked: argparse.Namespace) -> None:
    found = sorted(mutants(module), key=lambda one: (one.line, one.operator, one.occurrence))
    if not found:
        return
    count = min(asked.sample or len(found), len(found))
    sample = Random(f"{asked.seed} {module}").sample(found, count)
    results = reporting.Results(KEPT / f"{module}.json", len(found))
    left = [mutant for mutant in sample if not results.has(mutant)]
    if not left:
        return
    tests = tests_of(module)
    seconds = _seconds(tuple(sorted(tests)))
    print(f"{module}: {len(left)} of {len(found)} mutants; its tests take {seconds:.0f} s", flush=True)
    for mutant, ended in forks.run(((one, tests, 3 * seconds + 20) for one in left), asked.jobs):
        assert mutant is not None
        results.add(mutant, killed=ended.killed)
        if not ended.killed:
            print(f"  survived: {mutant.line} {mutant.change}", flush=True)


@cache
def _seconds(tests: tuple[str, ...]) -> float:
    """The processor time that tests take on the original, which they must pass."""
    ((_, ended),) = forks.run([(None, tests, 900)], 1)
    if ended.killed:
        sys.exit(f"tests fail before anything is changed (pytest {ended.code}): {' '.join(tests)}")
    return ended.seconds


if __name__ == "__main__":
    sys.exit(main())
