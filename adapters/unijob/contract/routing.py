"""From a method and a path to an operation, at a cost that does not depend on how many there are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import unquote

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

T = TypeVar("T")
_PARAMETER = re.compile(r"\{([^{}]+)\}")


@attrs.frozen
class Route(Generic[T]):
    """What a path leads to: the target where the method is documented, else the methods that are."""

    target: T | None
    path_values: Mapping[str, str]
    allowed: frozenset[str]


class _Leaf(Generic[T]):
    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.methods: dict[str, T] = {}


class _Node(Generic[T]):
    def __init__(self) -> None:
        self.literals: dict[str, _Node[T]] = {}
        self.mixed: dict[str, tuple[re.Pattern[str], _Node[T]]] = {}
        self.any: _Node[T] | None = None
        self.leaves: dict[tuple[str, ...], _Leaf[T]] = {}


class Router(Generic[T]):
    """A trie of path segments. A literal segment beats a mixed one (`{id}.json`), that beats a template.

    Args:
        prefixes: the paths of the servers; a request's path starts with one of them.
    """

    def __init__(self, prefixes: Sequence[str] = ("",)) -> None:
        self._root: _Node[T] = _Node()
        self._prefixes = [_segments(prefix) if prefix else [] for prefix in prefixes]

    def add(self, method: str, template: str, target: T) -> None:
        """Add an operation. Two that differ in parameter names only are one path."""
        node = self._root
        names: list[str] = []
        for segment in template.removeprefix("/").split("/"):
            names += _PARAMETER.findall(segment)
            node = _descend(node, segment)
        leaf = node.leaves.setdefault(tuple(names), _Leaf(tuple(names)))
        leaf.methods.setdefault(method.upper(), target)

    def find(self, method: str, raw_path: str) -> Route[T]:
        """Find the operation behind a raw path, percent-encoded and without its query.

        Bytes that are not UTF-8 come out as lone surrogates.
        """
        segments = _segments(raw_path)
        method = method.upper()
        allowed: set[str] = set()
        for prefix in self._prefixes:
            if segments[: len(prefix)] != prefix:
                continue
            for leaf, values in _walk(self._root, segments[len(prefix) :], 0, ()):
                if method in leaf.methods:
                    return Route(
                        leaf.methods[method],
                        dict(zip(leaf.names, values, strict=True)),
                        frozenset(leaf.methods),
                    )
                allowed.update(leaf.methods)
        return Route(None, {}, frozenset(allowed))


def _segments(raw_path: str) -> list[str]:
    path = raw_path.partition("?")[0].removeprefix("/")
    return [unquote(segment, errors="surrogateescape") if "%" in segment else segment for segment in path.split("/")]


def _descend(node: _Node[T], segment: str) -> _Node[T]:
    if _PARAMETER.fullmatch(segment):
        node.any = node.any or _Node()
        return node.any
    if _PARAMETER.search(segment):
        parts = _PARAMETER.split(segment)
        pattern = "(.+?)".join(re.escape(unquote(part)) for part in parts[::2])
        if pattern not in node.mixed:
            node.mixed[pattern] = (re.compile(pattern, re.DOTALL), _Node())
            longest_first = sorted(node.mixed.items(), key=lambda item: -len(item[0].replace("(.+?)", "")))
            node.mixed = dict(longest_first)
        return node.mixed[pattern][1]
    return node.literals.setdefault(unquote(segment), _Node())


def _walk(
    node: _Node[T], segments: list[str], depth: int, values: tuple[str, ...]
) -> Iterator[tuple[_Leaf[T], tuple[str, ...]]]:
    while depth < len(segments):  # as long as there is one way only
        segment = segments[depth]
        literal = node.literals.get(segment)
        if node.mixed or (literal is not None and node.any is not None):
            break
        if literal is not None:
            node = literal
        elif node.any is not None and segment:
            node = node.any
            values = (*values, segment)
        else:
            return
        depth += 1
    else:
        for leaf in node.leaves.values():
            yield leaf, values
        return
    if literal is not None:
        yield from _walk(literal, segments, depth + 1, values)
    for pattern, child in node.mixed.values():
        match = pattern.fullmatch(segment)
        if match:
            yield from _walk(child, segments, depth + 1, (*values, *match.groups()))
    if node.any is not None and segment:
        yield from _walk(node.any, segments, depth + 1, (*values, segment))
