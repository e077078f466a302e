"""Writes the schemas of a slice anew, those with a name as components."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from unijob_codegen.intake.declared import Names
from unijob_codegen.intake.shapes import Shapes, is_enum, is_mergeable
from unijob_codegen.intake.structure import children, is_reference
from unijob_codegen.naming import pascal_case
from unijob_codegen.pointers import escape, is_list, is_object, unescape

PREFIX = "#/components/schemas/"
_SUFFIXES = {
    **dict.fromkeys(("items", "prefixItems", "contains", "unevaluatedItems"), "Item"),
    **dict.fromkeys(("additionalProperties", "patternProperties", "unevaluatedProperties"), "Value"),
}


class Emission:
    """The new components of a document.

    Args:
        content: a slice without defects.
        shapes: its shapes.
        names: the names of its schemas.
    """

    def __init__(self, content: dict[str, Any], shapes: Shapes, names: Names) -> None:
        self._upstream: dict[str, Any] = content.get("components", {}).get("schemas", {})
        self._shapes = shapes
        self._names = names
        self._is_30 = str(content["openapi"]).startswith("3.0.")
        self.schemas: dict[str, Any] = {}
        """By name, in the order in which they are first needed."""

    def schema(self, node: Any, wanted: str, *, force: bool = False) -> Any:
        """Write a schema: a reference where it has a name, else itself.

        Args:
            node: the schema as upstream has it.
            wanted: the name that it gets if it needs one and nothing else gives it one.
            force: whether it needs a name whatever it is.
        """
        node = self._shapes.target(node)
        if not is_object(node):
            return node
        if "$ref" in node:
            target = self.schema({"$ref": node["$ref"]}, wanted, force=True)
            return {**target, **{key: copy.deepcopy(value) for key, value in node.items() if key != "$ref"}}
        single = _single(node)
        name = self._names.of(node, wanted, force=force and single is None)
        if name is None:
            return self._body(node, wanted, force=force)
        if name not in self.schemas:
            self.schemas[name] = None
            self.schemas[name] = self._body(self._shapes.canonical(node), name, force=False)
        return {"$ref": PREFIX + escape(name)}

    def _body(self, node: dict[str, Any], wanted: str, *, force: bool) -> dict[str, Any]:
        written: dict[tuple[str, ...], Any] = {}
        numbered = _numbered(node)
        for segments, _, child in children("schema", node):
            number = str(int(segments[-1]) + 1) if segments[0] in numbered else ""
            if segments[0] == "allOf" and not is_reference(child) and is_object(child):
                written[segments] = self._body(child, wanted, force=False)
            else:
                written[segments] = self.schema(child, wanted + _suffix(segments) + number, force=force)
        body = {key: _value(key, value, written) for key, value in node.items()}
        if is_object(body.get("discriminator")):
            self._discriminator(body, node)
        return _flat(body, beside=not self._is_30)

    def _discriminator(self, body: dict[str, Any], node: dict[str, Any]) -> None:
        """Point a discriminator at the new names, and write down what upstream's own names implied."""
        mapping: dict[str, str] = dict(body["discriminator"].get("mapping", {}))
        for keyword in ("oneOf", "anyOf"):
            for raw, new in zip(node.get(keyword, ()), body.get(keyword, ()), strict=True):
                ref = raw.get("$ref") if is_object(raw) else None
                if isinstance(ref, str) and ref not in mapping.values() and ref != new.get("$ref"):
                    mapping[unescape(ref.removeprefix(PREFIX))] = ref
        for value, ref in mapping.items():
            name = unescape(ref.removeprefix(PREFIX))
            if ref.startswith(PREFIX) and name in self._upstream:
                mapping[value] = self.schema(self._upstream[name], name, force=True).get("$ref", ref)
        if mapping:
            body["discriminator"] = {**body["discriminator"], "mapping": mapping}


def _suffix(segments: tuple[str, ...]) -> str:
    if segments[0] == "properties":
        return pascal_case(segments[1])
    return _SUFFIXES.get(segments[0], "")


def _numbered(node: Mapping[str, Any]) -> frozenset[str]:
    """The keywords of alternatives of which several need a name."""
    return frozenset(
        keyword
        for keyword in ("anyOf", "oneOf")
        if sum(is_object(member) and (is_mergeable(member) or is_enum(member)) for member in node.get(keyword, ())) > 1
    )


def _value(key: str, value: Any, written: Mapping[tuple[str, ...], Any]) -> Any:
    if (key,) in written:
        return written[key,]
    if is_object(value) and any((key, name) in written for name in value):
        return {name: written.get((key, name), item) for name, item in value.items()}
    if is_list(value) and (key, "0") in written:
        return [written[key, str(index)] for index in range(len(value))]
    return copy.deepcopy(value)


def _single(node: Mapping[str, Any]) -> Any:
    """The only alternative of a schema that says nothing about its shape itself."""
    for keyword in ("anyOf", "oneOf", "allOf"):
        members = node.get(keyword)
        if is_list(members) and len(members) == 1 and not {"type", "properties", "enum"} & node.keys():
            return members[0]
    return None


def _flat(body: dict[str, Any], *, beside: bool) -> dict[str, Any]:
    """Write an only alternative that is a reference as that reference, where nothing may stand beside one in 3.0."""
    single = _single(body)
    others = {key: value for key, value in body.items() if key not in {"anyOf", "oneOf", "allOf"}}
    if is_reference(single) and len(body) == len(others) + 1 and (beside or not others):
        return {**single, **others}
    return body
