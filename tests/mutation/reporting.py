"""What became of the mutants, by module, and which survivors nothing explains."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from tests.mutation.finding import Mutant

EXPLAINED = Path(__file__).with_name("explained.toml")
WANTED = 0.9


class Results:
    """What became of a module's mutants, kept in a file.

    Args:
        path: the file.
        total: how many mutants the module has.
    """

    def __init__(self, path: Path, total: int) -> None:
        self._path = path
        self._total = total
        self._rows: list[dict[str, Any]] = json.loads(path.read_bytes())["rows"] if path.exists() else []

    def has(self, mutant: Mutant) -> bool:
        """Whether a mutant was run already."""
        return any({**row, "killed": None} == {**attrs.asdict(mutant), "killed": None} for row in self._rows)

    def add(self, mutant: Mutant, *, killed: bool) -> None:
        """Keep what became of one."""
        self._rows.append({**attrs.asdict(mutant), "killed": killed})
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps({"total": self._total, "rows": self._rows}, indent=1))


def explained() -> dict[str, dict[str, str]]:
    """By module: the changes that nothing can tell from the original, or need not, each with the reason."""
    told: dict[str, dict[str, str]] = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    return told


def report(kept: Path, modules: Sequence[str]) -> int:
    """Print a line for each module, and the survivors without a reason.

    Returns:
        0 where so many are killed or explained as should be.
    """
    reasons, unexplained = explained(), list[str]()
    ran = killed = told = 0
    print(f"{'module':46} {'mutants':>7} {'run':>5} {'killed':>6} {'explained':>9} {'survived':>8}")
    for module in modules:
        path = kept / f"{module}.json"
        if not path.exists():
            continue
        found = json.loads(path.read_bytes())
        survivors = [row for row in found["rows"] if not row["killed"]]
        named = [row for row in survivors if _change(row) in reasons.get(module, {})]
        left = [row for row in survivors if row not in named]
        unexplained += [f"{module}:{row['line']} {row['operator']}: {_change(row)}" for row in left]
        rows = len(found["rows"])
        ran, killed, told = ran + rows, killed + rows - len(survivors), told + len(named)
        print(f"{module:46} {found['total']:7} {rows:5} {rows - len(survivors):6} {len(named):9} {len(left):8}")
    if not ran:
        return 1
    print(f"\n{ran} run: {killed} killed ({killed / ran:.1%}), {told} explained, {ran - killed - told} survived")
    print("\n".join(unexplained))
    return 0 if killed + told >= WANTED * ran else 1


def _change(row: dict[str, Any]) -> str:
    return f"{row['before']} → {row['after']}"
