"""A report: all that was found between OLD and NEW."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs

from unijob_codegen.diff.changes import Change
from unijob_codegen.diff.levels import Level
from unijob_codegen.diff.operations import compare
from unijob_codegen.diff.sides import Couple, Side, couples


@attrs.frozen(kw_only=True)
class Comparison:
    """What was found between two documents.

    Args:
        old: the old document, or None where it is new altogether.
        new: the new one, or None where it is gone.
        changes: what changed, the worst first.
        note: why nothing is known of the impact on job kinds, or None.
    """

    old: Side | None
    new: Side | None
    changes: tuple[Change, ...]
    note: str | None = None

    @property
    def title(self) -> str:
        """What is compared: `mka1@2026-07 → mka1@2026-10`."""
        return " → ".join(side.label if side is not None else "(none)" for side in (self.old, self.new))


def counts(changes: Iterable[Change]) -> dict[Level, int]:
    """How many changes each level has, the worst level first."""
    found = Counter(change.level for change in changes)
    return {level: found[level] for level in sorted(Level, reverse=True)}


def summary(changes: Iterable[Change]) -> str:
    """`29 changes: 8 ERR, 8 WARN, 13 INFO`, or that there are none."""
    found = counts(changes)
    total = sum(found.values())
    if not total:
        return "no changes"
    parts = ", ".join(f"{number} {level.name}" for level, number in found.items() if number)
    return f"{total} change{'s' if total > 1 else ''}: {parts}"


def report(root: Path, old: str, new: str) -> list[Comparison]:
    """Compare what two arguments name.

    Raises:
        CodegenError: one names nothing, or is no document to compare.
    """
    return [_compared(couple) for couple in couples(root, old, new)]


def _compared(couple: Couple) -> Comparison:
    old, new = couple.old, couple.new
    nothing: dict[str, Any] = {"openapi": "3.1.0", "paths": {}}
    changes = compare(old.content if old is not None else nothing, new.content if new is not None else nothing)
    note = None
    if changes and old is not None and new is not None:
        changes, note = _with_impact(changes, old, new)
    return Comparison(old=old, new=new, changes=tuple(changes), note=note)


def _with_impact(changes: list[Change], old: Side, new: Side) -> tuple[list[Change], str | None]:
    """Ask the adapters, unless they cannot be imported: while generated code and adapters disagree, say."""
    try:
        from unijob_codegen.diff.impact import with_impact  # noqa: PLC0415 - all of unijob comes with it

        return with_impact(changes, old, new)
    except (ImportError, AttributeError, OSError) as error:
        return changes, f"no impact on job kinds: unijob does not work with its generated code at present: {error}"
