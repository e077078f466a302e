"""What can be said of a schema without a value: its types, its properties, which branches exclude each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from unijob.contract.pointers import join_pointer
from unijob.contract.translate import COMPOSING, translate, types_of
from unijob.jsontypes import as_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from unijob.contract.document import Document

ALL_TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})
_PYTHON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


@attrs.frozen
class Shape:
    """The properties that a schema documents, whichever of its branches documents them."""

    names: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    free: bool = False
    """True where it also takes properties that it does not name."""

    @property
    def closes(self) -> bool:
        """Whether an unnamed property is one that the contract does not know."""
        return bool(self.names or self.patterns) and not self.free


class Shapes:
    """Shapes of one document, worked out once each."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._schemas: dict[str, dict[str, Any]] = {}
        self._shapes: dict[str, Shape] = {}
        self._types: dict[str, frozenset[str]] = {}
        self._tags: dict[str, dict[str, frozenset[str]]] = {}

    def schema(self, pointer: str) -> dict[str, Any]:
        """Give the schema object at a pointer as 2020-12; true and false as `{}` and `{"not": {}}`."""
        if pointer not in self._schemas:
            node = self._document.at(pointer)
            schema = translate(as_object(node), legacy=self._document.legacy)
            self._schemas[pointer] = {"not": {}} if node is False else schema
        return self._schemas[pointer]

    def schema_as_written(self, pointer: str) -> dict[str, Any]:
        """Give the schema object at a pointer as the document has it."""
        return as_object(self._document.at(pointer))

    def shape(self, pointer: str) -> Shape:
        """Give the properties that a schema documents."""
        if pointer not in self._shapes:
            names: set[str] = set()
            patterns: set[str] = set()
            free = False
            for _, node, branch in self._in_place(pointer, alternatives=True):
                names.update(node.get("properties") or ())
                patterns.update(node.get("patternProperties") or ())
                free = free or _takes_more(node) or (branch and _is_free_form(node))
            self._shapes[pointer] = Shape(frozenset(names), frozenset(patterns), free)
        return self._shapes[pointer]

    def types(self, pointer: str) -> frozenset[str]:
        """Give the JSON types that a schema allows; `number` includes `integer`."""
        if pointer not in self._types:
            self._types[pointer] = self._work_out_types(pointer, {})
        return self._types[pointer]

    def text_types(self, pointer: str | None) -> frozenset[str]:
        """Give the types that a text is read as: a string alone where the schema says nothing."""
        types = ALL_TYPES if pointer is None else self.types(pointer)
        return frozenset({"string"}) if types == ALL_TYPES else types

    def properties(self, pointer: str) -> dict[str, str]:
        """Give where the schema of each documented property stands."""
        found: dict[str, str] = {}
        for place, node, _ in self._in_place(pointer, alternatives=True):
            for name in node.get("properties") or ():
                found.setdefault(name, join_pointer(place, "properties", name))
        return found

    def items(self, pointer: str | None) -> str | None:
        """Give where the schema of an array's items stands."""
        return None if pointer is None else self._first(pointer, "items")

    def unnamed(self, pointer: str) -> str | None:
        """Give where the schema of the properties without a name stands."""
        return self._first(pointer, "additionalProperties")

    def disjoint(self, branches: Iterable[str]) -> bool:
        """Tell whether no value can match two of the branches, by their types or their tags."""
        places = list(branches)
        return all(self._exclude(first, second) for n, first in enumerate(places) for second in places[n + 1 :])

    def is_tag(self, branches: Iterable[str], name: str) -> bool:
        """Tell whether the values of a property tell the branches apart."""
        sets = [tags[name] for tags in map(self._values, branches) if name in tags]
        return len(sets) > 1 and all(
            first.isdisjoint(second) for n, first in enumerate(sets) for second in sets[n + 1 :]
        )

    def required(self, pointer: str) -> frozenset[str]:
        """Give the properties that every value of the schema must have."""
        found: set[str] = set()
        for _, node, _ in self._in_place(pointer, alternatives=False):
            found.update(node.get("required") or ())
        return frozenset(found)

    def _first(self, pointer: str, keyword: str) -> str | None:
        for place, node, _ in self._in_place(pointer, alternatives=True):
            if isinstance(node.get(keyword), dict):
                return join_pointer(place, keyword)
        return None

    def _exclude(self, first: str, second: str) -> bool:
        if self.types(first).isdisjoint(self.types(second)):
            return True
        if self.types(first) & self.types(second) - {"object"}:
            return False
        mine, theirs = self._values(first), self._values(second)
        both = mine.keys() & theirs.keys() & self.required(first) & self.required(second)
        return any(mine[name].isdisjoint(theirs[name]) for name in both)

    def _values(self, pointer: str) -> dict[str, frozenset[str]]:
        """Give the strings that each property may have, for those that list them."""
        if pointer not in self._tags:
            found: dict[str, frozenset[str]] = {}
            for place, node, _ in self._in_place(pointer, alternatives=False):
                for name in node.get("properties") or ():
                    strings = self._strings(join_pointer(place, "properties", name))
                    if strings is not None:
                        found[name] = strings
            self._tags[pointer] = found
        return self._tags[pointer]

    def _strings(self, pointer: str) -> frozenset[str] | None:
        for _, node, _ in self._in_place(pointer, alternatives=False):
            values = [node["const"]] if "const" in node else node.get("enum")
            if values and all(isinstance(value, str) for value in values):
                return frozenset(values)
        return None

    def _work_out_types(self, pointer: str, seen: dict[str, frozenset[str]]) -> frozenset[str]:
        if pointer not in seen:
            seen[pointer] = ALL_TYPES  # what a circle sees of itself
            seen[pointer] = self._narrow(pointer, seen)
        return seen[pointer]

    def _narrow(self, pointer: str, seen: dict[str, frozenset[str]]) -> frozenset[str]:
        node = self.schema(pointer)
        if node == {"not": {}}:
            return frozenset()
        types = types_of(node) or ALL_TYPES
        if "number" in types:
            types |= {"integer"}
        values = [node["const"]] if "const" in node else node.get("enum")
        if values is not None:
            types &= {_type_of(value) for value in values}
        if "$ref" in node:
            types &= self._work_out_types(self._document.target(node["$ref"]), seen)
        for place in _members(pointer, node, "allOf"):
            types &= self._work_out_types(place, seen)
        for keyword in ("anyOf", "oneOf"):
            places = _members(pointer, node, keyword)
            if places:
                types &= frozenset().union(*(self._work_out_types(place, seen) for place in places))
        return types

    def _in_place(self, pointer: str, *, alternatives: bool) -> Iterator[tuple[str, dict[str, Any], bool]]:
        """Walk what applies to the same value: always, or in one of the alternatives too."""
        seen: set[str] = set()
        stack = [(pointer, False)]
        while stack:
            place, branch = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            node = self.schema(place)
            yield place, node, branch
            if "$ref" in node:
                stack.append((self._document.target(node["$ref"]), branch))
            inner = [(inner, False) for inner in _members(place, node, "allOf")]
            if alternatives:
                inner += [(one, True) for key in ("anyOf", "oneOf") for one in _members(place, node, key)]
                inner += [(join_pointer(place, key), False) for key in ("if", "then", "else") if key in node]
                inner += [
                    (join_pointer(place, "dependentSchemas", name), False)
                    for name in node.get("dependentSchemas") or ()
                ]
            stack.extend(reversed(inner))


def _members(pointer: str, node: dict[str, Any], keyword: str) -> list[str]:
    return [join_pointer(pointer, keyword, n) for n in range(len(node.get(keyword) or ()))]


def _takes_more(node: dict[str, Any]) -> bool:
    return any(node.get(key, False) is not False for key in ("additionalProperties", "unevaluatedProperties"))


def _is_free_form(node: dict[str, Any]) -> bool:
    """Tell whether a branch is an object of any properties, or anything at all."""
    if node.get("properties") or node.get("patternProperties") or not COMPOSING.isdisjoint(node):
        return False
    types = types_of(node)
    return not node if types is None else "object" in types and "additionalProperties" not in node


def _type_of(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return "null" if value is None else _PYTHON_TYPES[type(value)]
