"""Edits made on the project's own specs: the diff reports exactly what was done."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.diff.levels import Direction
from codegen.diff.operations import compare
from codegen.naming import snake_case
from tests.codegen.diff.making import REF, spec

SPECS = ("specs/mka1/2026-07.yaml", "specs/mka1/2026-10.yaml", "specs/gradient/2026-08.yaml")
PROSE = ("description", "title", "example", "x-note", "summary")

Told = tuple[str, str, str, str | None]
"""Kind, place, subject, and of a rename the new name."""


def reached(content: dict[str, Any]) -> dict[str, set[Direction]]:
    """The components that operations carry, each with the directions: found without the diff's own walk."""
    found: dict[str, set[Direction]] = {}

    def visit(node: Any, direction: Direction) -> None:
        if isinstance(node, list):
            for item in node:
                visit(item, direction)
        elif isinstance(node, dict):
            target = node.get("$ref")
            if isinstance(target, str):
                section, name = target.split("/")[2:4]
                if section == "schemas":
                    if direction in found.setdefault(name, set()):
                        return
                    found[name].add(direction)
                visit(content["components"][section][name], direction)
            for key, value in node.items():
                if key not in {"examples", "example"}:
                    visit(value, direction)

    for item in content["paths"].values():
        for operation in item.values():
            visit(operation.get("responses"), Direction.RESPONSE)
            visit([operation.get("requestBody"), operation.get("parameters")], Direction.REQUEST)
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
        self.schemas[name]["properties"][prop] = {"type": "array", "items": {}}
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
        if kind in {"remove"} and any(target for target in _targets(self.schemas[name]["properties"][prop])):
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


def _targets(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(REF)
        for value in node.values():
            yield from _targets(value)
    elif isinstance(node, list):
        for item in node:
            yield from _targets(item)


def scrambled(node: Any, source: random.Random, key: str = "") -> Any:
    """The same contract with everything reordered and every text changed."""
    if isinstance(node, list):
        items = [scrambled(item, source, key) for item in node]
        if key in {"required", "enum", "anyOf", "oneOf", "allOf", "parameters", "type", "tags"}:
            source.shuffle(items)
        return items
    if not isinstance(node, dict):
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


def short(old: dict[str, Any], new: dict[str, Any]) -> list[Told]:
    """What the diff tells."""
    return sorted(
        (
            change.finding.kind,
            str(change.place),
            change.finding.subject,
            change.finding.new if change.finding.kind.endswith("renamed") else None,
        )
        for change in compare(old, new)
    )


@pytest.mark.parametrize("path", SPECS)
@given(data=st.data())
def test_exactly_what_was_done(path: str, data: st.DataObject) -> None:
    """Renames, removals, additions, changes of types, of requirement, of nullability and of enums are told, no more."""
    old = spec(path)
    edits = Edits(copy.deepcopy(old))
    for _ in range(data.draw(st.integers(1, 6))):
        edits.apply(data)
    new = edits.content
    if data.draw(st.booleans()):
        new = scrambled(new, random.Random(data.draw(st.integers(0, 2**32))))
    assert short(old, new) == sorted(edits.told, key=lambda each: each[:3])


@pytest.mark.parametrize("path", SPECS)
@given(seed=st.integers(0, 2**32))
def test_nothing_for_other_words_and_orders(path: str, seed: int) -> None:
    """Reordering everything and changing every text is no change."""
    old = spec(path)
    assert short(old, scrambled(old, random.Random(seed))) == []


@pytest.mark.parametrize("path", SPECS)
@given(data=st.data())
def test_there_and_back(path: str, data: st.DataObject) -> None:
    """Additions are removals the other way round, and what reaches an operation there reaches it here."""
    old = spec(path)
    edits = Edits(copy.deepcopy(old))
    for _ in range(data.draw(st.integers(1, 4))):
        edits.apply(data)
    there, back = compare(old, edits.content), compare(edits.content, old)
    assert len(there) == len(back) == len(edits.told)
    turned = {"added": "removed", "removed": "added"}
    kinds = [change.finding.kind.rpartition("-") for change in there]
    for prefix, _, what in kinds:
        if what in turned:
            assert any(change.finding.kind == f"{prefix}-{turned[what]}" for change in back)


@pytest.mark.parametrize("path", SPECS)
@given(data=st.data())
def test_reach(path: str, data: st.DataObject) -> None:
    """A change reaches its component's directions."""
    old = spec(path)
    edits = Edits(copy.deepcopy(old))
    edits.change_enum(data)
    (change,) = compare(old, edits.content)
    assert set(change.levels) == reached(old)[change.place.name]
