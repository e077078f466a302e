"""A schema in one form, whatever way OpenAPI 3.0 or 3.1 has to say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import attrs

from unijob_codegen.diff.narrowing import Bound

Sub = tuple[str, ...]
"""Pointers of schemas that hold together; none means that anything goes."""

MOST_SHAPES = 64
"""More alternatives than this are read as anything."""


@attrs.frozen
class Stated:
    """A value with the pointer of the schema that states it."""

    value: Any
    at: str


@attrs.frozen(kw_only=True)
class Property:
    """A property of an object."""

    at: str
    schemas: Sub
    required: bool
    hidden_in: frozenset[str] = frozenset()
    """`request` where it is read-only, `response` where it is write-only."""


@attrs.frozen(kw_only=True)
class Shape:
    """One plain alternative: a type with what belongs to it; no type is any value."""

    at: str
    type: str | None = None
    facets: Mapping[str, Stated] = attrs.field(factory=dict[str, Stated])
    """Constraints by name; `enum` has the only values, `minimum` and `maximum` a `Bound`."""
    properties: Mapping[str, Property] = attrs.field(factory=dict[str, Property])
    additional: Sub = ()
    items: Sub = ()
    prefix: tuple[Sub, ...] = ()

    @property
    def is_anything(self) -> bool:
        """Whether it says nothing."""
        return self.type is None and not (self.facets or self.properties or self.additional or self.items)

    @property
    def values(self) -> tuple[Any, ...] | None:
        """The only values that it has."""
        return self.facets["enum"].value if "enum" in self.facets else None


@attrs.frozen(kw_only=True)
class Node:
    """What a schema allows: null or not, and one of some shapes."""

    at: str
    nullable: str | None
    """The pointer of the schema that allows null."""
    shapes: tuple[Shape, ...]

    @property
    def is_anything(self) -> bool:
        """Whether every value fits."""
        return any(shape.is_anything for shape in self.shapes)


def conjunction(parts: list[list[Shape]], at: str) -> list[Shape]:
    """What fits all parts, each a list of alternatives."""
    parts = [part for part in parts if not any(shape.is_anything for shape in part)]
    if not parts:
        return [Shape(at=at)]
    count = 1
    for part in parts:
        count *= len(part)
    if count > MOST_SHAPES:
        return [Shape(at=at)]
    return [shape for choice in product(*parts) if (shape := _merged(choice, at)) is not None]


def _merged(shapes: tuple[Shape, ...], at: str) -> Shape | None:
    merged = shapes[0]
    for other in shapes[1:]:
        types = {merged.type, other.type} - {None}
        if types == {"integer", "number"}:
            types = {"integer"}
        if len(types) > 1:
            return None
        merged = Shape(
            at=at,
            type=next(iter(types), None),
            facets=_merged_facets(merged.facets, other.facets),
            properties=_merged_properties(merged.properties, other.properties),
            additional=_together(merged.additional, other.additional),
            items=_together(merged.items, other.items),
            prefix=merged.prefix or other.prefix,
        )
        if merged.values == ():
            return None
    return merged


def _merged_facets(first: Mapping[str, Stated], second: Mapping[str, Stated]) -> dict[str, Stated]:
    merged = {**second, **first}
    for name in first.keys() & second.keys():
        one, other = first[name], second[name]
        if name == "enum":
            kept = tuple(value for value in one.value if value in other.value)
            merged[name] = one if len(kept) == len(one.value) else Stated(kept, other.at)
        elif name.startswith("min"):
            merged[name] = max(one, other, key=lambda stated: stated.value)
        elif name.startswith("max"):
            merged[name] = min(one, other, key=_upper)
    return merged


def _upper(stated: Stated) -> tuple[float, bool]:
    bound = stated.value
    return (bound.value, not bound.excluded) if isinstance(bound, Bound) else (bound, False)


def _merged_properties(first: Mapping[str, Property], second: Mapping[str, Property]) -> dict[str, Property]:
    merged = dict(first)
    for name, other in second.items():
        one = merged.get(name)
        if one is None:
            merged[name] = other
            continue
        merged[name] = Property(
            at=one.at if one.schemas or not other.schemas else other.at,
            schemas=_together(one.schemas, other.schemas),
            required=one.required or other.required,
            hidden_in=one.hidden_in | other.hidden_in,
        )
    return merged


def _together(first: Iterable[str], second: Iterable[str]) -> Sub:
    return tuple(dict.fromkeys((*first, *second)))
