"""Takes a schema apart into plain alternatives.

OpenAPI 3.0 and 3.1 have many ways to say what one model has to hold: `nullable`, lists of types, `allOf`, `oneOf`
beside `properties`. Here each becomes a list of `Variant`s without any of these: a value fits if it fits one of them.
What only validates (ranges, patterns, formats, `not`, `if`) is left to the validators.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import attrs

from unijob_codegen.pointers import is_list, look_up

Schema = Mapping[str, Any] | bool

MOST_ALTERNATIVES = 64
"""More than this is read as anything: no class for each is worth having."""

_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_STRUCTURE = frozenset(
    {"$ref", "type", "enum", "const", "properties", "required", "additionalProperties", "items", "prefixItems"}
    | {"allOf", "oneOf", "anyOf", "nullable"}
)


def _unfrozen(value: Any) -> Any:
    return json.dumps(value, sort_keys=True)


@attrs.frozen(kw_only=True)
class Variant:
    """One plain alternative: a reference, or a type with what belongs to it."""

    ref: str | None = None
    type: str | None = None
    """A JSON Schema type, or None for any value."""
    properties: Mapping[str, Schema] = attrs.field(factory=dict[str, Schema], eq=_unfrozen)
    required: frozenset[str] = frozenset()
    additional: Schema = attrs.field(default=True, eq=_unfrozen)
    items: tuple[Schema, ...] = attrs.field(default=(True,), eq=_unfrozen)
    """What its items may be, one of these."""
    values: tuple[Any, ...] | None = None
    """The only values that it has."""
    doc: str = attrs.field(default="", eq=False)

    @property
    def is_anything(self) -> bool:
        """Whether it says nothing."""
        return self.ref is None and self.type is None and not self.required

    @property
    def is_null(self) -> bool:
        """Whether null is all that it has."""
        return self.type == "null"

    @property
    def is_string_enum(self) -> bool:
        """Whether it has several strings and nothing else."""
        return self.type == "string" and self.values is not None and len(self.values) > 0

    @property
    def is_bare(self) -> bool:
        """Whether it says no more than its type."""
        return self == Variant(type=self.type)

    @property
    def is_class(self) -> bool:
        """Whether it is an object with named properties."""
        return self.type == "object" and bool(self.properties)


NULL = Variant(type="null")
ANYTHING = Variant()


class Dialect:
    """Reads the schemas of one document.

    Args:
        content: the document.
        nullable: whether `nullable` means something: in OpenAPI 3.0.
    """

    def __init__(self, content: Mapping[str, Any], *, nullable: bool) -> None:
        self._content = content
        self._nullable = nullable

    def variants(self, schema: Schema) -> list[Variant]:
        """Take a schema apart; an empty list for one that nothing fits."""
        return self._variants(schema, frozenset())

    def target(self, ref: str) -> Schema:
        """Find the schema that a reference leads to."""
        found: Schema = look_up(self._content, ref)
        return found

    def _variants(self, schema: Schema, expanding: frozenset[str]) -> list[Variant]:
        if isinstance(schema, bool):
            return [ANYTHING] if schema else []
        parts = [[Variant(ref=schema["$ref"])]] if "$ref" in schema else []
        own = self._own(schema)
        if own != [ANYTHING]:
            parts.append(own)
        parts += [self._variants(member, expanding) for member in schema.get("allOf", ())]
        for keyword in ("oneOf", "anyOf"):
            if schema.get(keyword):
                parts.append(self._alternatives(schema[keyword], expanding))
        merged = self._conjunction(parts, expanding)
        if self._nullable and schema.get("nullable") is True and NULL not in merged and ANYTHING not in merged:
            merged.append(NULL)
        return merged

    def _alternatives(self, members: Iterable[Schema], expanding: frozenset[str]) -> list[Variant]:
        found = [variant for member in members for variant in self._variants(member, expanding)]
        # An alternative that only requires properties says nothing about shapes.
        return _one_enum(
            _without_repeats(
                attrs.evolve(variant, required=frozenset()) if variant.type is None else variant for variant in found
            )
        )

    def _own(self, schema: Mapping[str, Any]) -> list[Variant]:
        values = _values(schema)
        types = _types(schema, values)
        if types is None:
            return [Variant(required=frozenset(schema.get("required", ())))]
        found: list[Variant] = []
        for type_ in types:
            of_type = None if values is None else tuple(v for v in values if _has_type(v, type_))
            if of_type != ():
                found.append(_variant(schema, type_, of_type))
        return found

    def _conjunction(self, parts: list[list[Variant]], expanding: frozenset[str]) -> list[Variant]:
        parts = [part for part in parts if part != [ANYTHING]]
        if not parts:
            return [ANYTHING]
        merged = parts[0]
        for part in parts[1:]:
            if len(merged) * len(part) > MOST_ALTERNATIVES:
                return [ANYTHING]
            pairs = product(merged, part)
            merged = _without_repeats(both for a, b in pairs for both in self._both(a, b, expanding))
        return merged

    def _both(self, a: Variant, b: Variant, expanding: frozenset[str]) -> list[Variant]:
        if a == b or b.is_anything:
            return [a]
        if a.is_anything:
            return [b]
        if a.ref is not None:
            return self._with_reference(a.ref, b, expanding)
        if b.ref is not None:
            return self._with_reference(b.ref, a, expanding)
        merged = _merge(a, b)
        return [] if merged is None else [merged]

    def _with_reference(self, ref: str, other: Variant, expanding: frozenset[str]) -> list[Variant]:
        if ref in expanding:
            return [ANYTHING]
        expanding |= {ref}
        inner = self._variants(self.target(ref), expanding)
        if other.is_bare and all(variant.type == other.type for variant in inner):
            return [Variant(ref=ref)]
        return _without_repeats(both for variant in inner for both in self._both(variant, other, expanding))


def is_structural(schema: Schema) -> bool:
    """Whether a schema says anything about the shape of a value."""
    return not isinstance(schema, bool) and not _STRUCTURE.isdisjoint(schema)


def doc_of(schema: Schema) -> str:
    """Give what a schema says of itself, as one line."""
    if isinstance(schema, bool):
        return ""
    return " ".join(str(schema.get("description") or schema.get("summary") or "").split())


def _without_repeats(variants: Iterable[Variant]) -> list[Variant]:
    found: list[Variant] = []
    for variant in variants:
        if variant not in found:
            found.append(variant)
    return [ANYTHING] if ANYTHING in found else found


def _one_enum(variants: list[Variant]) -> list[Variant]:
    """Take alternatives that are strings of their own (`oneOf` of constants) for one enum of them all."""
    enums = [variant for variant in variants if variant.is_string_enum]
    if len(enums) < 2:  # noqa: PLR2004 - nothing to join
        return variants
    values = dict.fromkeys(value for variant in enums for value in variant.values or ())
    joined = Variant(type="string", values=tuple(values))
    return [joined if variant is enums[0] else variant for variant in variants if variant not in enums[1:]]


def _values(schema: Mapping[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return list(values) if is_list(values) else None


def _types(schema: Mapping[str, Any], values: list[Any] | None) -> list[str] | None:
    declared = schema.get("type")
    if declared is not None:
        return [declared] if isinstance(declared, str) else list(declared)
    if values is not None:
        return [type_ for type_ in _TYPES if type_ != "number" and any(_has_type(v, type_) for v in values)]
    if "properties" in schema or "additionalProperties" in schema:
        return ["object"]
    if "items" in schema or "prefixItems" in schema:
        return ["array"]
    return None


def _has_type(value: Any, type_: str) -> bool:
    if isinstance(value, bool):
        return type_ == "boolean"
    known: dict[str, type | tuple[type, ...]] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "null": type(None),
    }
    return type_ in known and isinstance(value, known[type_])


def _variant(schema: Mapping[str, Any], type_: str, values: tuple[Any, ...] | None) -> Variant:
    if type_ == "null":
        return NULL
    if type_ == "object":
        return Variant(
            type=type_,
            properties=schema.get("properties", {}),
            required=frozenset(schema.get("required", ())),
            additional=schema.get("additionalProperties", True),
            doc=doc_of(schema),
        )
    if type_ == "array":
        return Variant(type=type_, items=(*schema.get("prefixItems", ()), schema.get("items", True)))
    return Variant(type=type_, values=values, doc=doc_of(schema))


def _merge(a: Variant, b: Variant) -> Variant | None:
    if a.type is None or b.type is None:
        typed, other = (b, a) if a.type is None else (a, b)
        return attrs.evolve(typed, required=typed.required | other.required)
    if {a.type, b.type} == {"integer", "number"}:
        return attrs.evolve(a if a.type == "integer" else b)
    if a.type != b.type:
        return None
    return Variant(
        type=a.type,
        properties=_merge_properties(a.properties, b.properties),
        required=a.required | b.required,
        additional=b.additional if a.additional is True else a.additional,
        items=b.items if a.items == (True,) else a.items,
        values=_merge_values(a.values, b.values),
    )


def _merge_values(a: tuple[Any, ...] | None, b: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if a is None or b is None:
        return b if a is None else a
    return tuple(value for value in a if value in b)


def _merge_properties(a: Mapping[str, Schema], b: Mapping[str, Schema]) -> Mapping[str, Schema]:
    merged = dict(a)
    for name, schema in b.items():
        both = name in a and is_structural(a[name]) and a[name] != schema
        if not both:
            merged[name] = a[name] if name in a and not is_structural(schema) else schema
        else:
            merged[name] = {"allOf": [a[name], schema]}
    return merged
