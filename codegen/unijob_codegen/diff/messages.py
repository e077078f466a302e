"""Says in one sentence what a finding is."""

from __future__ import annotations

from collections.abc import Callable

from unijob_codegen.diff.changes import Change, Finding
from unijob_codegen.pointers import unescape

_MOST_OPERATIONS = 4

_SENTENCES: dict[str, Callable[[Finding], str]] = {
    "operation-removed": lambda f: f"operation removed ({f.old})",
    "operation-added": lambda f: f"operation added ({f.new})",
    "operation-renamed": lambda f: f"operation id renamed to `{f.new}`",
    "operation-moved": lambda f: f"operation moved: {f.old} → {f.new}",
    "status-removed": lambda f: f"{f.variant} status {f.subject} removed",
    "status-added": lambda f: f"{f.variant} status {f.subject} added",
    "media-type-removed": lambda f: f"media type `{f.subject}` removed",
    "media-type-added": lambda f: f"media type `{f.subject}` added",
    "header-removed": lambda f: f"{f.variant} response header `{f.subject}` removed",
    "header-added": lambda f: f"response header `{f.subject}` added",
    "header-became-optional": lambda f: f"response header `{f.subject}` became optional",
    "header-became-required": lambda f: f"response header `{f.subject}` became required",
    "body-added": lambda f: f"{f.variant} request body added",
    "body-removed": lambda _: "request body removed",
    "body-became-required": lambda _: "request body became required",
    "body-became-optional": lambda _: "request body became optional",
    "parameter-added": lambda f: f"{f.variant} parameter {_parameter(f)} added ({f.new})",
    "parameter-removed": lambda f: f"parameter {_parameter(f)} removed ({f.old})",
    "parameter-renamed": lambda f: f"parameter {_parameter(f)} renamed to `{f.new}`",
    "parameter-became-required": lambda f: f"parameter {_parameter(f)} became required",
    "parameter-became-optional": lambda f: f"parameter {_parameter(f)} became optional",
    "parameter-style-changed": lambda f: f"parameter {_parameter(f)} is written another way: {f.old} → {f.new}",
    "path-parameter-renamed": lambda f: f"parameter {_parameter(f)} is called `{f.new}` in its place",
    "property-removed": lambda f: f"{f.variant} property `{f.subject}` removed ({f.old})",
    "property-added": lambda f: f"{f.variant} property `{f.subject}` added ({f.new})",
    "property-renamed": lambda f: f"{f.variant.partition('>')[0]} property `{f.old}` renamed to `{f.new}`",
    "property-became-optional": lambda f: f"property `{_last(f)}` became optional",
    "property-became-required": lambda f: f"property `{_last(f)}` became required",
    "enum-value-added": lambda f: f"enum value `{f.subject}` added",
    "enum-value-removed": lambda f: f"enum value `{f.subject}` removed",
    "const-changed": lambda f: f"the only value changed: {f.old} → {f.new}",
    "alternative-added": lambda f: f"alternative added: {f.subject}",
    "alternative-removed": lambda f: f"alternative removed: {f.subject}",
    "became-nullable": lambda _: "became nullable",
    "became-non-nullable": lambda _: "is no longer nullable",
    "default-changed": lambda f: f"default changed: {f.old or 'none'} → {f.new or 'none'}",
    "deprecated": lambda _: "became deprecated",
    "undeprecated": lambda _: "is no longer deprecated",
}


def message(finding: Finding) -> str:
    """What happened, with all that happened within it."""
    sentence = _SENTENCES.get(finding.kind, _changed)(finding)
    return "; ".join([sentence, *map(message, finding.within)])


def reached(change: Change) -> list[str]:
    """What a change reaches, a line each direction: `response of getRun, listRuns and 5 more`.

    Where the directions have different levels, each line tells its own. An operation as a whole reaches only itself.
    """
    if change.finding.kind.startswith("operation-"):
        return []
    levels = change.levels
    own = len(set(levels.values())) > 1
    return [
        f"{direction} of {_listed(change.operations(direction))}" + (f" ({level.name})" if own else "")
        for direction, level in sorted(levels.items(), key=lambda each: each[0], reverse=True)
    ]


def _listed(names: list[str]) -> str:
    shown = names if len(names) <= _MOST_OPERATIONS + 1 else names[:_MOST_OPERATIONS]
    more = f" and {len(names) - len(shown)} more" if len(shown) < len(names) else ""
    return ", ".join(shown) + more


def places(change: Change) -> str:
    """Where it happened."""
    more = len(change.places) - 1
    return f"{change.place} and {more} more of the same shape" if more else str(change.place)


def _changed(finding: Finding) -> str:
    verb = {"widened": "widened", "narrowed": "narrowed"}.get(finding.kind, "changed")
    return f"{finding.subject} {verb}: {finding.old or 'none'} → {finding.new or 'none'}"


def _parameter(finding: Finding) -> str:
    location, _, name = finding.subject.partition(" ")
    return f"`{name}` ({location})"


def _last(finding: Finding) -> str:
    return unescape(finding.place.pointer.rpartition("/")[2])
