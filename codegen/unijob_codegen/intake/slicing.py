"""Cuts a document down to some operations and all that they refer to, without the vendor's prose."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import attrs

from unijob_codegen.documents import METHODS
from unijob_codegen.intake.selection import Selected, parameters, select
from unijob_codegen.intake.structure import SECTIONS, children, is_prose
from unijob_codegen.naming import pascal_case, unique
from unijob_codegen.pointers import escape, is_list, is_object, look_up, unescape

_KINDS = {section: kind for kind, section in SECTIONS.items()}
_OPERATION = ("operationId", "parameters", "requestBody", "responses", "deprecated", "security", "servers")
_COMPONENT_DEPTH = 2


@attrs.frozen(kw_only=True)
class Slice:
    """A document of some operations."""

    content: dict[str, Any]
    operations: tuple[str, ...]
    missing: tuple[str, ...]
    """What the list asked for and the document does not have."""


def cut(
    content: dict[str, Any],
    operations: tuple[str, ...],
    *,
    shown: str,
    allow_missing: bool = False,
    keep_prose: bool = False,
) -> Slice:
    """Cut a document down.

    References to anything but a component get a component of their own. One that leads nowhere stays as it is: it is
    for the search for defects to list, and for a repair to mend.

    Args:
        content: the document; it is not changed.
        operations: ids and patterns of ids.
        shown: the document's name, for messages.
        allow_missing: whether an operation that is not there is left out.
        keep_prose: whether descriptions stay: those of a slice that was mended are this project's own.

    Raises:
        CodegenError: names the operations that are not there.
    """
    found, missing = select(content, operations, shown=shown, allow_missing=allow_missing)
    copier = _Copier(content, keep_prose=keep_prose)
    paths: dict[str, dict[str, Any]] = {}
    for one in found:
        paths.setdefault(one.path, {})[one.method] = copier.operation(one)
    order = {method: position for position, method in enumerate(METHODS)}
    whole: dict[str, Any] = {"openapi": content["openapi"], "info": _info(content)}
    if content.get("servers"):
        whole["servers"] = [_server(server) for server in content["servers"]]
    if "security" in content:
        whole["security"] = copy.deepcopy(content["security"])
    whole["paths"] = {
        path: {method: item[method] for method in sorted(item, key=order.__getitem__)} for path, item in paths.items()
    }
    components = copier.components(whole)
    if components:
        whole["components"] = components
    return Slice(content=whole, operations=tuple(one.id for one in found), missing=tuple(missing))


def _info(content: dict[str, Any]) -> dict[str, Any]:
    info = content.get("info")
    version = info.get("version") if is_object(info) else None
    return {"title": "", "version": str(version or "")}


def _server(server: Any) -> Any:
    if not is_object(server):
        return server
    kept = {key: copy.deepcopy(server[key]) for key in ("url", "variables") if key in server}
    for variable in kept.get("variables", {}).values():
        variable.pop("description", None)
    return kept


class _Copier:
    def __init__(self, content: dict[str, Any], *, keep_prose: bool) -> None:
        self._content = content
        self._keep_prose = keep_prose
        self._wanted: deque[tuple[str, str, Any]] = deque()
        self._components: dict[str, dict[str, Any]] = {}
        self._moved: dict[tuple[str, str], str] = {}

    def operation(self, one: Selected) -> dict[str, Any]:
        """Copy an operation, its path's parameters and servers in it."""
        whole = {"operationId": one.id, **one.operation}
        if found := parameters(self._content, one):
            whole["parameters"] = found
        if "servers" in one.item:
            whole.setdefault("servers", one.item["servers"])
        if "servers" in whole:
            whole["servers"] = [_server(server) for server in whole["servers"]]
        keys = (*_OPERATION, "summary", "description") if self._keep_prose else _OPERATION
        kept = {key: value for key, value in whole.items() if key in keys or key.startswith("x-unijob-")}
        copied: dict[str, Any] = self.copy("operation", kept)
        return copied

    def components(self, document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Copy what was referred to, and what that refers to."""
        self._security(document)
        while self._wanted:
            section, name, node = self._wanted.popleft()
            self._components[section][name] = self.copy(_KINDS[section], node)
        return {section: self._components[section] for section in _KINDS if self._components.get(section)}

    def copy(self, kind: str, node: Any) -> Any:
        """Copy an object, and note what it refers to."""
        if not is_object(node):
            return copy.deepcopy(node)
        ref = node.get("$ref")
        if isinstance(ref, str) and (kind != "schema" or str(self._content["openapi"]).startswith("3.0.")):
            return {"$ref": self._reference(kind, ref)}
        inside = {segments: self.copy(child_kind, child) for segments, child_kind, child in children(kind, node)}
        copied = {
            key: self._value(key, value, inside) for key, value in node.items() if not self._is_dropped(kind, key)
        }
        if kind == "response" and not self._keep_prose:
            copied = {"description": "", **copied}
        if isinstance(ref, str):
            copied["$ref"] = self._reference(kind, ref)
        if "discriminator" in copied:
            self._discriminator(copied["discriminator"])
        return copied

    def _is_dropped(self, kind: str, key: str) -> bool:
        return (not self._keep_prose and is_prose(key)) or (kind == "response" and key == "links")

    def _value(self, key: str, value: Any, inside: Mapping[tuple[str, ...], Any]) -> Any:
        if (key,) in inside:
            return inside[key,]
        if is_object(value):
            mapped = {name: inside[key, name] for name in value if (key, name) in inside}
            if mapped:
                return mapped
        if is_list(value):
            listed = [inside[key, str(index)] for index in range(len(value)) if (key, str(index)) in inside]
            if listed:
                return listed
        return copy.deepcopy(value)

    def _reference(self, kind: str, ref: str) -> str:
        segments = [unescape(segment) for segment in unquote(ref).removeprefix("#").split("/")[1:]]
        try:
            target = look_up(self._content, ref) if ref.startswith("#/") else None
        except (LookupError, TypeError):
            return ref
        if target is None or kind not in SECTIONS:
            return ref
        section = SECTIONS[kind]
        if segments[:-1] == ["components", section]:
            return self._want(section, segments[-1], target)
        if (section, ref) not in self._moved:
            named = [pascal_case(segment) for segment in segments if segment.isidentifier()]
            taken = {*(self._content.get("components", {}).get(section) or ()), *self._components.get(section, ())}
            self._moved[section, ref] = unique("".join(named[-_COMPONENT_DEPTH:]) or "Moved", taken)
        return self._want(section, self._moved[section, ref], target)

    def _want(self, section: str, name: str, target: Any) -> str:
        named = self._components.setdefault(section, {})
        if name not in named:
            named[name] = None
            self._wanted.append((section, name, target))
        return f"#/components/{section}/{escape(name)}"

    def _discriminator(self, discriminator: Any) -> None:
        mapping = discriminator.get("mapping") if is_object(discriminator) else None
        if not is_object(mapping):
            return
        for value, ref in mapping.items():
            full = ref if "/" in str(ref) else f"#/components/schemas/{ref}"
            mapping[value] = self._reference("schema", str(full))

    def _security(self, document: Mapping[str, Any]) -> None:
        schemes: dict[str, Any] = self._content.get("components", {}).get("securitySchemes") or {}
        requirements = [*(document.get("security") or ())]
        for item in document["paths"].values():
            for operation in item.values():
                requirements += operation.get("security") or ()
        for name in dict.fromkeys(name for requirement in requirements for name in requirement):
            if name in schemes:
                self._want("securitySchemes", name, schemes[name])
