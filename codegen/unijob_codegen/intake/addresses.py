"""Finds the schemas that names are declared for.

An address is an upstream schema's name (`GetEvalRunResponse`), or an operation with a place of it, then a path:

    getEvalRun 200                      the JSON body of an answer
    createEvalRun request               the JSON body of the request
    listEvalRuns query status           the schema of a parameter
    getEvalRun 200 /request_counts      a property of the body
    getFile 200 /chunking_strategy/0    the first of the alternatives of a property
    getFile 200 /attributes/*           the values of a map

Items of arrays and what may also be null need no segment of their own.
"""

from __future__ import annotations

from typing import Any

from unijob_codegen.documents import operations
from unijob_codegen.intake.shapes import Shapes
from unijob_codegen.intake.structure import follow
from unijob_codegen.operations import is_json
from unijob_codegen.pointers import is_list, is_object, unescape

_LOCATIONS = frozenset({"query", "path", "header", "cookie"})
_PARAMETER_WORDS = 3


class Addresses:
    """Looks addresses up in a document.

    Args:
        content: a slice without defects.
        shapes: its shapes.
    """

    def __init__(self, content: dict[str, Any], shapes: Shapes) -> None:
        self._content = content
        self._shapes = shapes
        self._operations = {str(one["operationId"]): one for _, _, _, one in operations(content)}

    def find(self, address: str) -> Any:
        """Give the schema at an address, or None where nothing is."""
        words = address.split()
        path = words.pop() if len(words) > 1 and words[-1].startswith("/") else ""
        node = self._root(words)
        for segment in path.split("/")[1:]:
            if node is None:
                return None
            node = self._step(node, unescape(segment))
        return None if node is None else self._core(node, maps=False)

    def _root(self, words: list[str]) -> Any:
        if len(words) == 1:
            return self._content.get("components", {}).get("schemas", {}).get(words[0])
        operation = self._operations.get(words[0])
        if operation is None:
            return None
        if len(words) == _PARAMETER_WORDS and words[1] in _LOCATIONS:
            return self._parameter(operation, words[1], words[2])
        whole = operation.get("requestBody") if words[1] == "request" else operation.get("responses", {}).get(words[1])
        return self._body(whole) if len(words) < _PARAMETER_WORDS else None

    def _parameter(self, operation: dict[str, Any], location: str, name: str) -> Any:
        for raw in operation.get("parameters", ()):
            parameter = follow(self._content, raw)
            if (parameter.get("in"), parameter.get("name")) == (location, name):
                return parameter.get("schema")
        return None

    def _body(self, whole: Any) -> Any:
        found = follow(self._content, whole)
        content: dict[str, Any] = found.get("content", {}) if is_object(found) else {}
        return next((media.get("schema") for kind, media in content.items() if is_json(kind)), None)

    def _step(self, node: Any, segment: str) -> Any:
        node = self._shapes.canonical(self._core(node, maps=False))
        if segment == "*":
            return node.get("additionalProperties")
        for candidate in (node, self._core(node, maps=True)):
            members = _members(self._shapes.canonical(candidate))
            if segment in members:
                return members[segment]
        return None

    def _core(self, node: Any, *, maps: bool) -> Any:
        """Go through arrays and alternatives to null, and maps if told so, to what they are of."""
        while True:
            node = self._shapes.target(node)
            if not is_object(node):
                return {}
            inner = _only_alternative(node)
            if inner is None and is_object(node.get("items")):
                inner = node["items"]
            if inner is None and maps and not node.get("properties") and is_object(node.get("additionalProperties")):
                inner = node["additionalProperties"]
            if inner is None:
                return node
            node = inner


def _members(node: dict[str, Any]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for keyword in ("anyOf", "oneOf"):
        if is_list(node.get(keyword)):
            members |= {str(index): member for index, member in enumerate(node[keyword])}
    for member in node.get("allOf", ()):
        members |= _members(member) if is_object(member) else {}
    return {**members, **node.get("properties", {})}


def _only_alternative(node: dict[str, Any]) -> Any:
    for keyword in ("anyOf", "oneOf"):
        members = [member for member in node.get(keyword, ()) if member != {"type": "null"}]
        if len(members) == 1:
            return members[0]
    return None
