"""Turns the schemas of a document into a small document of named classes, enums and aliases.

datamodel-code-generator gets this document, in which nothing is left to guess: each shape that becomes a class has its
name, each reference to an enum is open, null is an alternative, and no default or constraint stands anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

import attrs

from unijob_codegen import naming
from unijob_codegen.documents import Document
from unijob_codegen.pointers import escape
from unijob_codegen.variants import ANYTHING, NULL, Dialect, Schema, Variant, doc_of

PREFIX = "#/components/schemas/"


@attrs.frozen(kw_only=True)
class Property:
    """A property of a class."""

    json: str
    name: str
    required: bool
    doc: str = ""


@attrs.define(kw_only=True)
class Model:
    """A name of a generated module: a class, an enum or an alias."""

    name: str
    """Its Python name."""
    schema: dict[str, Any]
    """What datamodel-code-generator reads."""
    doc: str = ""
    properties: tuple[Property, ...] = ()
    members: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """An enum's values by member name."""


@attrs.frozen
class _Target:
    """What a reference leads to."""

    name: str
    variants: list[Variant]


class Lowering:
    """Lowers the components of a document, and further schemas by request."""

    def __init__(self, document: Document) -> None:
        components: dict[str, Schema] = document.content.get("components", {}).get("schemas", {})
        self._dialect = Dialect(document.content, nullable=document.is_openapi_30)
        self._names = naming.class_names(components)
        self._taken = set(self._names.values())
        self._targets = {
            PREFIX + escape(name): _Target(self._names[name], self._dialect.variants(schema))
            for name, schema in components.items()
        }
        self.models: dict[str, Model] = {}
        """By Python name."""
        for target, schema in zip(list(self._targets.values()), components.values(), strict=True):
            self._component(target.name, target.variants, schema)

    @property
    def component_names(self) -> tuple[str, ...]:
        """The Python names of the document's own components, sorted."""
        return tuple(sorted(self._names.values()))

    def named(self, schema: Schema, wanted: str) -> str | None:
        """Give the name of a model for a schema: its component's, or a new one; None for a schema that says nothing.

        Args:
            schema: a schema of the document, outside of its components.
            wanted: the name of a new model.
        """
        variants = self._dialect.variants(schema)
        if variants in ([ANYTHING], []):
            return None
        if len(variants) == 1 and variants[0].ref is not None:
            lowered = self._expression(variants, "")
            if "$ref" in lowered:
                return str(lowered["$ref"]).removeprefix(PREFIX)
        name = self._free(wanted)
        self._component(name, variants, schema)
        return name

    def document(self) -> dict[str, Any]:
        """Give the lowered document, sorted by name."""
        self._break_alias_cycles()
        schemas = {name: self.models[name].schema for name in sorted(self.models)}
        return {
            "openapi": "3.1.0",
            "info": {"title": "models", "version": "1"},
            "paths": {},
            "components": {"schemas": schemas},
        }

    def _free(self, wanted: str) -> str:
        name = naming.unique(naming.class_name(wanted), self._taken)
        self._taken.add(name)
        return name

    def _component(self, name: str, variants: list[Variant], schema: Schema) -> None:
        doc = doc_of(schema)
        kept = _without_null(variants)
        if len(kept) == 1 and kept[0].is_string_enum:
            self._enum(name, kept[0], doc)
        elif len(kept) == 1 and kept[0].is_class:
            self._class(name, kept[0], doc)
        else:
            self.models[name] = Model(name=name, schema=self._expression(variants, name), doc=doc)

    def _enum(self, name: str, variant: Variant, doc: str) -> None:
        values = [str(value) for value in variant.values or ()]
        members = {member: value for value, member in naming.member_names(values).items()}
        self.models[name] = Model(name=name, schema={"type": "string", "enum": values}, doc=doc, members=members)

    def _class(self, name: str, variant: Variant, doc: str) -> None:
        model = Model(name=name, schema={"type": "object"}, doc=doc)
        self.models[name] = model
        names = naming.field_names(variant.properties, self._taken)
        model.properties = tuple(
            Property(json=json, name=names[json], required=json in variant.required, doc=doc_of(schema))
            for json, schema in variant.properties.items()
        )
        model.schema["required"] = [json for json in variant.properties if json in variant.required]
        model.schema["properties"] = {
            json: self._lower(schema, name + naming.pascal_case(json)) for json, schema in variant.properties.items()
        }

    def _lower(self, schema: Schema, wanted: str) -> dict[str, Any]:
        return self._expression(self._dialect.variants(schema), wanted)

    def _expression(self, variants: list[Variant], wanted: str) -> dict[str, Any]:
        classes = sum(1 for variant in variants if variant.is_class or variant.is_string_enum)
        members: list[dict[str, Any]] = []
        for variant in variants:
            number = str(len(members) + 1) if classes > 1 else ""
            members += [member for member in self._members(variant, wanted + number) if member not in members]
        if not members or {} in members:
            return {}
        if len(members) == 1:
            return members[0]
        if all("const" in member or member == {"type": "null"} for member in members):
            # datamodel-code-generator makes an enum of its own of an anyOf that has constants alone.
            members = [self._constant(member, wanted) for member in members]
        return {"anyOf": members}

    def _constant(self, schema: dict[str, Any], wanted: str) -> dict[str, Any]:
        if "const" not in schema:
            return schema
        name = self._free(f"{wanted}Constant")
        self.models[name] = Model(name=name, schema=schema)
        return {"$ref": PREFIX + name}

    def _members(self, variant: Variant, wanted: str) -> Iterable[dict[str, Any]]:
        if variant.ref is not None:
            yield from self._reference(variant.ref, wanted)
        elif variant.is_string_enum:
            yield from self._inline_enum(variant, wanted)
        elif variant.is_class:
            name = self._free(wanted)
            self._class(name, variant, variant.doc)
            yield {"$ref": PREFIX + name}
        elif variant.type == "object":
            values = self._lower(variant.additional, wanted + "Value")
            yield {"type": "object", "additionalProperties": values}
        elif variant.type == "array":
            yield {"type": "array", "items": self._items(variant, wanted + "Item")}
        elif variant.values is not None and len(variant.values) == 1 and variant.type in {"boolean", "integer"}:
            yield {"const": variant.values[0]}
        else:
            yield {} if variant.type is None else {"type": variant.type}

    def _items(self, variant: Variant, wanted: str) -> dict[str, Any]:
        kinds = [kind for kind in variant.items if kind is not False]
        return self._lower({"anyOf": kinds} if len(kinds) > 1 else kinds[0] if kinds else True, wanted)

    def _inline_enum(self, variant: Variant, wanted: str) -> Iterable[dict[str, Any]]:
        if variant.values is not None and len(variant.values) == 1:
            yield {"const": variant.values[0]}
            return
        name = self._free(wanted)
        self._enum(name, variant, variant.doc)
        yield {"$ref": PREFIX + name}
        yield {"type": "string"}

    def _reference(self, ref: str, wanted: str) -> Iterable[dict[str, Any]]:
        target = self._targets.get(unquote(ref)) or self._elsewhere(ref, wanted)
        yield {"$ref": PREFIX + target.name}
        kept = _without_null(target.variants)
        if len(kept) == 1 and kept[0].is_string_enum:
            yield {"type": "string"}
        if len(kept) == 1 and (kept[0].is_string_enum or kept[0].is_class) and NULL in target.variants:
            yield {"type": "null"}

    def _elsewhere(self, ref: str, wanted: str) -> _Target:
        """Name a schema that is no component: one inside another, or one that stands under a path."""
        schema = self._dialect.target(ref)
        target = _Target(self._free(wanted), self._dialect.variants(schema))
        self._targets[unquote(ref)] = target
        self._component(target.name, target.variants, schema)
        return target

    def _break_alias_cycles(self) -> None:
        """Let an alias that leads back to itself through aliases alone hold anything there: Python cannot write it."""
        done: set[str] = set()
        for name in sorted(self.models):
            self._visit(name, (), done)

    def _visit(self, name: str, path: tuple[str, ...], done: set[str]) -> None:
        model = self.models[name]
        if name in done or model.properties or model.members:
            return
        model.schema = self._cut(model.schema, (*path, name), done)
        done.add(name)

    def _cut(self, schema: dict[str, Any], path: tuple[str, ...], done: set[str]) -> dict[str, Any]:
        if "$ref" in schema:
            target = schema["$ref"].removeprefix(PREFIX)
            if target in path:
                return {}
            self._visit(target, path, done)
            return schema
        cut = dict(schema)
        for key in ("items", "additionalProperties"):
            if key in cut:
                cut[key] = self._cut(cut[key], path, done)
        if "anyOf" in cut:
            cut["anyOf"] = [self._cut(member, path, done) for member in cut["anyOf"]]
            if {} in cut["anyOf"]:
                return {}
        return cut


def _without_null(variants: list[Variant]) -> list[Variant]:
    return [variant for variant in variants if not variant.is_null]
