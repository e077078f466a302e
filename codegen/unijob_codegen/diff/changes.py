"""A change: what happened, where, what it reaches, and how much it weighs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256

import attrs

from unijob_codegen.diff.levels import BOTH, Direction, Level, levels_of, worst
from unijob_codegen.diff.places import Place

_ALTERNATIVE = re.compile(r"/(anyOf|oneOf|allOf)/[0-9]+")

Reach = frozenset[tuple[str, Direction]]
"""Operation ids, each with the direction in which it carries the changed thing."""


@attrs.frozen(kw_only=True)
class Finding:
    """What happened at one place, before it is known whom it reaches.

    Args:
        kind: a kind of the table of levels.
        variant: the row's variant.
        place: where.
        subject: the name that it is about: the property, the value, the constraint, …
        old: what was, in words, or None.
        new: what is, in words, or None.
        old_at: the pointer in the old document, or None where it holds nothing of it.
        new_at: the pointer in the new document, or None.
        directions: where it can matter at all.
        notes: what else can be said.
        within: what else happened to a renamed thing.
        attribute: the Python attribute that both names of a renamed thing give.
        twin: alike for findings in repeated anonymous schemas, which are one change.
    """

    kind: str
    variant: str = ""
    place: Place
    subject: str = ""
    old: str | None = None
    new: str | None = None
    old_at: str | None = None
    new_at: str | None = None
    directions: frozenset[Direction] = BOTH
    notes: tuple[str, ...] = ()
    within: tuple[Finding, ...] = ()
    attribute: str | None = None
    twin: str | None = None

    @property
    def identity(self) -> tuple[object, ...]:
        """Alike for what is one change, wherever it was come across."""
        where: object = self.twin or self.place
        return self.kind, self.variant, where, self.subject, self.old, self.new

    def levels(self) -> dict[Direction, Level]:
        """The level in each direction in which it can matter."""
        tables = [levels_of(self.kind, self.variant), *(inner.levels() for inner in self.within)]
        return {direction: level for direction, level in worst(tables).items() if direction in self.directions}


@attrs.frozen(kw_only=True)
class Impact:
    """What a change does to a job kind.

    Args:
        kind: the job kind's name.
        effect: `lost`, `changed`, `unreadable`, `unlisted`, `listed`, `same`, `capability-lost`,
            `capability-gained`, `request`.
        reads: the JSON name of what it reads, or None.
        fields: the fields of the Job concerned, `result.exported_at`.
        settled: whether nothing is to do, since its adapter reads the new document already.
        text: the whole in one sentence.
    """

    kind: str
    effect: str
    reads: str | None = None
    fields: tuple[str, ...] = ()
    settled: bool = False
    text: str


@attrs.frozen(kw_only=True)
class Change:
    """One change between two documents."""

    finding: Finding
    reach: Reach
    places: tuple[Place, ...]
    """Where it happened; more than one where an anonymous schema is repeated."""
    fingerprint: str
    impact: tuple[Impact, ...] = ()

    @property
    def place(self) -> Place:
        """Where it happened first."""
        return self.places[0]

    @property
    def levels(self) -> Mapping[Direction, Level]:
        """The level in each direction that it reaches."""
        reached = {direction for _, direction in self.reach}
        return {direction: level for direction, level in self.finding.levels().items() if direction in reached}

    @property
    def level(self) -> Level:
        """The worse of its levels."""
        return max(self.levels.values(), default=Level.INFO)

    def operations(self, direction: Direction) -> list[str]:
        """The operations that it reaches in a direction, sorted."""
        return sorted(operation for operation, where in self.reach if where is direction)

    @property
    def order(self) -> tuple[object, ...]:
        """Sorts the worst first, then by place."""
        finding = self.finding
        return -self.level, self.place, finding.kind, finding.subject, finding.new or "", self.fingerprint


def collect(found: Iterable[tuple[Finding, Reach]]) -> list[Change]:
    """Make one change of all findings that are the same, the worst first."""
    groups: dict[tuple[object, ...], list[tuple[Finding, Reach]]] = {}
    for finding, reach in found:
        groups.setdefault(finding.identity, []).append((finding, reach))
    changes: list[Change] = []
    used: dict[str, int] = {}
    for group in sorted(groups.values(), key=lambda group: min(finding.place for finding, _ in group)):
        group.sort(key=lambda each: (each[0].place, each[0].old_at or "", each[0].new_at or ""))
        finding = group[0][0]
        allowed = finding.levels().keys()
        reach = frozenset(each for _, own in group for each in own if each[1] in allowed)
        if not reach:
            continue
        places = tuple(sorted({finding.place for finding, _ in group}))
        mark = fingerprint(finding, places[0])
        used[mark] = used.get(mark, 0) + 1
        if used[mark] > 1:
            mark = f"{mark}-{used[mark]}"
        changes.append(Change(finding=finding, reach=reach, places=places, fingerprint=mark))
    return sorted(changes, key=lambda change: change.order)


def fingerprint(finding: Finding, place: Place) -> str:
    """A mark that stays the same while the same thing happens to the same names, whatever its level or order."""
    names = [finding.new] if finding.kind.endswith("-renamed") and finding.new else []
    pointer = _ALTERNATIVE.sub(r"/\1/*", place.pointer)
    parts = [finding.kind, place.section, place.name, pointer, finding.subject, *names]
    return sha256("\n".join(parts).encode()).hexdigest()[:16]
