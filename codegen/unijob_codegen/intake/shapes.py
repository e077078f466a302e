"""Finds out which schemas of a slice have one and the same shape, through references and cycles.

Partition refinement: schemas start in one class where their own keywords agree, and a class is split as long as its
members' inner schemas are in different classes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from unijob_codegen.intake.structure import children, follow, is_prose, walk
from unijob_codegen.pointers import is_list, is_object

_UNORDERED = frozenset({"required", "enum", "type"})


class Shapes:
    """The classes of equal shapes of a document.

    Args:
        content: a slice without defects.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content
        self._nodes: list[dict[str, Any]] = []
        self._index: dict[int, int] = {}
        for _, kind, node in walk("document", content):
            if kind == "schema" and is_object(node) and id(node) not in self._index:
                self._index[id(node)] = len(self._nodes)
                self._nodes.append(node)
        self._classes = self._refined()
        self._first: dict[int, dict[str, Any]] = {}
        for node, class_ in zip(self._nodes, self._classes, strict=True):
            self._first.setdefault(class_, node)

    def target(self, node: Any) -> Any:
        """Follow references that are nothing else."""
        return follow(self._content, node)

    def class_of(self, node: dict[str, Any]) -> int:
        """Give the class of a schema, which is alike for equal shapes."""
        return self._classes[self._index[id(self.target(node))]]

    def canonical(self, node: dict[str, Any]) -> dict[str, Any]:
        """Give the schema that stands for all of an object's shape; any other stands for itself."""
        node = self.target(node)
        return self._first[self.class_of(node)] if is_mergeable(node) else node

    def inner(self, node: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
        """Give the schemas directly inside another, references followed."""
        for segments, _, child in children("schema", node):
            yield segments, self.target(child)
        if "$ref" in node:
            yield ("$ref",), self.target({"$ref": node["$ref"]})

    def _refined(self) -> list[int]:
        edges = [
            [(segments, self._index.get(id(child)), child) for segments, child in sorted_inner]
            for sorted_inner in (
                [] if "$ref" in node and len(node) == 1 else self._sorted(node) for node in self._nodes
            )
        ]
        classes = _numbered([_label(node) for node in self._nodes])
        while True:
            refined = _numbered(
                [
                    (
                        own,
                        tuple((at, classes[index] if index is not None else str(child)) for at, index, child in inner),
                    )
                    for own, inner in zip(classes, edges, strict=True)
                ]
            )
            if len(set(refined)) == len(set(classes)):
                return refined
            classes = refined

    def _sorted(self, node: dict[str, Any]) -> list[tuple[tuple[str, ...], Any]]:
        return sorted(self.inner(node), key=lambda pair: pair[0])


def is_mergeable(node: dict[str, Any]) -> bool:
    """Whether all schemas of this shape are one: those of an object with properties."""
    return bool(node.get("properties")) or (is_list(node.get("allOf")) and len(node["allOf"]) > 1)


def is_enum(node: dict[str, Any]) -> bool:
    """Whether a schema is an enum of several strings."""
    values = node.get("enum")
    return is_list(values) and len(values) > 1 and all(isinstance(value, str) for value in values)


def _numbered(keys: list[Any]) -> list[int]:
    numbers: dict[Any, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _label(node: dict[str, Any]) -> str:
    """Write down a schema's own keywords, without prose and order, and without the schemas inside it."""
    inside = {segments[0] for segments, _, _ in children("schema", node)}
    own = {
        key: _plain(key, value)
        for key, value in node.items()
        if key not in inside and key != "$ref" and not (is_prose(key) or key.startswith("x-"))
    }
    return json.dumps(own, sort_keys=True)


def _plain(key: str, value: Any) -> Any:
    if key in _UNORDERED and is_list(value):
        return sorted(value, key=json.dumps)
    return value


def difference(shapes: Shapes, one: Any, other: Any) -> list[str]:
    """Say where two schemas differ, as pointers into both.

    Args:
        shapes: the classes of their document.
        one: a schema.
        other: another, of another class.
    """
    found: list[str] = []
    stack = [("", shapes.target(one), shapes.target(other))]
    seen: set[tuple[int, int]] = set()
    while stack:
        at, left, right = stack.pop()
        if (id(left), id(right)) in seen:
            continue
        seen.add((id(left), id(right)))
        if not is_object(left) or not is_object(right):
            found += [at or "/"] if left != right else []
        elif shapes.class_of(left) != shapes.class_of(right):
            inside, there = dict(shapes.inner(left)), dict(shapes.inner(right))
            if _label(left) != _label(right):
                found.append(at or "/")
            found += [f"{at}/{'/'.join(segments)}" for segments in sorted(inside.keys() ^ there.keys())]
            both = sorted(inside.keys() & there.keys(), reverse=True)
            stack += [(f"{at}/{'/'.join(segments)}", inside[segments], there[segments]) for segments in both]
    return list(dict.fromkeys(found))
