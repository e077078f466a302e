"""Which keywords of a contract's schemas a value is held to, and where each stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from unijob.jsontypes import is_list, is_object
from unijob.testing.strategies.documents import METHODS, is_any, types_of

Schema = Mapping[str, Any]
Place = tuple[str, str]
"""The pointer of a schema, and one of its keywords."""

ASSERTED = frozenset(
    {
        *("type", "enum", "const", "format", "required", "pattern", "minimum", "maximum", "uniqueItems"),
        *("exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "anyOf", "oneOf"),
    }
)
"""Keywords by which a value can be wrong."""
BRANCH = re.compile(r"/(anyOf|oneOf)/\d+$")
HELD = ASSERTED | {"properties", "items", "additionalProperties", "allOf", "nullable"}
MAY_BE_EMPTY = frozenset({"enum", "const", "minimum", "maximum", "additionalProperties"})


class Walker:
    """Follows values through the schemas of one document.

    Args:
        document: an OpenAPI document with its references intact.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.held: set[Place] = set()
        self.values: set[tuple[str, Any]] = set()

    def whole(self) -> tuple[set[Place], set[tuple[str, Any]]]:
        """Every keyword and every enum value that an operation can meet."""
        nodes = {pointer: self._target(pointer)[1] for pointer in self.reachable()}
        keywords = {(at, name) for at, node in nodes.items() for name in node if name in HELD}
        values = {(at, value) for at, node in nodes.items() for value in _listed(node)}
        return {(at, name) for at, name in keywords if _says_something(nodes[at], name)}, values

    def reachable(self, *, parameters: bool = True, branches: bool = True) -> set[str]:
        """The pointers of all schemas that an operation can meet.

        Args:
            parameters: also those that only parameters have.
            branches: also those that are only below `anyOf` and `oneOf`.
        """
        left = [pointer for pointer, _ in self.roots() if parameters or "/parameters/" not in pointer]
        seen: set[str] = set()
        while left:
            pointer, node = self._target(left.pop())
            if pointer in seen or not is_object(node):
                continue
            seen.add(pointer)
            below = (inner for inner, _ in _below(pointer, node))
            left += [inner for inner in below if branches or not BRANCH.search(inner)]
        return seen

    def having(self, holds: Callable[[Schema], bool]) -> set[str]:
        """The pointers of schemas of which something holds."""
        return {pointer for pointer in self.reachable() if holds(self._target(pointer)[1])}

    def roots(self) -> Iterator[tuple[str, Schema]]:
        """The schemas of all parameters, bodies and answers, with their pointers."""
        for path, item in self._document["paths"].items():
            for method, operation in item.items():
                if method in METHODS:
                    yield from self._schemas(f"/paths/{_escaped(path)}/{method}", operation)
            yield from self._schemas(f"/paths/{_escaped(path)}", {"parameters": item.get("parameters", [])})

    def _schemas(self, base: str, operation: Mapping[str, Any]) -> Iterator[tuple[str, Schema]]:
        holders = [(f"{base}/parameters/{n}", one) for n, one in enumerate(operation.get("parameters", []))]
        bodies = [(f"{base}/requestBody", operation["requestBody"])] if "requestBody" in operation else []
        bodies += [(f"{base}/responses/{status}", one) for status, one in operation.get("responses", {}).items()]
        for pointer, written in [*holders, *bodies]:
            at, node = self._followed(pointer, written)
            if "schema" in node:
                yield f"{at}/schema", node["schema"]
            for media, content in node.get("content", {}).items():
                if "schema" in content:
                    yield f"{at}/content/{_escaped(media)}/schema", content["schema"]

    def walk(self, pointer: str, value: Any) -> None:
        """Mark what an allowed value is held to by the schema at a pointer."""
        pointer, node = self._target(pointer)
        if not is_object(node):
            return
        self.held |= {(pointer, name) for name in node if name in HELD and _applies(name, value)}
        self.values |= {(pointer, one) for one in _listed(node) if one == value and type(one) is type(value)}
        for inner, _ in _below(pointer, node):
            for part in self._parts(pointer, node, inner, value):
                self.walk(inner, part)

    def _parts(self, pointer: str, node: Schema, inner: str, value: Any) -> list[Any]:
        """What of a value the schema below is for."""
        step = inner.removeprefix(pointer + "/").split("/", 1)
        if step[0] == "properties":
            name = _plain(step[1])
            return [value[name]] if is_object(value) and name in value else []
        if step[0] == "additionalProperties":
            documented = node.get("properties", {})
            return [one for name, one in value.items() if name not in documented] if is_object(value) else []
        if step[0] == "items":
            return value if is_list(value) else []
        return [value] if step[0] == "allOf" or self._fits(inner, value) else []

    def _fits(self, pointer: str, value: Any) -> bool:
        """Whether a value may be meant for a branch: by its type, and by what tells the branches apart."""
        _, node = self._target(pointer)
        if not is_any(value, types_of(node)):
            return False
        if _listed(node) and value not in _listed(node):
            return False
        if is_object(value):
            tags = {
                name: self._target(f"{pointer}/properties/{_escaped(name)}")[1] for name in node.get("properties", {})
            }
            return set(node.get("required", ())) <= value.keys() and all(
                value[name] in _listed(tag) for name, tag in tags.items() if name in value and _listed(tag)
            )
        return True

    def _target(self, pointer: str) -> tuple[str, Any]:
        return self._followed(pointer, self._at(pointer))

    def _followed(self, pointer: str, node: Any) -> tuple[str, Any]:
        while is_object(node) and "$ref" in node:
            pointer = unquote(node["$ref"]).removeprefix("#")
            node = self._at(pointer)
        return pointer, node

    def _at(self, pointer: str) -> Any:
        found: Any = self._document
        for step in pointer.split("/")[1:]:
            if is_object(found) and "$ref" in found:
                found = self._followed("", found)[1]
            found = found[int(step)] if is_list(found) else found[_plain(step)]
        return found


def _below(pointer: str, node: Schema) -> Iterator[tuple[str, Any]]:
    for name, schema in node.get("properties", {}).items():
        yield f"{pointer}/properties/{_escaped(name)}", schema
    for keyword in ("items", "additionalProperties"):
        if is_object(node.get(keyword)):
            yield f"{pointer}/{keyword}", node[keyword]
    for keyword in ("anyOf", "oneOf", "allOf"):
        yield from ((f"{pointer}/{keyword}/{n}", schema) for n, schema in enumerate(node.get(keyword, ())))


def _listed(node: Schema) -> list[Any]:
    values = [node["const"]] if "const" in node else node.get("enum", [])
    return [value for value in values if isinstance(value, (str, int, float, bool, type(None)))]


def _says_something(node: Schema, name: str) -> bool:
    return name in MAY_BE_EMPTY or node[name] not in (False, 0, {}, [])


def _applies(name: str, value: Any) -> bool:
    """Whether a keyword has a say in a value of this type."""
    if name in {"required", "properties", "additionalProperties"}:
        return is_object(value)
    if name in {"items", "minItems", "maxItems", "uniqueItems"}:
        return is_list(value)
    if name in {"minLength", "maxLength", "pattern"}:
        return isinstance(value, str)
    if name.endswith("imum"):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return name != "nullable" or value is None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _plain(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
