"""Compares the operations of two documents: which there are, what they take, what they answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from unijob_codegen import documents
from unijob_codegen.diff import parameters
from unijob_codegen.diff.changes import Change, Finding, Reach, collect
from unijob_codegen.diff.levels import BOTH, Direction
from unijob_codegen.diff.meetings import Key
from unijob_codegen.diff.places import OPERATIONS, Place
from unijob_codegen.diff.reading import Reader
from unijob_codegen.diff.schemas import Comparison
from unijob_codegen.diff.shapes import Sub
from unijob_codegen.pointers import escape, is_object

_VARIABLE = re.compile(r"\{[^}]*\}")
At = tuple[str | None, str | None]
"""Pointers in the old and in the new document."""

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE


@attrs.frozen(kw_only=True)
class Operation:
    """One operation of one document."""

    id: str
    method: str
    path: str
    at: str
    item_at: str
    """The pointer of its path item."""
    content: Mapping[str, Any]

    @property
    def target(self) -> tuple[str, str]:
        """Method and path, whatever the path's variables are called."""
        return self.method, _VARIABLE.sub("{}", self.path)


def operations_of(reader: Reader) -> dict[str, Operation]:
    """The operations of a document by id."""
    found: dict[str, Operation] = {}
    for path, method, _, operation in documents.operations(dict(reader.content)):
        name = documents.operation_id(path, method, operation)
        item_at = reader.follow(f"#/paths/{escape(path)}")
        at = f"{item_at}/{method}"
        found[name] = Operation(id=name, method=method, path=path, at=at, item_at=item_at, content=operation)
    return found


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Find all changes between two OpenAPI documents, the worst first."""
    return collect(Walk(Comparison(Reader(old), Reader(new))).found())


class Walk:
    """Goes through the operations that both documents have.

    Args:
        comparison: of the documents' schemas.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.roots: list[tuple[Key, str, Direction]] = []
        self.direct: list[tuple[Finding, Reach]] = []

    def found(self) -> Iterator[tuple[Finding, Reach]]:
        """All findings, each with what it reaches."""
        old, new = operations_of(self.comparison.old), operations_of(self.comparison.new)
        for one, other in self._matched(old, new):
            self._operation(one, other)
        yield from self.direct
        roots: dict[tuple[str, Direction], list[Key]] = {}
        for key, operation, direction in self.roots:
            roots.setdefault((operation, direction), []).append(key)
        reaches: dict[Key, set[tuple[str, Direction]]] = {}
        for (operation, direction), keys in sorted(roots.items()):
            for key in self.comparison.reachable((key, direction) for key in keys):
                reaches.setdefault(key, set()).add((operation, direction))
        for key, reach in reaches.items():
            for finding in self.comparison.pair(key).findings:
                yield finding, frozenset(reach)

    def _matched(self, old: dict[str, Operation], new: dict[str, Operation]) -> Iterator[tuple[Operation, Operation]]:
        for name in sorted(old.keys() & new.keys()):
            yield old[name], new[name]
        came = {new[name].target: new[name] for name in new.keys() - old.keys()}
        for name in sorted(old.keys() - new.keys()):
            one = old[name]
            other = came.pop(one.target, None)
            if other is None:
                self._tell("operation-removed", name, subject=name, old=_shown(one))
            else:
                self._tell("operation-renamed", name, subject=name, old=name, new=other.id)
                yield one, other
        for other in came.values():
            self._tell("operation-added", other.id, subject=other.id, new=_shown(other))

    def _operation(self, old: Operation, new: Operation) -> None:
        if old.target != new.target:
            self._tell("operation-moved", old.id, old=_shown(old), new=_shown(new))
        parameters.compare(self, old, new)
        self._body(old, new)
        self._responses(old, new)

    def _tell(self, kind: str, operation: str, **words: Any) -> None:
        finding = Finding(kind=kind, place=Place(OPERATIONS, operation, ""), **words)
        self.tell(finding, operation, BOTH)

    def tell(self, finding: Finding, operation: str, directions: Iterable[Direction]) -> None:
        """Keep a finding about an operation."""
        self.direct.append((finding, frozenset((operation, direction) for direction in directions)))

    def meet(self, old: Sub, new: Sub, operation: str, direction: Direction) -> None:
        """Let two schemas of an operation stand for each other."""
        key, findings = self.comparison.root(old, new)
        for finding in findings:
            self.tell(finding, operation, (direction,))
        if old or new:
            self.roots.append((key, operation, direction))

    def finding(self, kind: str, old_at: str | None, new_at: str | None, subject: str, **words: Any) -> Finding:
        """A finding about a part of an operation."""
        atlases = self.comparison.atlases
        pointers = zip(atlases, (old_at, new_at), strict=True)
        places = [atlas.place(pointer) for atlas, pointer in pointers if pointer]
        place = min(places, key=lambda place: (place.section == OPERATIONS, place.depth))
        return Finding(kind=kind, place=place, subject=subject, old_at=old_at, new_at=new_at, **words)

    def _body(self, old: Operation, new: Operation) -> None:
        at = f"{old.at}/requestBody", f"{new.at}/requestBody"
        one, other = (each.content.get("requestBody") for each in (old, new))
        if one is None and other is None:
            return
        if one is None or other is None:
            there = None if other is None else self.comparison.new.at(self.comparison.new.follow(at[1]))
            required = "required" if is_object(there) and there.get("required") is True else "optional"
            kind, variant = ("body-added", required) if one is None else ("body-removed", "")
            self.tell_at(kind, (at[0] if one else None, at[1] if other else None), old.id, REQUEST, variant=variant)
            return
        before, after = self.comparison.old.follow(at[0]), self.comparison.new.follow(at[1])
        was, now = (
            reader.at(pointer).get("required") is True
            for reader, pointer in ((self.comparison.old, before), (self.comparison.new, after))
        )
        if was != now:
            self.tell_at("body-became-required" if now else "body-became-optional", (before, after), old.id, REQUEST)
        self._media(before, after, old.id, REQUEST)

    def tell_at(
        self, kind: str, at: At, operation: str, direction: Direction, *, subject: str = "", variant: str = ""
    ) -> None:
        """Keep a finding about a part of an operation."""
        self.tell(self.finding(kind, *at, subject, variant=variant), operation, (direction,))

    def _responses(self, old: Operation, new: Operation) -> None:
        before, after = (
            {str(status).upper(): str(status) for status in each.content.get("responses", {})} for each in (old, new)
        )
        for status in sorted(before.keys() | after.keys()):
            variant = "success" if status.startswith("2") else "error"
            at = tuple(
                f"{each.at}/responses/{names[status]}" if status in names else None
                for each, names in ((old, before), (new, after))
            )
            if at[0] is None or at[1] is None:
                kind = "status-removed" if at[1] is None else "status-added"
                self.tell_at(kind, (at[0], at[1]), old.id, RESPONSE, subject=status, variant=variant)
                continue
            one, other = self.comparison.old.follow(at[0]), self.comparison.new.follow(at[1])
            self._media(one, other, old.id, RESPONSE, variant if variant == "error" else "")
            parameters.compare_headers(self, old.id, one, other)

    def _media(self, old_at: str, new_at: str, operation: str, direction: Direction, variant: str = "") -> None:
        before, after = (
            {_media_type(name): name for name in reader.at(at).get("content", {})}
            for reader, at in ((self.comparison.old, old_at), (self.comparison.new, new_at))
        )
        for name in sorted(before.keys() | after.keys()):
            at = tuple(
                f"{base}/content/{escape(names[name])}" if name in names else None
                for base, names in ((old_at, before), (new_at, after))
            )
            if at[0] is None or at[1] is None:
                kind = "media-type-removed" if at[1] is None else "media-type-added"
                self.tell_at(
                    kind, (at[0], at[1]), operation, direction, subject=name, variant=variant if at[1] is None else ""
                )
                continue
            self.meet(self.schema(0, at[0]), self.schema(1, at[1]), operation, direction)

    def schema(self, side: int, at: str) -> Sub:
        """The schema of a media type, parameter or header; none where it states none."""
        reader = (self.comparison.old, self.comparison.new)[side]
        return (f"{at}/schema",) if "schema" in reader.at(at) else ()


def _media_type(name: str) -> str:
    return name.partition(";")[0].strip().lower()


def _shown(operation: Operation) -> str:
    return f"{operation.method.upper()} {operation.path}"
