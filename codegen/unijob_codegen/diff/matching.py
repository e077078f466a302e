"""Finds which alternative became which."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from unijob_codegen.diff.reading import Reader
from unijob_codegen.diff.shapes import Property, Shape
from unijob_codegen.diff.words import component

Match = tuple[Shape, Shape]
Key = Callable[[Shape], Hashable]


def match(
    old: Iterable[Shape], new: Iterable[Shape], readers: tuple[Reader, Reader]
) -> tuple[list[Match], list[Shape], list[Shape]]:
    """Pair the alternatives of two schemas: by name, by tag, by type, by the names of their properties.

    Args:
        old: the alternatives that there were.
        new: the alternatives that there are.
        readers: of the old and of the new document.

    Returns:
        the pairs, what was removed, what was added.
    """
    before, after = list(old), list(new)
    if len(before) == len(after) == 1:
        return [(before[0], after[0])], [], []
    pairs: list[Match] = []
    tags: tuple[Key, Key] = (lambda shape: _tag(readers[0], shape)), (lambda shape: _tag(readers[1], shape))
    for old_key, new_key in ((_name, _name), tags, (_scalar, _scalar), (_names, _names)):
        pairs += _paired(before, after, old_key, new_key)
    if len(before) == len(after) == 1 and _family(before[0]) == _family(after[0]):
        pairs.append((before.pop(), after.pop()))
    return pairs, before, after


def _paired(old: list[Shape], new: list[Shape], old_key: Key, new_key: Key) -> list[Match]:
    """Take the pairs out of both lists whose key is the same and single on each side."""
    before, after = [old_key(shape) for shape in old], [new_key(shape) for shape in new]
    common = [key for key in before if key is not None and before.count(key) == after.count(key) == 1]
    found = [(old[before.index(key)], new[after.index(key)]) for key in common]
    old[:] = [shape for shape, key in zip(old, before, strict=True) if key not in common]
    new[:] = [shape for shape, key in zip(new, after, strict=True) if key not in common]
    return found


def _name(shape: Shape) -> Hashable:
    return component(shape.at)


def _tag(reader: Reader, shape: Shape) -> Hashable:
    """The required properties that have one value, with it; of a string its values."""
    if shape.values is not None:
        return (shape.type, *sorted(map(str, shape.values)))
    tags = [
        (name, str(values[0]))
        for name, each in sorted(shape.properties.items())
        if each.required and (values := _only(reader, each)) is not None
    ]
    return tuple(tags) or None


def _only(reader: Reader, each: Property) -> tuple[object, ...] | None:
    shapes = reader.node(each.schemas).shapes
    values = shapes[0].values if len(shapes) == 1 else None
    return values if values is not None and len(values) == 1 else None


def _scalar(shape: Shape) -> Hashable:
    return _family(shape) if shape.type not in {"object", None} else None


def _names(shape: Shape) -> Hashable:
    required = tuple(sorted(name for name, each in shape.properties.items() if each.required))
    return (tuple(sorted(shape.properties)), required) if shape.type == "object" else None


def _family(shape: Shape) -> str | None:
    return "number" if shape.type == "integer" else shape.type
