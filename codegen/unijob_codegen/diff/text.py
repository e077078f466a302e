"""Writes a report as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from unijob_codegen.diff.changes import Change
from unijob_codegen.diff.messages import message, places, reached
from unijob_codegen.diff.report import Comparison, summary

_INDENT = " " * 6


def write(comparisons: list[Comparison]) -> str:
    """Write all comparisons, one after another."""
    texts = ["\n".join(_comparison(each)) for each in comparisons]
    if len(comparisons) > 1:
        texts.append(f"in all: {summary(change for each in comparisons for change in each.changes)}")
    return "\n\n".join(texts) + "\n" if texts else "nothing to compare\n"


def _comparison(comparison: Comparison) -> Iterator[str]:
    yield f"{comparison.title}: {summary(comparison.changes)}"
    if comparison.note is not None:
        yield comparison.note
    for change in comparison.changes:
        yield ""
        yield from _change(change)


def _change(change: Change) -> Iterator[str]:
    yield f"{change.level.name:<5} {places(change)}"
    yield _INDENT + message(change.finding)
    yield from (_INDENT + line for line in reached(change))
    for note in change.finding.notes:
        yield f"{_INDENT}note: {note}"
    for impact in change.impact:
        yield f"{_INDENT}impact: {impact.text}"
