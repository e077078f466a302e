"""Settles which schema gets which name: declared ones first, then upstream's own, then derived ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unijob_codegen.errors import CodegenError
from unijob_codegen.intake.addresses import Addresses
from unijob_codegen.intake.shapes import Shapes, difference, is_enum, is_mergeable
from unijob_codegen.naming import unique
from unijob_codegen.pointers import is_object


class Names:
    """The names of a document's schemas.

    Args:
        content: a slice without defects.
        shapes: its shapes.
        declared: names by address.

    Raises:
        CodegenError: one name is declared for different shapes, or two for one schema.
    """

    def __init__(self, content: dict[str, Any], shapes: Shapes, declared: Mapping[str, str]) -> None:
        self._shapes = shapes
        upstream: dict[str, Any] = content.get("components", {}).get("schemas", {})
        self._upstream = {id(node): name for name, node in upstream.items()}
        self._declared: dict[int, str] = {}
        self._of_class: dict[int, list[str]] = {}
        self._derived: dict[tuple[int, str], str] = {}
        self.unused: list[str] = []
        """The addresses that lead nowhere."""
        self._declare(Addresses(content, shapes), declared)
        self._of_upstream: dict[int, str] = {}
        for name, node in upstream.items():
            if is_object(node) and is_mergeable(node):
                self._of_upstream.setdefault(shapes.class_of(node), name)
        self._taken = {*self._declared.values(), *self._upstream.values()}

    def of(self, node: dict[str, Any], wanted: str, *, force: bool) -> str | None:
        """Give the name of a schema, or None for one that stays where it is.

        Args:
            node: the schema, no reference.
            wanted: the name that it has if nothing else gives it one.
            force: whether it needs a name whatever it is.
        """
        mergeable = is_mergeable(node)
        class_ = self._shapes.class_of(node)
        if id(node) in self._declared:
            return self._declared[id(node)]
        of_class = self._of_class.get(class_, []) if mergeable else []
        if len(of_class) == 1:
            return of_class[0]
        if id(node) in self._upstream:
            return self._kept(id(node), self._upstream[id(node)])
        if mergeable and class_ in self._of_upstream:
            return self._of_upstream[class_]
        if not (force or mergeable or is_enum(node)):
            return None
        key = class_, "" if mergeable else wanted
        if key not in self._derived:
            self._derived[key] = unique(wanted, self._taken)
            self._taken.add(self._derived[key])
        return self._derived[key]

    def _kept(self, node: int, name: str) -> str:
        """Keep upstream's name, unless another schema was declared to have it."""
        if name in self._declared.values():
            self._upstream[node] = name = unique(f"{name}_", self._taken)
            self._taken.add(name)
        return name

    def _declare(self, addresses: Addresses, declared: Mapping[str, str]) -> None:
        first: dict[str, tuple[str, dict[str, Any]]] = {}
        given: dict[int, str] = {}
        problems: list[str] = []
        for address, name in sorted(declared.items(), key=lambda entry: entry[0].count("/")):
            node = addresses.find(address)
            if not node:
                self.unused.append(address)
                continue
            other, twin = first.setdefault(name, (address, node))
            if self._shapes.class_of(twin) != self._shapes.class_of(node):
                where = ", ".join(difference(self._shapes, twin, node)[:5])
                problems.append(f"{name}: {other!r} and {address!r} differ at {where}")
            if self._declared.setdefault(id(node), name) != name:
                problems.append(f"{given[id(node)]!r} and {address!r} are one schema, with two names")
            given.setdefault(id(node), address)
            names = self._of_class.setdefault(self._shapes.class_of(node), [])
            if name not in names:
                names.append(name)
        if problems:
            raise CodegenError("specs/sources.toml: the declared names do not fit this document:", problems)
