"""An OpenAPI document: its references, its operations, its server paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from unijob.contract.pointers import decode_fragment, decode_pointer, join_pointer
from unijob.errors import ConfigError
from unijob.jsontypes import as_list, as_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_DATA = frozenset({"example", "examples", "default", "enum", "const"})
_HIDING = frozenset({"readOnly", "writeOnly"})


@attrs.frozen
class OperationEntry:
    """Where one operation stands in its document."""

    id: str
    method: str
    path: str
    pointer: str
    path_pointer: str


class Document:
    """A document with its references checked.

    Args:
        root: an OpenAPI 3.0 or 3.1 document; it is read, never changed.

    Raises:
        ConfigError: it is no such document, or a reference is foreign, dangling or circular.
    """

    def __init__(self, root: Mapping[str, Any]) -> None:
        version = str(root.get("openapi", ""))
        if not version.startswith(("3.0", "3.1")):
            raise _error("is not an OpenAPI 3.0 or 3.1 document")
        self.root = root
        self.keywords: set[str] = set()
        self.legacy = version.startswith("3.0")
        self._nodes: dict[str, Any] = {"": root}
        self._check_references()

    def at(self, pointer: str) -> Any:
        """Give the node at a pointer.

        Raises:
            ConfigError: there is none.
        """
        if pointer not in self._nodes:
            parent, _, segment = pointer.rpartition("/")
            self._nodes[pointer] = _child(self.at(parent), decode_pointer("/" + segment)[0], pointer)
        return self._nodes[pointer]

    def follow(self, pointer: str) -> tuple[str, Any]:
        """Give the node at a pointer, or the one that its references lead to, with its own pointer."""
        node = self.at(pointer)
        while isinstance(reference := as_object(node).get("$ref"), str):
            pointer = self.target(reference)
            node = self.at(pointer)
        return pointer, node

    def target(self, reference: str) -> str:
        """Turn a `$ref` into a pointer.

        Raises:
            ConfigError: it leads out of the document.
        """
        pointer = decode_fragment(reference)
        if pointer is None:
            raise _error(f"has a reference out of the document: {reference}")
        return pointer

    def operations(self) -> Iterator[OperationEntry]:
        """Give every operation, in the order of the document, each with a name of its own."""
        seen: set[str] = set()
        for path in as_object(self.root.get("paths")):
            path_pointer, item = self.follow(join_pointer("/paths", path))
            for method in METHODS:
                if path.startswith("/") and isinstance(as_object(item).get(method), dict):
                    name = item[method].get("operationId")
                    if not isinstance(name, str) or name in seen:
                        name = f"{method.upper()} {path}"
                    seen.add(name)
                    pointer = join_pointer(path_pointer, method)
                    yield OperationEntry(name, method.upper(), path, pointer, path_pointer)

    def server_paths(self) -> tuple[str, ...]:
        """Give the path part of each server, longest first; variables have their defaults."""
        paths = {_server_path(as_object(server)) for server in as_list(self.root.get("servers"))}
        return tuple(sorted(paths or {""}, key=len, reverse=True))

    def _check_references(self) -> None:
        targets: set[str] = set()
        stack: list[Any] = [self.root]
        while stack:
            node = stack.pop()
            members = as_object(node)
            if isinstance(reference := members.get("$ref"), str):
                targets.add(self.target(reference))
            self.keywords.update(_HIDING & members.keys())
            stack.extend(value for key, value in members.items() if key not in _DATA)
            stack.extend(as_list(node))
        for target in targets:
            self._check_end(target)

    def _check_end(self, pointer: str) -> None:
        """Refuse references that lead to nothing but each other."""
        seen: set[str] = set()
        while isinstance(reference := as_object(self.at(pointer)).get("$ref"), str):
            if pointer in seen:
                raise _error(f"has a circular reference at #{pointer}")
            seen.add(pointer)
            pointer = self.target(reference)


def _child(node: Any, segment: str, pointer: str) -> Any:
    members, items = as_object(node), as_list(node)
    if segment in members:
        return members[segment]
    if segment.isdecimal():
        numbers: dict[Any, Any] = {**members} if members else dict(enumerate(items))
        if int(segment) in numbers:  # YAML reads a bare status as a number
            return numbers[int(segment)]
    raise _error(f"has a reference to nothing: #{pointer}")


def _server_path(server: Mapping[str, Any]) -> str:
    url = str(server.get("url", ""))
    for name, variable in as_object(server.get("variables")).items():
        url = url.replace("{" + name + "}", str(as_object(variable).get("default", "")))
    path = urlsplit(url).path if "://" in url or url.startswith("/") else ""
    return re.sub(r"/+$", "", path)


def _error(message: str) -> ConfigError:
    return ConfigError(f"the contract {message}", setting="spec")
