"""Writes a report as JSON: `docs/diff.schema.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from unijob_codegen.diff.changes import Change, Finding
from unijob_codegen.diff.messages import message
from unijob_codegen.diff.places import Place
from unijob_codegen.diff.report import Comparison, counts
from unijob_codegen.diff.sides import Side

FORMAT = "unijob-diff/1"


def write(comparisons: list[Comparison]) -> str:
    """Write all comparisons as one object."""
    return json.dumps(plain(comparisons), indent=2, ensure_ascii=False) + "\n"


def plain(comparisons: list[Comparison]) -> dict[str, Any]:
    """All comparisons as JSON-ready data."""
    return {
        "format": FORMAT,
        "summary": _summary(change for each in comparisons for change in each.changes),
        "comparisons": [
            {
                "old": _side(each.old),
                "new": _side(each.new),
                "summary": _summary(each.changes),
                "note": each.note,
                "changes": [_change(change) for change in each.changes],
            }
            for each in comparisons
        ],
    }


def _summary(changes: Iterable[Change]) -> dict[str, int]:
    return {level.name: number for level, number in counts(changes).items()}


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {"label": side.label, "provider": side.provider, "revision": side.revision}


def _change(change: Change) -> dict[str, Any]:
    return {
        "fingerprint": change.fingerprint,
        "level": change.level.name,
        **_finding(change.finding),
        "places": [_place(place) for place in change.places],
        "reach": {
            str(direction): {"level": level.name, "operations": change.operations(direction)}
            for direction, level in sorted(change.levels.items())
        },
        "within": [_finding(inner) for inner in change.finding.within],
        "attribute": change.finding.attribute,
        "notes": list(change.finding.notes),
        "impact": [
            {
                "kind": impact.kind,
                "effect": impact.effect,
                "reads": impact.reads,
                "fields": list(impact.fields),
                "settled": impact.settled,
                "text": impact.text,
            }
            for impact in change.impact
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "change": finding.kind,
        "variant": finding.variant,
        "subject": finding.subject,
        "old": finding.old,
        "new": finding.new,
        "message": message(finding),
        "levels": {str(direction): level.name for direction, level in sorted(finding.levels().items())},
        "pointers": {"old": finding.old_at, "new": finding.new_at},
    }


def _place(place: Place) -> dict[str, str]:
    return {"section": place.section, "name": place.name, "pointer": place.pointer}
