"""What a kind would make of its payloads if the old document's values stood there as the new one has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs

from unijob.kinds import AnyKind
from unijob_codegen.diff import kinds
from unijob_codegen.diff.changes import Finding
from unijob_codegen.diff.operations import operations_of
from unijob_codegen.diff.reading import Reader
from unijob_codegen.diff.samples import Path, Sampler, has
from unijob_codegen.diff.words import describe_shape
from unijob_codegen.pointers import is_list, is_object

ABSENT = object()
"""Stands for no value at all."""

_GONE = {"property-removed": "now absent", "property-became-optional": "may now be absent"}


@attrs.frozen
class Effects:
    """What becomes of a Job.

    Args:
        lost: the fields that it would not have.
        other: those that it would have another value of.
        errors: what would be raised instead.
    """

    lost: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.lost or self.other or self.errors)

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields concerned."""
        return tuple(sorted(self.lost | self.other))


class Witness:
    """Reads payloads of one kind.

    Args:
        kind: the kind.
        readers: of the old and of the new document.
        revisions: by which contract revisions to read them; None where the generated models are not the document's.
    """

    def __init__(self, kind: AnyKind, readers: tuple[Reader, Reader], revisions: tuple[str | None, str | None]) -> None:
        self._kind = kind
        self._readers = readers
        self.revisions = revisions
        self.operations = operations_of(readers[0]), operations_of(readers[1])

    @cached_property
    def readings(self) -> list[kinds.Reading]:
        """Payloads of the old document, read."""
        return self._read(0)

    @cached_property
    def _fields_now(self) -> frozenset[str]:
        """The fields that a Job has when it is read from the new document, by that document's own revision."""
        found = self._read(1)[:1] if self.revisions[1] is not None else []
        return frozenset(name for reading in found for name in _present(reading.fields))

    def _read(self, side: int) -> list[kinds.Reading]:
        operation = self.operations[side].get(self._kind.get)
        sub = kinds.answer_of(operation, self._readers[side]) if operation is not None else ()
        return kinds.readings(self._kind, self._readers[side], sub, self.revisions[side]) if sub else []

    def effects(self, pointer: str | None, value: Any) -> Effects:
        """What follows if what a pointer of the old document stands for were another value."""
        lost: set[str] = set()
        other: set[str] = set()
        errors: set[str] = set()
        for reading in self.readings:
            for path in paths(reading, pointer):
                read = reading.with_absent(path) if value is ABSENT else reading.with_value(path, value)
                if isinstance(read, str):
                    errors.add(read)
                    continue
                for field, gone in _losses(reading.fields, read):
                    (lost if gone else other).add(field)
        return Effects(frozenset(lost), frozenset(other - lost), frozenset(errors))

    def settles(self, effects: Effects, finding: Finding) -> bool:
        """Whether the adapter, reading the new document by its own revision, has what the old reading would lose."""
        if finding.kind in {"property-became-optional", "became-nullable"} or effects.errors:
            return False
        return bool(self._fields_now) and self._fields_now.issuperset(effects.fields)

    def new_value(self, finding: Finding) -> tuple[Any, str]:
        """What would stand there now, and that in words; no words where it makes no difference to what is read."""
        kind = finding.kind
        if kind in _GONE:
            return ABSENT, _GONE[kind]
        if kind == "became-nullable":
            return None, "may now be null"
        if kind == "alternative-added":
            return self._sampled(finding), f"may now be {finding.subject}"
        if kind in {"type-changed", "format-changed", "const-changed"}:
            return self._sampled(finding), f"now {finding.new}"
        widened = kind == "widened" and finding.subject == "type"
        return (self._sampled(finding), f"may now be {finding.new}") if widened else (None, "")

    def _sampled(self, finding: Finding) -> Any:
        reader = self._readers[1]
        sub = (finding.new_at,) if finding.new_at else ()
        for shape in reader.node(sub).shapes:
            if describe_shape(reader, shape) == finding.subject:
                return Sampler(reader, {}).shape_value(shape, ())
        return Sampler(reader, {}, ascending=True).sample(sub).value


def paths(reading: kinds.Reading, pointer: str | None) -> list[Path]:
    """Where in a payload a schema's values stand."""
    places = reading.sample.places.get(pointer or "", [])
    return [path for path in places if has(reading.sample.value, path)]


def _losses(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, bool]]:
    """The fields that two readings do not share, each with whether it is lost (and not only another)."""
    if old == new:
        return
    if is_object(old) and is_object(new):
        for name in old:
            yield from _losses(old[name], new.get(name), f"{path}.{name}" if path else name)
    elif is_list(old) and is_list(new) and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            yield from _losses(one, other, f"{path}[]")
    else:
        yield path, old is not None and new in (None, [])


def _present(fields: Any, path: str = "") -> Iterator[str]:
    if fields in (None, []):
        return
    if path:
        yield path
    if is_object(fields):
        for name, value in fields.items():
            yield from _present(value, f"{path}.{name}" if path else name)
    elif is_list(fields):
        for item in fields:
            yield from _present(item, f"{path}[]")


def capabilities(kind: AnyKind, operations: Mapping[str, Any]) -> frozenset[str]:
    """What a kind can do where there are such operations."""
    return kind.capabilities(operations)
