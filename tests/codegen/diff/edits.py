"""Edits of the project's specs, each with what a diff has to tell of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from unijob_codegen.diff.levels import Direction
from unijob_codegen.naming import snake_case
from unijob_codegen.pointers import is_list, is_object

SPECS = ("specs/mka1/2026-07.yaml", "specs/mka1/2026-10.yaml", "specs/gradient/2026-08.yaml")
PROSE = ("description", "title", "example", "x-note", "summary")

Told = tuple[str, str, str, str | None]
"""Kind, place, subject, and of a rename the new name."""


def targets(node: Any) -> Iterator[str]:
    """Yield what a part of a document refers to."""
    if is_object(node):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from targets(value)
    elif is_list(node):
        for item in node:
            yield from targets(item)


def reached(content: dict[str, Any]) -> dict[str, set[Direction]]:
    """The components that operations carry, each with the directions: found without the diff's own walk."""
    found: dict[str, set[Direction]] = {}
    waiting: list[tuple[Any, Direction]] = []
    for item in content["paths"].values():
        for operation in item.values():
            waiting.append((operation.get("responses"), Direction.RESPONSE))
            waiting.append(([operation.get("requestBody"), operation.get("parameters")], Direction.REQUEST))
    while waiting:
        node, direction = waiting.pop()
        for target in set(targets(node)):
            section, name = target.split("/")[2:4]
            directions = found.setdefault(name, set()) if section == "schemas" else set[Direction]()
            if direction not in directions:
                directions.add(direction)
                waiting.append((content["components"][section][name], direction))
    return found


def objects(content: dict[str, Any]) -> list[str]:
    """The components with properties that operations carry."""
    schemas = content["components"]["schemas"]
    return sorted(name for name in reached(content) if schemas[name].get("properties"))


def enums(content: dict[str, Any]) -> list[str]:
    """The enums that operations carry."""
    schemas = content["components"]["schemas"]
    return sorted(name for name in reached(content) if len(schemas[name].get("enum", ())) > 1)


def camel(name: str) -> str:
    """Another name of the same words."""
    head, *tail = snake_case(name).rstrip("_").split("_")
    return head + "".join(part.capitalize() for part in tail)


def other_case(name: str) -> str | None:
    """A name with the same snake case, if there is one."""
    wanted = snake_case(name) if name != snake_case(name) else camel(name)
    return wanted if wanted != name and snake_case(wanted) == snake_case(name) else None


class Edits:
    """Edits of one spec, and what a diff has to tell of them."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.schemas: dict[str, Any] = content["components"]["schemas"]
        self.told: list[Told] = []
        self.touched: set[tuple[str, str]] = set()

    def rename(self, name: str, prop: str) -> None:
        """Write a property in another case."""
        new = other_case(prop)
        schema = self.schemas[name]
        if new is None or new in schema["properties"]:
            return
        schema["properties"][new] = schema["properties"].pop(prop)
        schema["required"] = [new if each == prop else each for each in schema.get("required", [])]
        self.told.append(("property-renamed", f"{name} /properties/{prop}", prop, new))

    def remove(self, name: str, prop: str) -> None:
        """Remove a property."""
        schema = self.schemas[name]
        del schema["properties"][prop]
        schema["required"] = [each for each in schema.get("required", []) if each != prop]
        self.told.append(("property-removed", f"{name} /properties/{prop}", prop, None))

    def add(self, name: str, prop: str) -> None:
        """Add a property that is not there, required or not."""
        schema = self.schemas[name]
        new = f"{prop}_zz"
        schema["properties"][new] = {"type": "object", "minProperties": 7}
        if len(prop) % 2:
            schema["required"] = [*schema.get("required", []), new]
        self.told.append(("property-added", f"{name} /properties/{new}", new, None))

    def retype(self, name: str, prop: str) -> None:
        """Give a plain property another type."""
        schema = self.schemas[name]["properties"][prop]
        if schema.get("type") not in ("string", "integer", "boolean") or "const" in schema or "enum" in schema:
            return
        kept = {key: value for key, value in schema.items() if key in {"deprecated", "default"}}
        self.schemas[name]["properties"][prop] = {**kept, "type": "array", "items": {}}
        self.told.append(("type-changed", f"{name} /properties/{prop}", "type", None))

    def requirement(self, name: str, prop: str) -> None:
        """Make a property required that was not, or the reverse."""
        schema = self.schemas[name]
        required = schema.get("required", [])
        here = f"{name} /properties/{prop}"
        if prop in required:
            schema["required"] = [each for each in required if each != prop]
            self.told.append(("property-became-optional", here, "", None))
        else:
            schema["required"] = [*required, prop]
            self.told.append(("property-became-required", here, "", None))

    def nullable(self, name: str, prop: str) -> None:
        """Let a plain property be null."""
        schema = self.schemas[name]["properties"][prop]
        if not isinstance(schema.get("type"), str) or "const" in schema:
            return
        if self.content["openapi"].startswith("3.0"):
            schema["nullable"] = True
        else:
            schema["type"] = [schema["type"], "null"]
        self.told.append(("became-nullable", f"{name} /properties/{prop}", "", None))

    def apply(self, data: st.DataObject) -> None:
        """Make one edit, of something that was not edited yet."""
        kind = data.draw(st.sampled_from(["rename", "remove", "add", "retype", "requirement", "nullable", "enum"]))
        if kind == "enum":
            self.change_enum(data)
            return
        name = data.draw(st.sampled_from(objects(self.content)))
        free = [each for each in self.schemas[name]["properties"] if (name, each) not in self.touched]
        free = [each for each in free if not each.endswith("_zz")]
        if not free:
            return
        prop = data.draw(st.sampled_from(sorted(free)))
        if kind == "remove" and any(targets(self.schemas[name]["properties"][prop])):
            return  # what it refers to may be reached no more, so that other edits would go untold
        before = len(self.told)
        getattr(self, kind)(name, prop)
        if len(self.told) > before:
            self.touched |= {(name, prop), (name, other_case(prop) or prop)}

    def change_enum(self, data: st.DataObject) -> None:
        """Add a value to an enum, or take one."""
        name = data.draw(st.sampled_from(enums(self.content)))
        if (name, "") in self.touched:
            return
        self.touched.add((name, ""))
        values = self.schemas[name]["enum"]
        if data.draw(st.booleans()):
            values.insert(data.draw(st.integers(0, len(values))), "zz-new")
            self.told.append(("enum-value-added", name, "zz-new", None))
        else:
            gone = data.draw(st.sampled_from(values))
            values.remove(gone)
            self.told.append(("enum-value-removed", name, gone, None))


def scrambled(node: Any, source: random.Random, key: str = "") -> Any:
    """The same contract with everything reordered and every text changed."""
    if is_list(node):
        items = [scrambled(item, source, key) for item in node]
        if key in {"required", "enum", "anyOf", "oneOf", "allOf", "parameters", "type", "tags"}:
            source.shuffle(items)
        return items
    if not is_object(node):
        return node
    entries = [(name, scrambled(value, source, name)) for name, value in node.items()]
    source.shuffle(entries)
    result = dict(entries)
    if key != "properties":
        for name in PROSE:
            if isinstance(result.get(name), str):
                result[name] += " (new words)"
        if "type" in result and isinstance(result["type"], (str, list)):
            result["description"] = f"Words {source.random()}."
            result["x-note"] = source.random()
    return result
