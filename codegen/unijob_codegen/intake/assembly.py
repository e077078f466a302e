"""Assembles a revision's document from a slice: operations in the sources' order, components under their names."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import attrs

from unijob_codegen.documents import METHODS
from unijob_codegen.intake.declared import Names
from unijob_codegen.intake.emission import Emission
from unijob_codegen.intake.settings import SECTIONS
from unijob_codegen.intake.shapes import Shapes
from unijob_codegen.intake.sharing import Sharing
from unijob_codegen.intake.structure import follow
from unijob_codegen.naming import pascal_case
from unijob_codegen.operations import is_json
from unijob_codegen.pointers import is_object, unescape


@attrs.frozen(kw_only=True)
class Assembled:
    """A revision's document, and the addresses of declared names that lead nowhere in it."""

    content: dict[str, Any]
    unused: tuple[str, ...]


def assemble(
    content: dict[str, Any],
    *,
    info: Mapping[str, Any],
    names: Mapping[str, str],
    shared: Mapping[str, Mapping[str, str]],
) -> Assembled:
    """Assemble a document.

    Args:
        content: a normalised slice without defects.
        info: its `info`.
        names: the names that schemas get, by address.
        shared: the names that other components get, by section and address.

    Raises:
        CodegenError: the declared names do not fit.
    """
    return _Assembly(content, names, shared).document(info)


class _Assembly:
    def __init__(
        self, content: dict[str, Any], names: Mapping[str, str], shared: Mapping[str, Mapping[str, str]]
    ) -> None:
        self._content = content
        shapes = Shapes(content)
        self._names = Names(content, shapes, names)
        self._emission = Emission(content, shapes, self._names)
        self._shared = {section: Sharing(section, shared.get(section, {})) for section in SECTIONS[:-1]}
        self._schemes = shared.get("securitySchemes", {})

    def document(self, info: Mapping[str, Any]) -> Assembled:
        """Write the document."""
        content = self._content
        document: dict[str, Any] = {"openapi": content["openapi"], "info": dict(info)}
        if "servers" in content:
            document["servers"] = content["servers"]
        if "security" in content:
            document["security"] = self._security(content["security"])
        document["paths"] = {
            path: {method: self._operation(item[method]) for method in METHODS if method in item}
            for path, item in content["paths"].items()
        }
        document["components"] = self._components()
        unused = [*self._names.unused, *(one for sharing in self._shared.values() for one in sharing.unused)]
        return Assembled(content=document, unused=tuple(unused))

    def _components(self) -> dict[str, Any]:
        schemes: dict[str, Any] = self._content.get("components", {}).get("securitySchemes", {})
        # Headers first: whether two responses are one depends on them.
        headers = self._shared["headers"].components()
        written = {
            "securitySchemes": {self._schemes.get(name, name): scheme for name, scheme in schemes.items()},
            "parameters": self._shared["parameters"].components(),
            "headers": headers,
            "requestBodies": self._shared["requestBodies"].components(),
            "responses": self._shared["responses"].components(),
            "schemas": self._emission.schemas,
        }
        return {section: components for section, components in written.items() if components}

    def _operation(self, operation: dict[str, Any]) -> dict[str, Any]:
        written = copy.deepcopy(
            {key: value for key, value in operation.items() if key not in {"parameters", "requestBody", "responses"}}
        )
        id_ = str(operation["operationId"])
        if "security" in written:
            written["security"] = self._security(written["security"])
        if operation.get("parameters"):
            written["parameters"] = [self._parameter(id_, parameter) for parameter in operation["parameters"]]
        if "requestBody" in operation:
            written["requestBody"] = self._body(id_, operation["requestBody"])
        success = next((status for status in operation["responses"] if status.startswith("2")), None)
        written["responses"] = {
            status: self._response(id_, status, response, is_main=status == success)
            for status, response in sorted(operation["responses"].items(), key=lambda entry: entry[0].zfill(9))
            if not status.startswith("x-")
        }
        return written

    def _security(self, requirements: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{self._schemes.get(name, name): scopes for name, scopes in one.items()} for one in requirements]

    def _parameter(self, id_: str, raw: dict[str, Any]) -> dict[str, Any]:
        found = follow(self._content, raw)
        name = pascal_case(str(found["name"]))
        written = self._with_schemas(found, f"{name}Parameter", force=False)
        address = f"{id_} {found['in']} {found['name']}"
        return self._shared["parameters"].add(address, written, upstream=_component(raw), wanted=name)

    def _body(self, id_: str, raw: dict[str, Any]) -> dict[str, Any]:
        name = pascal_case(id_)
        written = self._with_schemas(follow(self._content, raw), f"{name}Request", force=True)
        sharing = self._shared["requestBodies"]
        return sharing.add(f"{id_} request", written, upstream=_component(raw), wanted=f"{name}Body")

    def _response(self, id_: str, status: str, raw: dict[str, Any], *, is_main: bool) -> dict[str, Any]:
        found = follow(self._content, raw)
        name = f"{pascal_case(id_)}Response{'' if is_main else status[:1].upper() + status[1:]}"
        written = self._with_schemas(found, name, force=True)
        if not written.get("description"):
            written["description"] = phrase(status)
        if is_object(found.get("headers")):
            written["headers"] = {
                header: self._header(f"{id_} {status} {header}", header, part)
                for header, part in found["headers"].items()
            }
        wanted = "".join(word.capitalize() for word in phrase(status).split())
        address = f"{id_} {status}"
        return self._shared["responses"].add(
            address, written, upstream=_component(raw), wanted=wanted, once=status.startswith("2")
        )

    def _header(self, address: str, name: str, raw: dict[str, Any]) -> dict[str, Any]:
        written = self._with_schemas(follow(self._content, raw), f"{pascal_case(name)}Header", force=False)
        return self._shared["headers"].add(address, written, upstream=_component(raw), wanted=pascal_case(name))

    def _with_schemas(self, part: dict[str, Any], wanted: str, *, force: bool) -> dict[str, Any]:
        written = copy.deepcopy({key: value for key, value in part.items() if key not in {"schema", "content"}})
        if "schema" in part:
            written["schema"] = self._emission.schema(part["schema"], wanted, force=force)
        if "content" in part:
            written["content"] = {
                kind: self._media(kind, media, wanted, force=force) for kind, media in part["content"].items()
            }
        return written

    def _media(self, kind: str, media: dict[str, Any], wanted: str, *, force: bool) -> dict[str, Any]:
        written = {key: copy.deepcopy(value) for key, value in media.items() if key not in {"schema", "encoding"}}
        if media.get("schema"):
            written["schema"] = self._emission.schema(media["schema"], wanted, force=force and is_json(kind))
        if is_object(media.get("encoding")):
            written["encoding"] = {
                name: {key: value for key, value in one.items() if key != "headers"}
                for name, one in media["encoding"].items()
            }
        return written


def _component(raw: Mapping[str, Any]) -> str | None:
    """The name of the component that a part is, if it is one."""
    ref = raw.get("$ref")
    return unescape(str(ref).rsplit("/", 1)[-1]) if ref else None


def phrase(status: str) -> str:
    """Say what a status means, in HTTP's own words."""
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return "Any other answer" if status == "default" else f"Answers with {status}"
