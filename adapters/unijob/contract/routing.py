"""From a method and a path to an operation, at a cost that does not depend on how many there are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import unquote

from unijob.values import value_class

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")
_PARAMETER = re.compile(r"\{([^{}]+)\}")


@value_class
class Match(Generic[T]):
    """Where a method and a path lead.

    Attributes:
        operation: the operation, or None: then `allowed` tells an unknown path (empty) from an unknown method.
        path_values: the path's values by name, percent-decoded; lone surrogates stand for bytes that are not UTF-8.
        allowed: the methods that the path documents.
    """

    operation: T | None
    path_values: Mapping[str, str]
    allowed: frozenset[str]


class _Leaf(Generic[T]):
    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.methods: dict[str, T] = {}
        self.allowed: frozenset[str] = frozenset()

    def add(self, method: str, target: T) -> None:
        self.methods.setdefault(method, target)
        self.allowed = frozenset(self.methods)


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
        leaf.add(method.upper(), target)

    def find(self, method: str, raw_path: str) -> Match[T]:
        """Find the operation behind a raw path, percent-encoded and without its query.

        Bytes that are not UTF-8 come out as lone surrogates.
        """
        search: _Search[T] = _Search(_segments(raw_path), method.upper())
        for prefix in self._prefixes:
            if not prefix or search.segments[: len(prefix)] == prefix:
                found = search.below(self._root, len(prefix))
                if found is not None:
                    return found
        return Match(None, {}, frozenset(search.allowed))


def _segments(raw_path: str) -> list[str]:
    segments = raw_path.partition("?")[0].removeprefix("/").split("/")
    if "%" not in raw_path:
        return segments
    return [unquote(segment, errors="surrogateescape") for segment in segments]


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


class _Search(Generic[T]):
    """One search for a path; gathers the methods of the leaves that it passes."""

    __slots__ = ("allowed", "method", "segments")

    def __init__(self, segments: list[str], method: str) -> None:
        self.segments = segments
        self.method = method
        self.allowed: set[str] = set()

    def below(self, node: _Node[T], depth: int, values: tuple[str, ...] = ()) -> Match[T] | None:
        """Find the first leaf that has the method."""
        for segment in self.segments[depth:]:
            depth += 1
            literal = node.literals.get(segment)
            if node.mixed or (literal is not None and node.any is not None):
                return self._forked(node, depth, values)
            if literal is not None:
                node = literal
            elif node.any is not None and segment:
                node = node.any
                values = (*values, segment)
            else:
                return None
        for leaf in node.leaves.values():
            if self.method in leaf.methods:
                return Match(leaf.methods[self.method], dict(zip(leaf.names, values, strict=True)), leaf.allowed)
            self.allowed.update(leaf.methods)
        return None

    def _forked(self, node: _Node[T], depth: int, values: tuple[str, ...]) -> Match[T] | None:
        """Try each way on from a node from which more than one is open, the most literal first."""
        segment = self.segments[depth - 1]
        literal = node.literals.get(segment)
        found = None if literal is None else self.below(literal, depth, values)
        for pattern, child in node.mixed.values() if found is None else ():
            match = pattern.fullmatch(segment)
            found = self.below(child, depth, (*values, *match.groups())) if match else None
            if found is not None:
                return found
        if found is None and node.any is not None and segment:
            return self.below(node.any, depth, (*values, segment))
        return found
