"""How much each kind of change weighs, in what is received and in what is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum

import attrs


class Level(IntEnum):
    """How much a change matters."""

    INFO = 1
    WARN = 2
    ERR = 3


class Direction(StrEnum):
    """Where a schema stands: in what is received, or in what is sent."""

    RESPONSE = "response"
    REQUEST = "request"


INFO, WARN, ERR = Level.INFO, Level.WARN, Level.ERR
BOTH = frozenset(Direction)


@attrs.frozen
class Row:
    """One row of the table: a kind of change, a variant of it, and its level in each direction."""

    kind: str
    variant: str
    response: Level | None
    request: Level | None
    meaning: str

    def levels(self) -> dict[Direction, Level]:
        """The levels of the directions in which such a change can be."""
        both = {Direction.RESPONSE: self.response, Direction.REQUEST: self.request}
        return {direction: level for direction, level in both.items() if level is not None}


TABLE = (
    Row("operation-removed", "", ERR, ERR, "operation removed"),
    Row("operation-added", "", INFO, INFO, "operation added"),
    Row("operation-renamed", "", ERR, ERR, "same method and path under another operation id"),
    Row("operation-moved", "", ERR, ERR, "same operation id under another method or path"),
    Row("status-removed", "success", ERR, None, "success status removed"),
    Row("status-removed", "error", INFO, None, "error status removed"),
    Row("status-added", "success", INFO, None, "success status added"),
    Row("status-added", "error", INFO, None, "error status added"),
    Row("media-type-removed", "", ERR, ERR, "media type removed"),
    Row("media-type-removed", "error", WARN, None, "media type of an error status removed"),
    Row("media-type-added", "", INFO, INFO, "media type added"),
    Row("header-removed", "required", ERR, None, "required response header removed"),
    Row("header-removed", "optional", WARN, None, "optional response header removed"),
    Row("header-added", "", INFO, None, "response header added"),
    Row("header-became-optional", "", ERR, None, "response header became optional"),
    Row("header-became-required", "", INFO, None, "response header became required"),
    Row("body-added", "required", None, ERR, "required request body added"),
    Row("body-added", "optional", None, INFO, "optional request body added"),
    Row("body-removed", "", None, WARN, "request body removed"),
    Row("body-became-required", "", None, ERR, "request body became required"),
    Row("body-became-optional", "", None, INFO, "request body became optional"),
    Row("parameter-added", "required", None, ERR, "required parameter added"),
    Row("parameter-added", "optional", None, INFO, "optional parameter added"),
    Row("parameter-removed", "", None, WARN, "parameter removed"),
    Row("parameter-became-required", "", None, ERR, "parameter became required"),
    Row("parameter-became-optional", "", None, INFO, "parameter became optional"),
    Row("parameter-style-changed", "", None, ERR, "parameter is written another way (style, explode, content)"),
    Row("path-parameter-renamed", "", None, WARN, "path parameter has another name in its place"),
    Row("property-removed", "required", ERR, WARN, "required property removed"),
    Row("property-removed", "optional", WARN, WARN, "optional property removed"),
    Row("property-added", "required", INFO, ERR, "required property added"),
    Row("property-added", "optional", INFO, INFO, "optional property added"),
    Row("property-became-optional", "", ERR, INFO, "property became optional"),
    Row("property-became-required", "", INFO, ERR, "property became required"),
    Row("enum-value-added", "", WARN, INFO, "enum value added"),
    Row("enum-value-removed", "", INFO, ERR, "enum value removed"),
    Row("const-changed", "", ERR, ERR, "the only value is another"),
    Row("type-changed", "", ERR, ERR, "type changed"),
    Row("format-changed", "", ERR, ERR, "format (or `x-unijob-time`) changed into another"),
    Row(
        "constraint-changed",
        "",
        ERR,
        ERR,
        "constraint changed, neither wider nor narrower (`pattern`, `multipleOf`, …)",
    ),
    Row("widened", "", ERR, INFO, "type or constraint widened, or format lifted"),
    Row("narrowed", "", INFO, ERR, "type or constraint narrowed, or format imposed"),
    Row("alternative-added", "", ERR, INFO, "alternative (`oneOf`, `anyOf`, a further type) added"),
    Row("alternative-removed", "", INFO, ERR, "alternative removed"),
    Row("became-nullable", "", ERR, INFO, "became nullable"),
    Row("became-non-nullable", "", INFO, ERR, "became non-nullable"),
    Row("default-changed", "", INFO, INFO, "default changed"),
    Row("deprecated", "", INFO, INFO, "became deprecated"),
    Row("undeprecated", "", INFO, INFO, "is no longer deprecated"),
)
"""Every kind of change but renames, whose level is the worse of their removal and their addition."""

RENAMES = {"property-renamed": "property", "parameter-renamed": "parameter"}

_ROWS = {(row.kind, row.variant): row for row in TABLE}


def levels_of(kind: str, variant: str) -> dict[Direction, Level]:
    """Look up a change's level in each direction.

    Args:
        kind: of the table, or a rename.
        variant: the row's; of a rename `was>is` with each `required` or `optional`.
    """
    if kind in RENAMES:
        was, _, now = variant.partition(">")
        what = RENAMES[kind]
        removed = _ROWS.get((f"{what}-removed", was)) or _ROWS[f"{what}-removed", ""]
        return worst([removed.levels(), _ROWS[f"{what}-added", now].levels()])
    return _ROWS[kind, variant].levels()


def worst(tables: Iterable[Mapping[Direction, Level]]) -> dict[Direction, Level]:
    """The worst level of each direction."""
    found: dict[Direction, Level] = {}
    for table in tables:
        for direction, level in table.items():
            found[direction] = max(level, found.get(direction, level))
    return found
