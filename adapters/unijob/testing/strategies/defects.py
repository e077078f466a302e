"""Every single defect that a payload can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from unijob.jsontypes import is_list, is_object
from unijob.testing.strategies.defect import Defect, others, own
from unijob.testing.strategies.documents import Schema, is_any, members, resolve, types_of
from unijob.testing.strategies.values import told_apart


class Defects:
    """The single defects that the values of one document's schemas can have.

    Where several schemas may describe a value, it is only changed where no other could then take it: below `anyOf`
    and `oneOf` where the branches have no type in common, or where a property tells them apart.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def of(self, schema: Schema | bool, value: Any) -> Iterator[Defect]:  # noqa: FBT001 (a schema may be a boolean)
        """Give the defects that a valid value can have."""
        if isinstance(schema, bool):
            return
        node = self._whole(schema)
        branches: Sequence[Schema] = node.get("anyOf") or node.get("oneOf") or ()
        if branches:
            yield from self._among([self._whole(branch) for branch in branches], node, value)
            return
        yield from own(node, value)
        if is_object(value):
            yield from self._inside(node, value)
        if is_list(value):
            for n, item in enumerate(value):
                yield from (found.within(n) for found in self.of(node.get("items", True), item))

    def _whole(self, schema: Schema) -> Schema:
        node = resolve(self._document, schema)
        merged: dict[str, Any] = {key: value for key, value in node.items() if key != "allOf"}
        for part in map(self._whole, node.get("allOf", ())):
            properties = {**merged.get("properties", {}), **part.get("properties", {})}
            required = [*merged.get("required", ()), *part.get("required", ())]
            merged = {**merged, **part, "properties": properties, "required": required}
        return merged

    def _among(self, branches: Sequence[Schema], node: Schema, value: Any) -> Iterator[Defect]:
        types = [types_of(branch) for branch in branches]
        null = frozenset({"null"} if node.get("nullable") is True else ())
        allowed = null.union(*types)
        yield from (Defect(kind="type", path=(), value=other) for other in others(allowed))
        fitting = [branch for branch, names in zip(branches, types, strict=True) if is_any(value, names)]
        mine = [branch for branch in fitting if not self._excluded(branch, value)]
        if len(mine) != 1:
            return
        tags = {name for branch in fitting for name in self._tags(branch, value)}
        for found in self.of(mine[0], value):
            if found.path and found.path[0] not in tags:
                yield found

    def _excluded(self, branch: Schema, value: Any) -> bool:
        return bool(self._tags(branch, value))

    def _tags(self, branch: Schema, value: Any) -> list[str]:
        """Give the properties whose values are not of a branch."""
        if not isinstance(value, dict):
            return []
        found = {name: self._whole(schema) for name, schema in branch.get("properties", {}).items() if name in value}
        return [
            name
            for name, schema in found.items()
            if {"const", "enum"} & schema.keys() and told_apart(value[name]) not in map(told_apart, members(schema))
        ]

    def _inside(self, node: Schema, value: Mapping[str, Any]) -> Iterator[Defect]:
        properties = node.get("properties", {})
        more = node.get("additionalProperties", True)
        for name in node.get("required", ()):
            yield Defect(kind="required", path=(name,))
        if more is False:
            yield Defect(kind="extra", path=("not documented",), value=1)
        for name, inner in value.items():
            yield from (found.within(name) for found in self.of(properties.get(name, more), inner))
