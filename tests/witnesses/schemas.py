"""JSON schemas as the witnesses compare them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tests.witnesses.found import Path
from unijob.jsontypes import is_list, is_mapping
from unijob.testing.strategies import resolve
from unijob.testing.strategies.values import EXACT


def names(node: Any) -> Iterator[str]:
    """The names of all properties that a document declares."""
    if is_mapping(node):
        properties = node.get("properties")
        if is_mapping(properties):
            yield from properties
        for value in node.values():
            yield from names(value)
    elif is_list(node):
        for value in node:
            yield from names(value)


def closed(node: Any) -> Any:
    """A document whose objects have no properties but the declared ones, unless it says what others they may have."""
    if is_list(node):
        return [closed(value) for value in node]
    if not is_mapping(node):
        return node
    inner = {key: closed(value) for key, value in node.items()}
    if is_mapping(node.get("properties")) and "additionalProperties" not in node:
        inner["additionalProperties"] = False
    return inner


def declares(document: Mapping[str, Any], schema: Any, path: Path) -> bool:
    """Whether a schema says what stands at a place, in one of its alternatives at least."""
    if not path or not is_mapping(schema):
        return not path
    found = resolve(document, schema)
    return any(declares(document, inner, path[1:]) for inner in _inside(found, path[0])) or any(
        declares(document, one, path) for keyword in ("allOf", "anyOf", "oneOf") for one in found.get(keyword, ())
    )


def _inside(schema: Mapping[str, Any], step: str | int) -> Iterator[Any]:
    """What a schema says of a property or an item, where it says anything."""
    if isinstance(step, int):
        yield from [schema["items"]] if "items" in schema else []
    elif step in schema.get("properties", {}):
        yield schema["properties"][step]
    elif is_mapping(schema.get("additionalProperties")):
        yield schema["additionalProperties"]


def narrowed(schema: Mapping[str, Any]) -> Any:
    """A vendor's schema without the placeholders of its client.

    These are open enums, values not set, alternatives that no model fits, and twins of models. Integers get the range
    that every reader of JSON can hold; Python's have none.
    """
    unknown = {name for name, one in schema.get("$defs", {}).items() if "is_unknown" in one.get("properties", {})}
    return _narrowed(schema, unknown)


def _narrowed(node: Any, unknown: Collection[str]) -> Any:
    if is_list(node):
        return [_narrowed(value, unknown) for value in node]
    if not is_mapping(node):
        return node
    inner = {key: _narrowed(value, unknown) for key, value in node.items()}
    for keyword in ("anyOf", "oneOf"):
        if keyword in inner:
            inner[keyword] = _branches(inner[keyword], unknown)
    if inner.get("type") == "integer":
        inner = {"minimum": -EXACT, "maximum": EXACT, **inner}
    return inner


def _branches(written: list[Any], unknown: Collection[str]) -> list[Any]:
    branches = [one for one in written if not _is_placeholder(one, unknown)]
    if any("enum" in one or "const" in one for one in branches):
        branches = [one for one in branches if one != {"type": "string"}]
    return branches


def _is_placeholder(branch: Any, unknown: Collection[str]) -> bool:
    if not is_mapping(branch):
        return False
    name = str(branch.get("$ref", "")).rpartition("/")[2]
    inner = (branch.get("items"), branch.get("additionalProperties"))
    is_own = name == "Unset" or name.endswith("TypedDict") or name in unknown
    return is_own or any(_is_placeholder(one, unknown) for one in inner)
