"""What became of the mutants, by module, and which survivors nothing explains."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from tests.mutation.finding import Mutant, path_of
from tests.mutation.running import Told
from tests.mutation.selection import floor

EXPLAINED = Path(__file__).with_name("explained.toml")
WANTED = 0.9
COLUMNS = ("mutants", "run", "killed", "explained", "survived")


class Results:
    """What became of a module's mutants, kept in a file, a line each; the last of a mutant counts.

    What killed a mutant is not asked again before the module changes; what survived is, as soon as a test does.

    Args:
        kept: the folder of the file.
        module: the module's name.
        tests: a digest of the tests that are run.
    """

    def __init__(self, kept: Path, module: str, tests: str) -> None:
        self._path = kept / f"{module}.jsonl"
        self._tests = tests
        self._explained = explained().get(module, {})
        self._source = hashlib.sha256(path_of(module).read_bytes()).hexdigest()
        self.rows: dict[tuple[str, int], dict[str, Any]] = {}
        self.read()

    def read(self) -> None:
        """Read what was kept, also by a fork."""
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        rows = (json.loads(line) for line in lines)
        self.rows = {(row["operator"], row["occurrence"]): row for row in rows if row["source"] == self._source}

    def is_for_import(self, mutant: Mutant) -> bool:
        """Whether it is known that a change cannot be made in place."""
        row = self.rows.get((mutant.operator, mutant.occurrence))
        return row is not None and not row["in_place"]

    def settled(self, mutant: Mutant, budget: float) -> bool:
        """Whether a mutant was run already, and to run it again for so many seconds would tell nothing new."""
        row = self.rows.get((mutant.operator, mutant.occurrence))
        if row is None or row["killed"] or mutant.change in self._explained:
            return row is not None
        return row["tests"] == self._tests and not row["afresh"] and (not row["cut"] or row["budget"] >= budget)

    def add(self, mutant: Mutant, told: Told, budget: float, *, afresh: bool = False, in_place: bool = True) -> None:
        """Keep what became of one.

        Args:
            mutant: which.
            told: what tests told of it.
            budget: seconds of processor time that they had.
            afresh: whether it is still to be imported afresh.
            in_place: whether the change could be made in place.
        """
        row = {name: value for name, value in attrs.asdict(mutant).items() if name != "changed"}
        row |= {
            "killed": told.by is not None,
            **attrs.asdict(told),
            "budget": budget,
            "afresh": afresh,
            "in_place": in_place,
        }
        row |= {"tests": self._tests, "source": self._source}
        self.rows[mutant.operator, mutant.occurrence] = row
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def explained() -> dict[str, dict[str, str]]:
    """By module: the changes that nothing can tell from the original, or need not, each with the reason."""
    told: dict[str, dict[str, str]] = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    return told


def report(results: dict[str, Results], found: dict[str, Sequence[Mutant]]) -> int:
    """Print a line for each module and each floor, and the survivors without a reason.

    Returns:
        0 where so many are killed or explained as should be.
    """
    reasons, floors, unexplained = explained(), dict[str, Counter[str]](), list[dict[str, Any]]()
    print(f"{'':46} {' '.join(f'{name:>9}' for name in COLUMNS)}")
    for module, kept in results.items():
        named = {(one.operator, one.occurrence) for one in found[module]}
        rows = [row for key, row in kept.rows.items() if key in named]
        survivors = [row for row in rows if not row["killed"]]
        left = [row for row in survivors if _change(row) not in reasons.get(module, {})]
        unexplained += left
        counts = Counter(
            mutants=len(found[module]),
            run=len(rows),
            killed=len(rows) - len(survivors),
            explained=len(survivors) - len(left),
            survived=len(left),
        )
        _line(module, counts)
        for name in (f"floor {floor(module)}", "all"):
            floors.setdefault(name, Counter()).update(counts)
    for name, counts in sorted(floors.items(), reverse=True):
        _line(name, counts)
    every = floors.get("all", Counter[str]())
    told = every["killed"] + every["explained"]
    print(
        f"\nkilled or explained: {told / (every['run'] or 1):.1%}; {sum(row['cut'] for row in unexplained)} survivors"
    )
    print("had more tests than seconds of processor time")
    for row in sorted(unexplained, key=lambda row: (row["module"], row["line"])):
        unreached = "" if row["ran"] else "  (no test runs it)"
        print(f"{row['module']}:{row['line']} {row['operator']}: {_change(row)}{unreached}")
    return 0 if every["run"] and told >= WANTED * every["run"] else 1


def _line(name: str, counts: Counter[str]) -> None:
    print(f"{name:46} {' '.join(f'{counts[column]:9}' for column in COLUMNS)}")


def _change(row: dict[str, Any]) -> str:
    return f"{row['before']} → {row['after']}"
