"""One defect of a value, and the defects that a value by itself can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import attrs

from unijob.testing.strategies.documents import Schema, types_of
from unijob.testing.strategies.values import RANGES

Kind = Literal["type", "required", "range", "format", "extra", "enum"]
Path = tuple[str | int, ...]
OTHER_TYPES: Mapping[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 7,
    "number": 0.5,
    "string": "seven",
    "array": [],
    "object": {},
}
BAD_FORMATS: Mapping[str, Sequence[str]] = {
    "date-time": ["yesterday", "2026-02-30T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00"],
    "date": ["2026-1-1", "2026-02-30"],
    "uuid": ["1234", "0000000-00000-0000-0000-000000000000"],
    "uri": ["no uri"],
    "byte": ["=", "A"],
    **{name: ["", "1.5", "0x1", str(ends[1] + 1)] for name, ends in RANGES.items()},
}


@attrs.frozen(kw_only=True)
class Defect:
    """One change that makes a value break its schema.

    Attributes:
        kind: what is wrong.
        path: to the value that is wrong, missing or too much.
        value: what stands there instead; of a missing property nothing.
        format: where it is of a format: which.
    """

    kind: Kind
    path: Path
    value: Any = None
    format: str | None = None

    def within(self, key: str | int) -> Defect:
        """Give the same one step deeper."""
        return attrs.evolve(self, path=(key, *self.path))

    @property
    def pointer(self) -> str:
        """Where a contract tells it: of what is missing the parent."""
        steps = self.path[:-1] if self.kind == "required" else self.path
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)

    def apply(self, value: Any) -> Any:
        """Give a value with this defect; the value itself stays as it is."""
        return self._applied(value, self.path)

    def _applied(self, value: Any, path: Path) -> Any:
        if not path:
            return self.value
        copy = value.copy()
        if len(path) == 1 and self.kind == "required":
            del copy[path[0]]
        else:
            is_new = len(path) == 1 and self.kind == "extra"
            copy[path[0]] = self._applied(None if is_new else copy[path[0]], path[1:])
        return copy


def others(types: frozenset[str]) -> list[Any]:
    """Give a value of each type that is none of these."""
    return [value for name, value in OTHER_TYPES.items() if name not in types]


def own(node: Schema, value: Any) -> Iterator[Defect]:
    """Give what can be wrong with a value itself."""
    if "type" in node:
        yield from (Defect(kind="type", path=(), value=other) for other in others(types_of(node)))
    if "const" in node or "enum" in node:
        yield Defect(kind="enum", path=(), value="no such value")
        return
    name = node.get("format")
    if isinstance(value, str):
        yield from (Defect(kind="format", path=(), value=bad, format=name) for bad in BAD_FORMATS.get(name or "", ()))
        yield from _lengths(node, value, "Length", "x")
    elif isinstance(value, list):
        yield from _lengths(node, value, "Items", [None])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        low, high = RANGES.get(name or "", (None, None))
        for bound, step in ((low, -1), (high, 1)):
            if bound is not None:
                yield Defect(kind="range", path=(), value=bound + step, format=name)
        for keyword, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)):
            bound = node.get(keyword)
            if bound is not None and not isinstance(bound, bool):
                yield Defect(kind="range", path=(), value=bound + step)


def _lengths(node: Schema, value: Any, what: str, unit: Any) -> Iterator[Defect]:
    low, high = node.get("min" + what, 0), node.get("max" + what)
    if low and len(value) >= low:
        yield Defect(kind="range", path=(), value=value[: low - 1])
    if high is not None:
        yield Defect(kind="range", path=(), value=value + unit * (high + 1 - len(value)))
