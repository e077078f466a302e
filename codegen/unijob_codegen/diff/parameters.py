"""Compares what operations take beside their body, and the headers of their answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from unijob_codegen.diff.levels import RENAMES, Direction
from unijob_codegen.diff.properties import renames, variant
from unijob_codegen.diff.reading import Reader
from unijob_codegen.diff.words import describe
from unijob_codegen.naming import snake_case
from unijob_codegen.pointers import escape

if TYPE_CHECKING:
    from unijob_codegen.diff.operations import Operation, Walk

_VARIABLE = re.compile(r"\{([^}]*)\}")
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


@attrs.frozen(kw_only=True)
class Parameter:
    """A parameter of an operation, with the pointer of where it is written."""

    at: str
    name: str
    location: str
    content: Mapping[str, Any]

    @property
    def required(self) -> bool:
        """Whether it must be sent."""
        return self.content.get("required") is True or self.location == "path"

    @property
    def style(self) -> str:
        """How it is written."""
        style = str(self.content.get("style", _STYLES.get(self.location, "form")))
        explode = self.content.get("explode", style == "form")
        media = ", ".join(sorted(self.content.get("content", {})))
        return media or f"{style}{', exploded' if explode else ''}"


Parameters = dict[tuple[str, str], Parameter]


def compare(walk: Walk, old: Operation, new: Operation) -> None:
    """Compare the parameters of an operation."""
    comparison = walk.comparison
    before, after = _parameters(comparison.old, old), _parameters(comparison.new, new)
    pairs = {key: key for key in before.keys() & after.keys()}
    variables = zip(_VARIABLE.findall(old.path), _VARIABLE.findall(new.path), strict=False)
    for was, now in variables if old.target == new.target else ():
        one, other = ("path", was), ("path", now)
        if was != now and one in before and other in after and one not in after and other not in before:
            pairs[one] = other
            _renamed(walk, old.id, (before[one], after[other]), "path-parameter-renamed")
    removed, added = before.keys() - pairs.keys(), after.keys() - set(pairs.values())
    for location in sorted({location for location, _ in removed}):
        gone = [name for where, name in removed if where == location]
        for was, now in renames(gone, [name for where, name in added if where == location]):
            pairs[location, was] = (location, now)
            _renamed(walk, old.id, (before[location, was], after[location, now]), "parameter-renamed")
    for key in sorted(removed - pairs.keys()):
        _tell(walk, old.id, "parameter-removed", (before[key], None), old=_words(walk, 0, before[key]))
    for key in sorted(added - set(pairs.values())):
        words = {"variant": variant(required=after[key].required), "new": _words(walk, 1, after[key])}
        _tell(walk, old.id, "parameter-added", (None, after[key]), **words)
    for key, other_key in sorted(pairs.items()):
        if key == other_key:
            _requirement(walk, old.id, before[key], after[other_key])
        _compare_pair(walk, old.id, before[key], after[other_key])


def compare_headers(walk: Walk, operation: str, old_at: str, new_at: str) -> None:
    """Compare the headers of a response, each at its pointer."""
    before, after = _headers(walk.comparison.old, old_at), _headers(walk.comparison.new, new_at)
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one is None or other is None:
            there = variant(required=(one or other or {}).get("required") is True)
            kind, row = ("header-removed", there) if other is None else ("header-added", "")
            at = (one or {}).get("at"), (other or {}).get("at")
            walk.tell(walk.finding(kind, *at, name, variant=row), operation, (Direction.RESPONSE,))
            continue
        was, now = (each.get("required") is True for each in (one, other))
        if was != now:
            kind = "header-became-required" if now else "header-became-optional"
            walk.tell(walk.finding(kind, one["at"], other["at"], name), operation, (Direction.RESPONSE,))
        walk.meet(walk.schema(0, one["at"]), walk.schema(1, other["at"]), operation, Direction.RESPONSE)


def _parameters(reader: Reader, operation: Operation) -> Parameters:
    found: Parameters = {}
    for holder in (operation.item_at, operation.at):
        for index in range(len(reader.at(holder).get("parameters", ()))):
            at = reader.follow(f"{holder}/parameters/{index}")
            content = reader.at(at)
            name, location = str(content.get("name")), str(content.get("in"))
            key = location, name.lower() if location == "header" else name
            found[key] = Parameter(at=at, name=name, location=location, content=content)
    return found


def _headers(reader: Reader, response_at: str) -> dict[str, dict[str, Any]]:
    names = reader.at(response_at).get("headers", {})
    found = {name.lower(): reader.follow(f"{response_at}/headers/{escape(name)}") for name in names}
    return {name: {**reader.at(at), "at": at} for name, at in found.items()}


def _requirement(walk: Walk, operation: str, old: Parameter, new: Parameter) -> None:
    if old.required != new.required:
        kind = "parameter-became-required" if new.required else "parameter-became-optional"
        _tell(walk, operation, kind, (old, new))


def _compare_pair(walk: Walk, operation: str, old: Parameter, new: Parameter) -> None:
    if old.style != new.style:
        _tell(walk, operation, "parameter-style-changed", (old, new), old=old.style, new=new.style)
    media = [next(iter(each.content.get("content", {})), None) for each in (old, new)]
    at = [
        each.at if name is None else f"{each.at}/content/{escape(name)}"
        for each, name in zip((old, new), media, strict=True)
    ]
    walk.meet(walk.schema(0, at[0]), walk.schema(1, at[1]), operation, Direction.REQUEST)


def _renamed(walk: Walk, operation: str, each: tuple[Parameter, Parameter], kind: str) -> None:
    old, new = each
    attributes = snake_case(old.name), snake_case(new.name)
    row = f"{variant(required=old.required)}>{variant(required=new.required)}" if kind in RENAMES else ""
    attribute = attributes[0] if attributes[0] == attributes[1] else None
    _tell(walk, operation, kind, each, variant=row, old=old.name, new=new.name, attribute=attribute)


def _tell(walk: Walk, operation: str, kind: str, each: tuple[Parameter | None, Parameter | None], **words: Any) -> None:
    was, now = each
    named = was or now
    subject = f"{named.location} {named.name}" if named is not None else ""
    finding = walk.finding(kind, was.at if was else None, now.at if now else None, subject, **words)
    walk.tell(finding, operation, (Direction.REQUEST,))


def _words(walk: Walk, side: int, parameter: Parameter) -> str:
    return describe((walk.comparison.old, walk.comparison.new)[side], walk.schema(side, parameter.at))
