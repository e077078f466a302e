"""Compares the schemas of two documents, each pair that meets once, and keeps which pair leads to which."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from unijob_codegen.diff.changes import Finding
from unijob_codegen.diff.levels import Direction
from unijob_codegen.diff.meetings import Key, Meeting, Pair
from unijob_codegen.diff.places import Atlas, Swaps, swapped
from unijob_codegen.diff.reading import Reader
from unijob_codegen.diff.shapes import Sub
from unijob_codegen.diff.words import component


class Comparison:
    """Compares schemas of two documents.

    Args:
        old: reads the old document.
        new: reads the new one.
    """

    def __init__(self, old: Reader, new: Reader) -> None:
        self.old = old
        self.new = new
        self.atlases = Atlas(old.content), Atlas(new.content)
        self._names = tuple(frozenset(each.content.get("components", {}).get("schemas", {})) for each in (old, new))
        self._pairs: dict[Key, Pair] = {}
        self._nested: dict[tuple[Sub, Sub], Swaps] = {}

    def pair(self, key: Key) -> Pair:
        """Compare two schemas, not those that they lead to, unless that was done."""
        if key not in self._pairs:
            self._pairs[key] = Meeting(self, key).compared()
        return self._pairs[key]

    def key(self, old: Sub, new: Sub, outer: Swaps | None = None) -> Key:
        """What two schemas come to once their references are followed.

        Args:
            old: in the old document.
            new: in the new one.
            outer: where the schema that holds them is said to be, if that is elsewhere than it is written.
        """
        before = tuple(dict.fromkeys(self.old.follow(pointer) for pointer in old))
        after = tuple(dict.fromkeys(self.new.follow(pointer) for pointer in new))
        if not (before and after):
            return Key(before, after, outer)
        if self.repointed(before[0], after[0]):
            here = ((before[0], swapped(old[0], outer, 0)), (after[0], swapped(new[0], outer, 1)))
            if outer is not None:
                again = (outer[0][0], outer[1][0]) == (before[0], after[0])
                here = outer if again else self._nested.setdefault((before, after), here)
            return Key(before, after, here)
        inside = outer is not None and all(
            pointer.startswith(f"{swap[0]}/") for pointer, swap in zip((before[0], after[0]), outer, strict=True)
        )
        return Key(before, after, outer if inside else None)

    def repointed(self, old: str, new: str) -> bool:
        """Whether two pointers lead to different components (or only one of them to one) that both documents have.

        Then neither component changed: what holds the reference did. A component that only one document has was
        renamed, or given a name, or written out.
        """
        one, other = component(old), component(new)
        return one != other and (one in self._names[1] or other in self._names[0])

    def reachable(self, roots: Iterable[tuple[Key, Direction]]) -> dict[Key, set[Direction]]:
        """All pairs that some lead to, each with the directions in which it is led to."""
        reached: dict[Key, set[Direction]] = {}
        waiting = list(roots)
        while waiting:
            key, direction = waiting.pop()
            if direction in reached.setdefault(key, set()):
                continue
            reached[key].add(direction)
            waiting += [(target, direction) for target, allowed in self.pair(key).edges if direction in allowed]
        return reached

    def root(self, old: Sub, new: Sub) -> tuple[Key, list[Finding]]:
        """Two schemas that stand for each other in an operation, and what befell their notes."""
        key = self.key(old, new)
        meeting = Meeting(self, attrs.evolve(key, swaps=None))
        return key, list(meeting.note_findings(old, new))
