"""Finds everything that is wrong with a slice, each thing with its JSON pointer."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from unijob_codegen.documents import operations
from unijob_codegen.intake.structure import children, follow, walk
from unijob_codegen.pointers import escape, is_list, is_object, look_up

_FORMATS = frozenset(
    {"int32", "int64", "uint32", "uint64", "float", "double", "byte", "binary", "password", "date-time", "date", "time"}
    | {"duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri"}
    | {"iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex"}
)
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_LONGEST = 160
_DEEPEST = 16


def find(content: dict[str, Any]) -> list[str]:
    """List the defects of a document: what has to be mended before anything is made of it.

    Args:
        content: a slice.

    Returns:
        One line each, pointer first, in the document's order; none twice.
    """
    found = [*_references(content), *_schemas(content), *_path_parameters(content)]
    if not any(kind != "schema" for kind, _ in _dangling(content)):
        found += _structure(content)
    return list(dict.fromkeys(found))


def notes(content: dict[str, Any]) -> list[str]:
    """List what is odd and stops nothing: unknown formats, and `nullable` where it means nothing."""
    found: list[str] = []
    for pointer, kind, node in walk("document", content):
        if kind == "schema" and is_object(node):
            if isinstance(node.get("format"), str) and node["format"] not in _FORMATS:
                found.append(f"{pointer}/format: {node['format']!r} is no known format: it is not checked")
            if "nullable" in node and not _is_30(content):
                found.append(f"{pointer}/nullable: means nothing in OpenAPI 3.1: a repair may say what was meant")
    return found


def _is_30(content: dict[str, Any]) -> bool:
    return str(content["openapi"]).startswith("3.0.")


def _dangling(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for pointer, kind, node in walk("document", content):
        if not is_object(node) or not isinstance(node.get("$ref"), str):
            continue
        ref: str = node["$ref"]
        if not ref.startswith("#"):
            yield kind, f"{pointer}: refers to another document, {ref!r}: bring what it needs into this one"
            continue
        try:
            look_up(content, ref)
        except (LookupError, TypeError):
            yield kind, f"{pointer}: refers to {ref!r}, which is not there"
            continue
        try:
            follow(content, node)
        except LookupError:
            if len(node) == 1:
                yield kind, f"{pointer}: refers to {ref!r}, which leads back to itself or nowhere"


def _references(content: dict[str, Any]) -> Iterator[str]:
    for _, problem in _dangling(content):
        yield problem


def _schemas(content: dict[str, Any]) -> Iterator[str]:
    validator = _meta_validator(content)
    is_30 = _is_30(content)
    for pointer, kind, node in walk("document", content):
        if kind != "schema":
            continue
        for error in validator.iter_errors(_shallow(node)):
            place = "/".join([pointer, *(escape(str(segment)) for segment in error.instance_path)])
            yield f"{place}: {_short(error.message)}"
        if is_object(node):
            yield from _default(content, pointer, node)
            if not is_30:  # there the meta-schema finds it
                yield from _pattern(pointer, node)


def _meta_validator(content: dict[str, Any]) -> jsonschema_rs.Validator:
    if not _is_30(content):
        return jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"})
    from openapi_spec_validator.schemas.utils import get_schema_content  # noqa: PLC0415 - slow to import

    whole: Any = copy.deepcopy(get_schema_content("3.0"))
    schema = whole["definitions"]["Schema"]
    schema["anyOf"] = [{"not": {"required": ["$ref"]}}, {"$ref": "#/definitions/Reference"}]
    schema["properties"]["$ref"] = {"type": "string"}
    return jsonschema_rs.Draft4Validator({"$ref": "#/definitions/Schema", "definitions": whole["definitions"]})


def _shallow(node: Any) -> Any:
    """Copy a schema with all schemas inside it replaced by one that is right."""
    if not is_object(node):
        return node
    shallow = dict(node)
    for segments, _, child in children("schema", node):
        if not is_object(child) and not isinstance(child, bool):
            continue
        key = segments[0]
        if len(segments) == 1:
            shallow[key] = child if isinstance(child, bool) else {}
        elif is_list(shallow[key]):
            shallow[key] = [{} if is_object(item) else item for item in shallow[key]]
        else:
            shallow[key] = {**shallow[key], segments[1]: {}}
    return shallow


def _default(content: dict[str, Any], pointer: str, node: dict[str, Any]) -> Iterator[str]:
    if "default" in node and not _fits(content, node["default"], node, 0):
        value = "null" if node["default"] is None else repr(node["default"])
        yield f"{pointer}/default: {_short(value)} is not what the schema allows"


def _fits(content: dict[str, Any], value: Any, schema: Any, depth: int) -> bool:
    if not is_object(schema) or depth > _DEEPEST:
        return schema is not False
    if value is None and schema.get("nullable") is True and _is_30(content):
        return True
    try:
        target = look_up(content, schema["$ref"]) if isinstance(schema.get("$ref"), str) else True
    except (LookupError, TypeError):
        return True
    every = [target, *(schema.get("allOf") or ())]
    some = [schema[key] for key in ("anyOf", "oneOf") if is_list(schema.get(key)) and schema[key]]
    return (
        _has_type(value, schema.get("type"))
        and ("const" not in schema or schema["const"] == value)
        and (not is_list(schema.get("enum")) or value in schema["enum"])
        and all(_fits(content, value, one, depth + 1) for one in every)
        and all(any(_fits(content, value, one, depth + 1) for one in members) for members in some)
    )


def _has_type(value: Any, declared: Any) -> bool:
    names = declared if is_list(declared) else [declared]
    if not all(isinstance(name, str) and name in _TYPES for name in names):
        return True
    if isinstance(value, bool):
        return "boolean" in names
    if isinstance(value, float) and value.is_integer() and "integer" in names:
        return True
    return any(isinstance(value, _TYPES[name]) for name in names)


def _pattern(pointer: str, node: dict[str, Any]) -> Iterator[str]:
    pattern = node.get("pattern")
    if not isinstance(pattern, str):
        return
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (jsonschema_rs.ValidationError, ValueError):
        yield f"{pointer}/pattern: {_short(repr(pattern))} is no regular expression"


def _path_parameters(content: dict[str, Any]) -> Iterator[str]:
    for path, method, _, operation in operations(content):
        declared: set[str] = set()
        for raw in operation.get("parameters") or ():
            try:
                parameter = follow(content, raw)
            except LookupError:
                return
            if is_object(parameter) and parameter.get("in") == "path":
                declared.add(str(parameter.get("name")))
        for name in sorted(set(re.findall(r"{([^{}]*)}", path)) ^ declared):
            what = "has no parameter" if name not in declared else "has no place for the parameter"
            yield f"#/paths/{escape(path)}/{method}: the path {what} {name!r}"


def _structure(content: dict[str, Any]) -> Iterator[str]:
    """Validate everything but the schemas; these are replaced by one that is right."""
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator  # noqa: PLC0415 - slow

    skeleton = copy.deepcopy(content)
    for _, kind, node in list(walk("document", skeleton)):
        if kind == "schema" and is_object(node):
            node.clear()
    validator = OpenAPIV30SpecValidator if _is_30(content) else OpenAPIV31SpecValidator
    errors: Any = validator(skeleton).iter_errors()
    for error in errors:
        if type(error).__name__ == "UnresolvableParameterError":
            continue
        pointer = "/".join(["#", *(escape(str(segment)) for segment in error.absolute_path)])
        yield f"{pointer}: {_short(str(error.message).splitlines()[0])}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
