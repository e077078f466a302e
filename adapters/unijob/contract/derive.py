"""The schemas that one direction is checked with, derived from the document.

What is derived is closed: a value that passes has neither violation nor drift. A schema stands in up to three variants:

- plain: as written, for what must keep its verdict (`not`, `if`, `contains`, a `oneOf` whose branches may overlap);
- inner: its values are closed, it itself is not, since it is one of several that apply to one value;
- closed: it takes no property that it does not document.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Literal

from unijob.contract.pointers import join_pointer
from unijob.contract.translate import ASSERTIONS, COMPOSING, is_wrapped_nullable
from unijob.jsontypes import as_object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unijob.contract.document import Document
    from unijob.contract.shapes import Shapes

Hidden = Literal["readOnly", "writeOnly"]
SOURCE = "x-source"
"""On a derived schema: where the schema that it comes from stands, when its own path does not say so."""
TWIN = "x-twin"
"""On a derived schema: its `oneOf` only counts matches, an `anyOf` beside it finds what is wrong."""

_VALUE_MAPS = ("properties", "patternProperties")
_VALUE_ONE = ("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems")
_PLAIN_ONE = frozenset({"contains", "propertyNames", "not", "if"})
_BESIDE_ONE = frozenset({"then", "else"})
_NO_NAMES: frozenset[str] = frozenset()


class Variant(enum.Enum):
    """How a schema stands in what is derived."""

    PLAIN = "plain"
    INNER = "inner"
    CLOSED = "closed"

    @property
    def inside(self) -> Variant:
        """The variant of the values inside."""
        return Variant.PLAIN if self is Variant.PLAIN else Variant.CLOSED

    @property
    def beside(self) -> Variant:
        """The variant of what applies to the same value."""
        return Variant.PLAIN if self is Variant.PLAIN else Variant.INNER


class Deriver:
    """Derived schemas of one document in one direction.

    Args:
        document: the document.
        shapes: its shapes.
        hidden: the keyword of the properties that this direction does not have.
    """

    def __init__(self, document: Document, shapes: Shapes, hidden: Hidden) -> None:
        self._document = document
        self._shapes = shapes
        self.hidden: Hidden = hidden
        self._names: dict[tuple[Variant, str], str] = {}
        self._keys: list[tuple[Variant, str]] = []
        self._links: dict[str, set[str]] = {}
        self._current: set[str] = set()
        self.definitions: dict[str, Any] = {}

    def schemas(self, pointers: Iterable[str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Give the closed schemas of what stands at the pointers, and the definitions that they need together."""
        starts = [self._name(Variant.CLOSED, pointer) for pointer in pointers]
        reached, todo = set(starts), list(starts)
        while todo:
            name = todo.pop()
            if name not in self.definitions:
                self._define(name)
            new = self._links[name] - reached
            reached |= new
            todo.extend(new)
        definitions = {name: self.definitions[name] for name in reached}
        return [{"$ref": f"#/$defs/{start}"} for start in starts], definitions

    def origin(self, name: str) -> str:
        """Give where the schema behind a definition stands in the document."""
        return self._keys[int(name)][1]

    def is_hidden(self, pointer: str) -> bool:
        """Tell whether this direction does not have the property whose schema stands at a pointer."""
        if self.hidden not in self._document.keywords:
            return False
        nodes = (self._document.at(pointer), self._document.follow(pointer)[1])
        return any(as_object(node).get(self.hidden) is True for node in nodes)

    def _name(self, variant: Variant, pointer: str) -> str:
        key = (variant, pointer)
        if key not in self._names:
            self._names[key] = str(len(self._keys))
            self._keys.append(key)
        return self._names[key]

    def _define(self, name: str) -> None:
        variant, pointer = self._keys[int(name)]
        self._current = self._links[name] = set()
        self.definitions[name] = self._node(variant, pointer, _NO_NAMES)

    def _link(self, variant: Variant, reference: str) -> dict[str, Any]:
        name = self._name(variant, self._document.target(reference))
        self._current.add(name)
        return {"$ref": f"#/$defs/{name}"}

    def _node(self, variant: Variant, pointer: str, dropped: frozenset[str]) -> Any:
        written = self._document.at(pointer)
        if not isinstance(written, dict):
            return written is not False
        schema = self._shapes.schema(pointer)
        if schema.keys() == {"$ref"}:
            return self._link(variant, schema["$ref"])
        result = {key: value for key, value in schema.items() if key in ASSERTIONS}
        dropped |= self._hidden_names(pointer, schema)
        if dropped and "required" in result:
            result["required"] = [name for name in result["required"] if name not in dropped]
        self._values(result, schema, variant, pointer)
        self._compose(result, schema, variant, pointer, dropped)
        if is_wrapped_nullable(as_object(written), legacy=self._document.legacy):
            return {"anyOf": [{**result, SOURCE: pointer}, {"type": "null"}]}
        return result

    def _hidden_names(self, pointer: str, schema: dict[str, Any]) -> frozenset[str]:
        if self.hidden not in self._document.keywords or not ({"required", *COMPOSING} & schema.keys()):
            return _NO_NAMES
        places = self._shapes.properties(pointer)
        return frozenset(name for name, place in places.items() if self.is_hidden(place))

    def _values(self, result: dict[str, Any], schema: dict[str, Any], variant: Variant, pointer: str) -> None:
        for key in _VALUE_MAPS:
            if key in schema:
                result[key] = {name: self._value(variant, join_pointer(pointer, key, name)) for name in schema[key]}
        for key in _VALUE_ONE:
            if key in schema:
                result[key] = self._value(variant, join_pointer(pointer, key))
        if "prefixItems" in schema:
            places = [join_pointer(pointer, "prefixItems", n) for n in range(len(schema["prefixItems"]))]
            result["prefixItems"] = [self._value(variant, place) for place in places]

    def _value(self, variant: Variant, pointer: str) -> Any:
        return False if self.is_hidden(pointer) else self._node(variant.inside, pointer, _NO_NAMES)

    def _compose(
        self,
        result: dict[str, Any],
        schema: dict[str, Any],
        variant: Variant,
        pointer: str,
        dropped: frozenset[str],
    ) -> None:
        """Add what applies to the same value, and close it where nothing else does."""
        beside = variant.beside
        for key in schema.keys() & _PLAIN_ONE:
            result[key] = self._node(Variant.PLAIN, join_pointer(pointer, key), _NO_NAMES)
        for key in schema.keys() & _BESIDE_ONE:
            result[key] = self._node(beside, join_pointer(pointer, key), dropped)
        if "dependentSchemas" in schema:
            result["dependentSchemas"] = {
                name: self._node(beside, join_pointer(pointer, "dependentSchemas", name), dropped)
                for name in schema["dependentSchemas"]
            }
        if "$ref" in schema:
            result.update(self._link(beside, schema["$ref"]))
        if "allOf" in schema:
            result["allOf"] = self._branches("allOf", schema, beside, pointer, dropped)
        branch = variant if self._closes_in_branches(schema, variant, pointer) else beside
        if "anyOf" in schema:
            result["anyOf"] = self._branches("anyOf", schema, branch, pointer, dropped)
        if "oneOf" in schema:
            self._one_of(result, schema, branch, pointer, dropped)
        if variant is Variant.CLOSED and branch is not Variant.CLOSED:
            self._close(result, schema, pointer)

    def _branches(
        self, key: str, schema: dict[str, Any], variant: Variant, pointer: str, dropped: frozenset[str]
    ) -> list[Any]:
        return [self._node(variant, join_pointer(pointer, key, n), dropped) for n in range(len(schema[key]))]

    def _closes_in_branches(self, schema: dict[str, Any], variant: Variant, pointer: str) -> bool:
        """Tell whether each value has one branch at most, and that alone documents its properties."""
        if variant is not Variant.CLOSED or {"properties", "patternProperties"} & schema.keys():
            return False
        keys = sorted(COMPOSING & schema.keys())
        return keys in (["anyOf"], ["oneOf"]) and self._is_disjoint(keys[0], schema, pointer)

    def _is_disjoint(self, key: str, schema: dict[str, Any], pointer: str) -> bool:
        return self._shapes.disjoint(join_pointer(pointer, key, n) for n in range(len(schema[key])))

    def _one_of(
        self,
        result: dict[str, Any],
        schema: dict[str, Any],
        variant: Variant,
        pointer: str,
        dropped: frozenset[str],
    ) -> None:
        branches = self._branches("oneOf", schema, variant, pointer, dropped)
        if variant is Variant.PLAIN or self._is_disjoint("oneOf", schema, pointer):
            result["oneOf"] = branches
            return
        places = [join_pointer(pointer, "oneOf", n) for n in range(len(branches))]
        marked = [
            {**as_object(branch), SOURCE: place} if isinstance(branch, dict) else branch
            for branch, place in zip(branches, places, strict=True)
        ]
        result["oneOf"] = self._branches("oneOf", schema, Variant.PLAIN, pointer, dropped)
        result["allOf"] = [*result.get("allOf", ()), {"anyOf": marked, SOURCE: pointer}]
        result[TWIN] = True

    def _close(self, result: dict[str, Any], schema: dict[str, Any], pointer: str) -> None:
        if "additionalProperties" in schema or "unevaluatedProperties" in schema:
            return
        if not self._shapes.shape(pointer).closes:
            return
        if not COMPOSING.isdisjoint(schema):
            result["unevaluatedProperties"] = False
            return
        # A required name is a documented one, and jsonschema-rs misses a property that is required and not allowed.
        wanted = dict.fromkeys(result.get("required", ()), True)
        result["properties"] = {**wanted, **result.get("properties", {})}
        result["additionalProperties"] = False
