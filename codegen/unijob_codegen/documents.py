"""Reads an OpenAPI document and says what is wrong with it before anything is generated."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs

from unijob_codegen import decoding
from unijob_codegen.errors import CodegenError
from unijob_codegen.pointers import escape, is_list, is_object, look_up

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NAMED = frozenset(
    {"properties", "patternProperties", "$defs", "schemas", "responses", "parameters", "headers", "requestBodies"}
)
_NOT_SCHEMA = frozenset({"example", "examples", "default", "enum", "const"})


FoundOperation = tuple[str, str, dict[str, Any], dict[str, Any]]
"""Path, method, path item and operation."""


@attrs.frozen(kw_only=True)
class Document:
    """An OpenAPI document as it stands in a file."""

    path: str
    """The path that messages and headers name, relative to the project."""
    digest: str
    """The SHA-256 of the file's bytes, in hex."""
    content: dict[str, Any]

    @property
    def is_openapi_30(self) -> bool:
        """Whether the schemas are of OpenAPI 3.0's own dialect."""
        return str(self.content["openapi"]).startswith("3.0.")


def load(path: Path, *, shown: str) -> Document:
    """Read and check a document.

    Args:
        path: the file, YAML or JSON.
        shown: its path for messages.

    Raises:
        CodegenError: it cannot be read, or is not a document to generate from.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CodegenError(f"{shown}: cannot be read: {error.strerror}") from None
    content = decoding.parse(data, shown=shown)
    document = Document(path=shown, digest=sha256(data).hexdigest(), content=content)
    check(document)
    return document


def check(document: Document) -> None:
    """Find every reference that leads nowhere and every operation id used twice.

    Raises:
        CodegenError: lists all of them.
    """
    problems = [*_shape_problems(document), *_reference_problems(document)]
    if not problems:
        problems += _operation_problems(document)
    if problems:
        raise CodegenError(f"{document.path}: cannot generate from it:", problems)


def _shape_problems(document: Document) -> Iterator[str]:
    if not is_object(document.content.get("components", {}).get("schemas", {})):
        yield "#/components/schemas: not an object"


def _reference_problems(document: Document) -> Iterator[str]:
    for pointer, ref in references(document.content):
        if not ref.startswith("#"):
            yield f"{pointer}: refers to another document, {ref!r}: bring what it needs into this one"
            continue
        try:
            _follow(document.content, ref)
        except (LookupError, TypeError):
            yield f"{pointer}: refers to {ref!r}, which is not there"
        except RecursionError:
            yield f"{pointer}: refers to {ref!r}, which leads back to itself"


def _follow(content: Any, ref: str) -> None:
    seen: set[str] = set()
    while True:
        if ref in seen:
            raise RecursionError(ref)
        seen.add(ref)
        target = look_up(content, ref)
        if not (is_object(target) and isinstance(target.get("$ref"), str) and set(target) == {"$ref"}):
            return
        ref = target["$ref"]
        if not ref.startswith("#"):
            return


def references(node: Any, pointer: str = "#", *, keys_are_names: bool = False) -> Iterator[tuple[str, str]]:
    """Find all references with their places, leaving out examples, values and extensions.

    Args:
        node: where to look.
        pointer: its place.
        keys_are_names: whether its keys are somebody's names (`default` among a response's statuses), not keywords.
    """
    if is_list(node):
        for index, item in enumerate(node):
            yield from references(item, f"{pointer}/{index}")
    elif is_object(node):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield pointer, value
            elif keys_are_names or not (key in _NOT_SCHEMA or key.startswith("x-")):
                below = not keys_are_names and key in _NAMED
                yield from references(value, f"{pointer}/{escape(key)}", keys_are_names=below)


def operations(content: dict[str, Any]) -> Iterator[FoundOperation]:
    """Give every operation, in the document's order of paths and OpenAPI's of methods."""
    for path, raw_item in content.get("paths", {}).items():
        item = resolved(content, raw_item)
        for method in METHODS:
            if is_object(item.get(method)):
                yield path, method, item, item[method]


def operation_id(path: str, method: str, operation: dict[str, Any]) -> str:
    """Give an operation's id, made of its method and path where the document names none."""
    return str(operation.get("operationId") or f"{method}_{path}".replace("/", "_").replace("{", "").replace("}", ""))


def resolved(content: dict[str, Any], node: Any) -> dict[str, Any]:
    """Follow a reference object to what it stands for."""
    while is_object(node) and isinstance(node.get("$ref"), str):
        node = look_up(content, node["$ref"])
    return node if is_object(node) else {}


def _operation_problems(document: Document) -> Iterator[str]:
    first: dict[Hashable, str] = {}
    for path, method, _, operation in operations(document.content):
        pointer = f"#/paths/{escape(path)}/{method}"
        name = operation_id(path, method, operation)
        if name in first:
            yield f"{pointer}: the operationId {name!r} is that of {first[name]} too"
        first.setdefault(name, pointer)
