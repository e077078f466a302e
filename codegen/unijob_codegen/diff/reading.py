"""Reads the schemas of one document into shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, floor
from typing import Any

from unijob_codegen.diff.narrowing import Bound, has_type, is_number
from unijob_codegen.diff.shapes import Node, Property, Shape, Stated, Sub, conjunction
from unijob_codegen.diff.tidying import tidied
from unijob_codegen.errors import CodegenError
from unijob_codegen.pointers import escape, is_list, is_object, look_up

_PROSE = frozenset({"title", "description", "summary", "example", "examples", "externalDocs", "xml", "$comment"})
_NOTES = ("default", "deprecated", "readOnly", "writeOnly")
_PLAIN = {
    "string": ("minLength", "maxLength", "pattern", "contentEncoding", "contentMediaType"),
    "array": ("minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems"),
    "object": (
        *("minProperties", "maxProperties", "patternProperties", "propertyNames"),
        *("dependentRequired", "dependentSchemas", "unevaluatedProperties"),
    ),
    "number": ("multipleOf",),
}
_ANY_TYPE = ("format", "not", "if", "then", "else")
_NOTHING = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False}
"""Values that say no more than the keyword's absence."""

TIME = "x-unijob-time"


class Reader:
    """Reads one document; a schema read once is kept.

    Args:
        content: the document; what is not of its form is passed over.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = tidied(content)
        self._found: dict[str, Any] = {}
        self._nodes: dict[Sub, Node] = {}

    def at(self, pointer: str) -> Any:
        """What stands at a pointer.

        Raises:
            CodegenError: nothing does: a reference leads nowhere.
        """
        if pointer not in self._found:
            try:
                self._found[pointer] = look_up(self.content, pointer)
            except (LookupError, ValueError):
                raise CodegenError(f"a reference leads to {pointer!r}, where nothing is") from None
        return self._found[pointer]

    def follow(self, pointer: str) -> str:
        """Follow references that say nothing more, to where a thing is written."""
        for last, _ in self._chain(pointer):
            pointer = last
        return pointer

    def notes(self, sub: Sub) -> dict[str, Stated]:
        """The default and the other notes of a schema, the outermost first where references lead to it."""
        found: dict[str, Stated] = {}
        for pointer in sub:
            for at, schema in self._chain(pointer):
                for name in _NOTES:
                    if name in schema:
                        found.setdefault(name, Stated(schema[name], at))
        return found

    def _chain(self, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        while True:
            schema = self.at(pointer)
            if not is_object(schema):
                yield pointer, {}
                return
            yield pointer, schema
            if not _is_reference(schema):
                return
            pointer = _target(schema)

    def node(self, sub: Sub) -> Node:
        """Read schemas that hold together."""
        sub = tuple(dict.fromkeys(self.follow(pointer) for pointer in sub))
        if sub not in self._nodes:
            at = sub[0] if sub else ""
            shapes = conjunction([self._shapes(pointer, frozenset()) for pointer in sub], at)
            null = next((shape.at for shape in shapes if shape.type == "null"), None)
            rest = tuple(shape for shape in shapes if shape.type != "null")
            self._nodes[sub] = Node(at=at, nullable=null, shapes=_without_integers_of_numbers(rest))
        return self._nodes[sub]

    def _shapes(self, pointer: str, expanding: frozenset[str]) -> list[Shape]:
        pointer = self.follow(pointer)
        schema = self.at(pointer)
        if not is_object(schema):
            return [] if schema is False else [Shape(at=pointer)]
        inside = expanding | {pointer}
        parts = [self._own(schema, pointer)]
        together = [f"{pointer}/allOf/{index}" for index in range(len(schema.get("allOf", ())))]
        if "$ref" in schema:
            together.append(_target(schema))
        parts += [self._shapes(part, inside) for part in together if self.follow(part) not in inside]
        for keyword in ("oneOf", "anyOf"):
            members = [f"{pointer}/{keyword}/{index}" for index in range(len(schema.get(keyword, ())))]
            members = [member for member in members if self.follow(member) not in inside]
            if members:
                parts.append([shape for member in members for shape in self._shapes(member, inside)])
        merged = conjunction(parts, pointer)
        if schema.get("nullable") is True and not any(s.type == "null" or s.is_anything for s in merged):
            merged.append(Shape(at=pointer, type="null"))
        return merged

    def _own(self, schema: Mapping[str, Any], pointer: str) -> list[Shape]:
        values = _values(schema)
        found: list[Shape] = []
        for type_ in _types(schema, values):
            facets = _facets(schema, type_, pointer) if type_ != "null" else {}
            if values is not None:
                fitting = tuple(value for value in values if type_ is None or has_type(value, type_))
                if not fitting:
                    continue
                if type_ != "null":
                    facets["enum"] = Stated(fitting, pointer)
            found.append(self._shape(schema, type_, pointer, facets))
        return found

    def _shape(self, schema: Mapping[str, Any], type_: str | None, pointer: str, facets: Mapping[str, Stated]) -> Shape:
        properties: dict[str, Property] = {}
        if type_ in {"object", None}:
            required = schema.get("required", ())
            named = schema.get("properties", {})
            for name in dict.fromkeys((*named, *required)):
                at = f"{pointer}/properties/{escape(name)}"
                sub = (at,) if name in named else ()
                properties[name] = Property(
                    at=at, schemas=sub, required=name in required, hidden_in=self._hidden_in(sub)
                )
        return Shape(
            at=pointer,
            type=type_,
            facets=facets,
            properties=properties,
            additional=_sub(schema, "additionalProperties", pointer) if type_ == "object" else (),
            items=_sub(schema, "items", pointer) if type_ == "array" else (),
            prefix=tuple((f"{pointer}/prefixItems/{index}",) for index in range(len(schema.get("prefixItems", ()))))
            if type_ == "array"
            else (),
        )

    def _hidden_in(self, sub: Sub) -> frozenset[str]:
        notes = self.notes(sub)
        flags = {"readOnly": "request", "writeOnly": "response"}
        return frozenset(where for flag, where in flags.items() if flag in notes and notes[flag].value is True)


def _sub(schema: Mapping[str, Any], keyword: str, pointer: str) -> Sub:
    return (f"{pointer}/{keyword}",) if schema.get(keyword, True) is not True else ()


def _is_reference(schema: Mapping[str, Any]) -> bool:
    return isinstance(schema.get("$ref"), str) and all(
        key == "$ref" or key in _PROSE or key in _NOTES or key.startswith("x-") for key in schema
    )


def _target(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"])


def _values(schema: Mapping[str, Any]) -> tuple[Any, ...] | None:
    if "const" in schema:
        return (schema["const"],)
    enum = schema.get("enum")
    return tuple(enum) if is_list(enum) else None


def _types(schema: Mapping[str, Any], values: tuple[Any, ...] | None) -> list[str | None]:
    declared = schema.get("type")
    if declared is not None:
        return list(declared) if is_list(declared) else [declared]
    if values is not None:
        return list(dict.fromkeys(_type_of(value) for value in values))
    if "properties" in schema or "additionalProperties" in schema:
        return ["object"]
    return ["array"] if "items" in schema or "prefixItems" in schema else [None]


def _type_of(value: Any) -> str:
    return next(
        name for name in ("null", "boolean", "string", "integer", "number", "array", "object") if has_type(value, name)
    )


def _facets(schema: Mapping[str, Any], type_: str | None, pointer: str) -> dict[str, Stated]:
    group = "number" if type_ == "integer" else type_
    names = [*_ANY_TYPE, *(name for key, own in _PLAIN.items() if group in {key, None} for name in own)]
    found = {
        name: without_prose(schema[name]) for name in names if name in schema and schema[name] != _NOTHING.get(name)
    }
    if group in {"number", None}:
        found |= _bounds(schema, whole=type_ == "integer")
    if isinstance(schema.get(TIME), str):
        found[TIME] = schema[TIME]
    return {name: Stated(value, pointer) for name, value in found.items()}


def _bounds(schema: Mapping[str, Any], *, whole: bool) -> dict[str, Bound]:
    found: dict[str, Bound] = {}
    for name in ("minimum", "maximum"):
        plain, exclusive = schema.get(name), schema.get(f"exclusive{name.capitalize()}")
        bounds = [Bound(plain, exclusive is True)] if is_number(plain) else []
        if is_number(exclusive):
            bounds.append(Bound(exclusive, excluded=True))
        if bounds:
            lower = name == "minimum"
            bound = max(bounds) if lower else min(bounds, key=lambda each: (each.value, not each.excluded))
            found[name] = _whole(bound, lower=lower) if whole else bound
    return found


def _whole(bound: Bound, *, lower: bool) -> Bound:
    """The same bound for integers, which it need not exclude."""
    if lower:
        return Bound(floor(bound.value) + 1 if bound.excluded else ceil(bound.value), excluded=False)
    return Bound(ceil(bound.value) - 1 if bound.excluded else floor(bound.value), excluded=False)


def without_prose(value: Any) -> Any:
    """A schema without what only people read, for comparing it as text."""
    if is_object(value):
        return {key: without_prose(item) for key, item in sorted(value.items()) if key not in _PROSE}
    return [without_prose(item) for item in value] if is_list(value) else value


def _without_integers_of_numbers(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    if not any(shape.type == "number" and not shape.facets for shape in shapes):
        return shapes
    return tuple(shape for shape in shapes if shape.type != "integer")
