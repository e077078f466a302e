"""Makes whole payloads from a document's schemas, and keeps where in them each schema's value stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from unijob_codegen.diff.reading import TIME, Reader
from unijob_codegen.diff.shapes import Property, Shape, Sub

Path = tuple[str | int, ...]
"""Keys and indices that lead to a value of a payload."""

_START = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
_ANYTHING = {"code": "sample", "message": "sample"}
_TEXTS = {
    "date": "2024-01-15",
    "time": "10:30:00Z",
    "duration": "PT90S",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "email": "someone@example.com",
    "uri": "https://example.com/sample",
    "url": "https://example.com/sample",
}


@attrs.define
class Sample:
    """A payload.

    Args:
        value: as JSON.
        places: the pointer of a schema or property to where in the payload its values stand.
        gaps: where the contract allows nothing or null to stand.
        enums: the pointer of a schema of several strings to them, for those that were met.
    """

    value: Any = None
    places: dict[str, list[Path]] = attrs.field(factory=dict[str, list[Path]])
    gaps: list[tuple[Path, bool]] = attrs.field(factory=list[tuple[Path, bool]])
    """With each whether it may be absent (or else only null)."""
    enums: dict[str, tuple[str, ...]] = attrs.field(factory=dict[str, tuple[str, ...]])

    def note(self, pointer: str, path: Path) -> None:
        """Keep where a schema's value stands."""
        places = self.places.setdefault(pointer, [])
        if path not in places:
            places.append(path)


class Sampler:
    """Makes samples of one document's schemas.

    Args:
        reader: reads the document.
        chosen: the pointer of an enum to the value that it shall have.
        ascending: give each integer a value of its own, where otherwise all are one.
    """

    def __init__(self, reader: Reader, chosen: Mapping[str, str], *, ascending: bool = False) -> None:
        self._reader = reader
        self._chosen = chosen
        self._ascending = ascending
        self._count = 0
        self._sample = Sample()

    def sample(self, sub: Sub) -> Sample:
        """Make a payload with all properties that its schemas name."""
        self._sample.value = self._value(sub, (), frozenset(), "value")
        return self._sample

    def _value(self, sub: Sub, path: Path, inside: frozenset[str], name: str) -> Any:
        node = self._reader.node(sub)
        for pointer in (*sub, node.at):
            if pointer:
                self._sample.note(pointer, path)
        if node.is_anything:
            return dict(_ANYTHING)
        shape = next((shape for shape in node.shapes if shape.at not in inside), None)
        if shape is None:
            return None
        return self.shape_value(shape, path, inside, name)

    def shape_value(self, shape: Shape, path: Path, inside: frozenset[str] = frozenset(), name: str = "value") -> Any:
        """Make a value of one alternative."""
        self._sample.note(shape.at, path)
        if shape.values is not None:
            return self._member(shape, shape.values)
        inside |= {shape.at}
        match shape.type:
            case "object":
                return self._object(shape, path, inside)
            case "array":
                subs = shape.prefix or (shape.items,)
                items = [self._value(sub, (*path, index), inside, name) for index, sub in enumerate(subs)]
                return [item for item in items if item is not None]
            case "string":
                return self._text(shape, name)
            case "integer" | "number":
                return self._number(shape)
            case _:
                return True

    def _member(self, shape: Shape, values: tuple[Any, ...]) -> Any:
        texts = tuple(value for value in values if isinstance(value, str))
        if len(texts) > 1:
            self._sample.enums[shape.at] = texts
        return self._chosen.get(shape.at, values[0])

    def _object(self, shape: Shape, path: Path, inside: frozenset[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, each in shape.properties.items():
            if "response" in each.hidden_in or self._endless(each, inside):
                continue
            here = (*path, name)
            self._sample.note(each.at, here)
            found[name] = self._value(each.schemas, here, inside, name)
            if not each.required or self._reader.node(each.schemas).nullable:
                self._sample.gaps.append((here, not each.required))
        if not shape.properties:
            if self._reader.node(shape.additional).is_anything:
                return dict(_ANYTHING)
            found["key"] = self._value(shape.additional, (*path, "key"), inside, "key")
        return found

    def _endless(self, each: Property, inside: frozenset[str]) -> bool:
        shapes = self._reader.node(each.schemas).shapes
        return bool(shapes) and all(shape.at in inside for shape in shapes)

    def _text(self, shape: Shape, name: str) -> str:
        self._count += 1
        format_ = shape.facets["format"].value if "format" in shape.facets else None
        if format_ == "date-time":
            return (_START + timedelta(minutes=self._count)).isoformat().replace("+00:00", "Z")
        if format_ in {"uint64", "int64", "uint32", "int32"}:
            return str(self._count if self._ascending else 1)
        text = _TEXTS.get(str(format_), f"sample-{name}")
        least, most = (shape.facets[key].value if key in shape.facets else None for key in ("minLength", "maxLength"))
        return text.ljust(least or 0, "x")[:most]

    def _number(self, shape: Shape) -> float:
        self._count += 1
        unit = shape.facets[TIME].value if TIME in shape.facets else None
        if unit in {"unix-seconds", "unix-milliseconds"}:
            seconds = int((_START + timedelta(minutes=self._count)).timestamp())
            return seconds * 1000 if unit == "unix-milliseconds" else seconds
        value: float = 2 + self._count if self._ascending else 1
        if shape.type == "number":
            value += 0.5
        for name, choose in (("minimum", max), ("maximum", min)):
            if name in shape.facets:
                value = choose(value, shape.facets[name].value.value)
        return value


def altered(payload: Any, path: Path, value: Any) -> Any:
    """A copy of a payload with another value somewhere."""
    copy, holder = _copied(payload, path)
    holder[path[-1]] = value
    return copy


def without(payload: Any, path: Path) -> Any:
    """A copy of a payload that lacks something."""
    copy, holder = _copied(payload, path)
    del holder[path[-1]]
    return copy


def has(payload: Any, path: Path) -> bool:
    """Whether something stands there."""
    try:
        for step in path:
            payload = payload[step]
    except (LookupError, TypeError):
        return False
    return bool(path)


def _copied(payload: Any, path: Path) -> tuple[Any, Any]:
    copy = json.loads(json.dumps(payload))
    holder = copy
    for step in path[:-1]:
        holder = holder[step]
    return copy, holder
