"""One meeting of two schemas: what is found about them, and which schemas they lead to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from unijob_codegen.diff import properties
from unijob_codegen.diff.changes import Finding
from unijob_codegen.diff.constraints import turns
from unijob_codegen.diff.levels import BOTH, Direction
from unijob_codegen.diff.matching import match
from unijob_codegen.diff.places import OPERATIONS, Place, Swaps, swapped
from unijob_codegen.diff.reading import without_prose
from unijob_codegen.diff.shapes import Node, Shape, Stated, Sub
from unijob_codegen.diff.words import describe, describe_shape, shown
from unijob_codegen.pointers import is_object

if TYPE_CHECKING:
    from unijob_codegen.diff.schemas import Comparison

_CHANGED_TYPES = {("integer", "number"): "widened", ("number", "integer"): "narrowed"}


@attrs.frozen
class Key:
    """The schemas of the old and of the new document that stand for each other.

    Args:
        old: in the old document, references followed.
        new: in the new one.
        swaps: where to say that they are, if elsewhere than they are written.
    """

    old: Sub
    new: Sub
    swaps: Swaps | None = None


@attrs.define
class Pair:
    """What was found about two schemas, and what they lead to."""

    findings: list[Finding] = attrs.field(factory=list[Finding])
    edges: list[tuple[Key, frozenset[Direction]]] = attrs.field(factory=list[tuple[Key, frozenset[Direction]]])


class Meeting:
    """Compares two schemas, not those that they lead to.

    Args:
        comparison: of the documents.
        key: which schemas.
        pair: what to add to.
    """

    def __init__(self, comparison: Comparison, key: Key, pair: Pair | None = None) -> None:
        self.comparison = comparison
        self.key = key
        self.pair = pair if pair is not None else Pair()
        self.old, self.new = comparison.old, comparison.new

    def compared(self) -> Pair:
        """Compare them."""
        old, new = self.old.node(self.key.old), self.new.node(self.key.new)
        if old.is_anything or new.is_anything:
            if old.is_anything != new.is_anything:
                self.add(self._whole("narrowed" if old.is_anything else "widened", old, new))
            return self.pair
        self.pair.findings += self._null(old, new)
        pairs, removed, added = match(old.shapes, new.shapes, (self.old, self.new))
        for shape in removed:
            self.add(self.finding("alternative-removed", old.at, new.at, describe_shape(self.old, shape)))
        for shape in added:
            self.add(self.finding("alternative-added", old.at, new.at, describe_shape(self.new, shape)))
        for one, other in pairs:
            self._shape_meeting(one, other, old, new).compare_shapes(one, other)
        return self.pair

    def add(self, *findings: Finding) -> None:
        """Keep findings."""
        self.pair.findings += findings

    def meet(self, old: Sub, new: Sub, directions: frozenset[Direction] = BOTH) -> None:
        """Let two schemas stand for each other."""
        self.add(*self.note_findings(old, new))
        if old or new:
            self.pair.edges.append((self.comparison.key(old, new, self.key.swaps), directions))

    def _shape_meeting(self, one: Shape, other: Shape, old: Node, new: Node) -> Meeting:
        """Where two alternatives meet: where they are written, or what holds them if that now holds others."""
        swaps = self.key.swaps
        if self.comparison.repointed(one.at, other.at):
            swaps = ((one.at, swapped(old.at, swaps, 0)), (other.at, swapped(new.at, swaps, 1)))
        return Meeting(self.comparison, attrs.evolve(self.key, swaps=swaps), self.pair)

    def compare_shapes(self, old: Shape, new: Shape) -> None:
        """Compare two alternatives."""
        if old.type != new.type:
            words = describe_shape(self.old, old), describe_shape(self.new, new)
            either = "narrowed" if old.type is None else "widened" if new.type is None else "type-changed"
            kind = _CHANGED_TYPES.get((str(old.type), str(new.type)), either)
            self.add(self.finding(kind, old.at, new.at, "type", old=words[0], new=words[1]))
            if kind == "type-changed":
                return
        for turn in turns(old, new):
            self.add(
                self.finding(
                    turn.kind,
                    turn.old.at if turn.old is not None else old.at,
                    turn.new.at if turn.new is not None else new.at,
                    turn.subject,
                    old=turn.old_words,
                    new=turn.new_words,
                )
            )
        properties.compare(self, old, new)
        self.meet(old.additional, new.additional)
        self.meet(old.items, new.items)
        for index in range(max(len(old.prefix), len(new.prefix))):
            one, other = (shape.prefix[index] if index < len(shape.prefix) else () for shape in (old, new))
            self.meet(one, other)

    def _whole(self, kind: str, old: Node, new: Node) -> Finding:
        words = describe(self.old, self.key.old), describe(self.new, self.key.new)
        return self.finding(kind, old.at or None, new.at or None, "type", old=words[0], new=words[1])

    def _null(self, old: Node, new: Node) -> Iterator[Finding]:
        if old.nullable is None and new.nullable is not None:
            yield self.finding("became-nullable", old.at, new.nullable)
        elif old.nullable is not None and new.nullable is None:
            yield self.finding("became-non-nullable", old.nullable, new.at)

    def note_findings(self, old: Sub, new: Sub) -> Iterator[Finding]:
        """What became of the default and of the deprecation of two schemas."""
        if not (old and new):
            return
        before, after = self.old.notes(old), self.new.notes(new)
        one, other = before.get("default"), after.get("default")
        if _text(one) != _text(other):
            yield self.finding(
                "default-changed",
                one.at if one else old[0],
                other.at if other else new[0],
                old=shown(one.value) if one else None,
                new=shown(other.value) if other else None,
            )
        was, now = ("deprecated" in notes and notes["deprecated"].value is True for notes in (before, after))
        if was != now:
            yield self.finding(
                "deprecated" if now else "undeprecated",
                before["deprecated"].at if was else old[0],
                after["deprecated"].at if now else new[0],
            )

    def finding(
        self,
        kind: str,
        old_at: str | None,
        new_at: str | None,
        subject: str = "",
        *,
        variant: str = "",
        old: str | None = None,
        new: str | None = None,
        directions: frozenset[Direction] = BOTH,
    ) -> Finding:
        """A finding at the schema of either document that has a name of its own nearest."""
        return Finding(
            kind=kind,
            variant=variant,
            place=self.place(old_at, new_at),
            subject=subject,
            old=old,
            new=new,
            old_at=old_at,
            new_at=new_at,
            directions=directions,
            twin=self._twin(old_at, new_at),
        )

    def place(self, *pointers: str | None) -> Place:
        """Where two pointers are, in the words of the document in which a component's name is nearer."""
        places = [
            self.comparison.atlases[side].place(swapped(pointer, self.key.swaps, side))
            for side, pointer in enumerate(pointers)
            if pointer
        ]
        return min(places, key=lambda place: (place.section == OPERATIONS, place.depth))

    def _twin(self, old_at: str | None, new_at: str | None) -> str | None:
        """What marks an anonymous object or enum within operations, so that its repetitions are one."""
        marks: list[str] = []
        for side, pointer in enumerate((old_at, new_at)):
            if not pointer or self.comparison.atlases[side].place(pointer).section != OPERATIONS:
                continue
            reader = (self.old, self.new)[side]
            holder, _, name = pointer.rpartition("/properties/")
            schema = reader.at(holder if name and "/" not in name else pointer)
            if not is_object(schema) or not (schema.get("properties") or len(schema.get("enum", ())) > 1):
                return None
            marks.append(json.dumps([name if schema.get("properties") else "", without_prose(schema)]))
        return "\n".join(marks) or None


def _text(stated: Stated | None) -> str:
    return json.dumps(stated.value, sort_keys=True) if stated is not None else ""
