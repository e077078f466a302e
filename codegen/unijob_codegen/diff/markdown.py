"""Writes a report as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from unijob_codegen.diff.changes import Change
from unijob_codegen.diff.messages import message, places, reached
from unijob_codegen.diff.report import Comparison, summary


def write(comparisons: list[Comparison]) -> str:
    """Write all comparisons, one heading each."""
    return "\n".join(line for each in comparisons for line in _comparison(each)) + "\n"


def _comparison(comparison: Comparison) -> Iterator[str]:
    yield f"### {comparison.title}"
    yield ""
    yield f"**{summary(comparison.changes)}**"
    yield ""
    if comparison.note is not None:
        yield f"_{comparison.note}_"
        yield ""
    if comparison.changes:
        yield "| level | where | what | reaches |"
        yield "| --- | --- | --- | --- |"
        yield from map(_row, comparison.changes)
        yield ""
    impacts = [(change, impact) for change in comparison.changes for impact in change.impact]
    for heading, settled in (("Impact on job kinds", False), ("Nothing to do", True)):
        lines = [f"- {places(change)}: {impact.text}" for change, impact in impacts if impact.settled is settled]
        if lines:
            yield f"**{heading}**"
            yield ""
            yield from lines
            yield ""


def _row(change: Change) -> str:
    what = "<br>".join([message(change.finding), *(f"_{note}_" for note in change.finding.notes)])
    return (
        "| "
        + " | ".join(_cell(text) for text in (change.level.name, places(change), what, "; ".join(reached(change))))
        + " |"
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
