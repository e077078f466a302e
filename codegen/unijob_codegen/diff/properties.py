"""Compares the properties of two objects: which came, which went, which only changed their name."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import attrs

from unijob_codegen.diff.changes import Finding
from unijob_codegen.diff.levels import Direction
from unijob_codegen.diff.shapes import Property, Shape, Sub
from unijob_codegen.diff.words import describe
from unijob_codegen.naming import field_names, snake_case

if TYPE_CHECKING:
    from unijob_codegen.diff.meetings import Meeting

_MOST_CANDIDATES = 3


def compare(meeting: Meeting, old: Shape, new: Shape) -> None:
    """Compare the properties of two objects that stand for each other."""
    removed = [name for name in old.properties if name not in new.properties]
    added = [name for name in new.properties if name not in old.properties]
    for name in old.properties.keys() & new.properties.keys():
        one, other = old.properties[name], new.properties[name]
        meeting.add(*_requirement(meeting, one, other))
        meeting.meet(one.schemas, other.schemas, _visible(one, other))
    for was, now in renames(removed, added):
        _renamed(meeting, (old, was), (new, now))
        removed.remove(was)
        added.remove(now)
    candidates = _candidates(meeting, old, removed, new, added)
    for name in removed:
        meeting.add(_gone(meeting, old.properties[name], name, candidates.get(name, [])))
    for name in added:
        others = [was for was, found in candidates.items() if name in found]
        meeting.add(_came(meeting, new.properties[name], name, others))


def renames(removed: list[str], added: list[str]) -> list[tuple[str, str]]:
    """Find the names that only went from one case to another: each with what it became."""
    found: list[tuple[str, str]] = []
    free = sorted(added)
    for was in sorted(removed):
        now = next((name for name in free if snake_case(name) == snake_case(was)), None)
        if now is not None:
            free.remove(now)
            found.append((was, now))
    return found


def variant(*, required: bool) -> str:
    """The variant of the table of levels."""
    return "required" if required else "optional"


def _visible(*each: Property) -> frozenset[Direction]:
    return frozenset(Direction).difference(*(one.hidden_in for one in each))


def _requirement(meeting: Meeting, old: Property, new: Property) -> list[Finding]:
    if old.required == new.required:
        return []
    kind = "property-became-required" if new.required else "property-became-optional"
    return [meeting.finding(kind, old.at, new.at, directions=_visible(old, new))]


def _renamed(meeting: Meeting, was: tuple[Shape, str], now: tuple[Shape, str]) -> None:
    """Report a rename, with all that befell the property itself within it."""
    (old_shape, old_name), (new_shape, new_name) = was, now
    old, new = old_shape.properties[old_name], new_shape.properties[new_name]
    key = meeting.comparison.key(old.schemas, new.schemas, meeting.key.swaps)
    within = [*_requirement(meeting, old, new), *meeting.note_findings(old.schemas, new.schemas)]
    if _anonymous(key.old, old) or _anonymous(key.new, new):
        inner = meeting.comparison.pair(key)
        own = [found for found in inner.findings if _own(found, old, new)]
        within += own
        meeting.add(*(found for found in inner.findings if found not in own))
        meeting.pair.edges += inner.edges
    elif old.schemas or new.schemas:
        meeting.pair.edges.append((key, _visible(old, new)))
    attributes = field_names(old_shape.properties)[old_name], field_names(new_shape.properties)[new_name]
    base = meeting.finding(
        "property-renamed",
        old.at,
        new.at,
        old_name,
        variant=f"{variant(required=old.required)}>{variant(required=new.required)}",
        old=old_name,
        new=new_name,
        directions=_visible(old, new),
    )
    attribute = attributes[0] if attributes[0] == attributes[1] else None
    meeting.add(attrs.evolve(base, place=meeting.place(old.at, None), within=tuple(within), attribute=attribute))


def _anonymous(sub: Sub, each: Property) -> bool:
    return any(pointer.startswith(each.at) for pointer in sub)


def _own(finding: Finding, old: Property, new: Property) -> bool:
    """Whether a finding is about the property's own schema, not one that it refers to."""
    return all(
        pointer is None or pointer == each.at or pointer.startswith(f"{each.at}/")
        for pointer, each in ((finding.old_at, old), (finding.new_at, new))
    )


def _gone(meeting: Meeting, each: Property, name: str, candidates: list[str]) -> Finding:
    finding = meeting.finding(
        "property-removed",
        each.at,
        None,
        name,
        variant=variant(required=each.required),
        old=describe(meeting.old, each.schemas),
        directions=_visible(each),
    )
    notes = (f"possibly renamed: {_listed(candidates)} of the same type came",) if candidates else ()
    return attrs.evolve(finding, notes=notes)


def _came(meeting: Meeting, each: Property, name: str, candidates: list[str]) -> Finding:
    finding = meeting.finding(
        "property-added",
        None,
        each.at,
        name,
        variant=variant(required=each.required),
        new=describe(meeting.new, each.schemas),
        directions=_visible(each),
    )
    notes = (f"possibly renamed: {_listed(candidates)} of the same type went",) if candidates else ()
    return attrs.evolve(finding, notes=notes)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _candidates(meeting: Meeting, old: Shape, removed: list[str], new: Shape, added: list[str]) -> dict[str, list[str]]:
    """What each removed property may be called now: the added ones of its type, the likest names first."""
    types = {name: describe(meeting.new, new.properties[name].schemas) for name in added}
    found: dict[str, list[str]] = {}
    for name in removed:
        wanted = describe(meeting.old, old.properties[name].schemas)
        fitting = sorted((-_likeness(name, other), other) for other in added if types[other] == wanted)
        if fitting:
            found[name] = [other for _, other in fitting[:_MOST_CANDIDATES]]
    return found


def _likeness(name: str, other: str) -> float:
    return SequenceMatcher(None, name, other).ratio()
