"""Says in few words what a schema allows."""

from __future__ import annotations

import json
from typing import Any

from unijob_codegen.diff.narrowing import Bound, is_tuple
from unijob_codegen.diff.reading import TIME, Reader
from unijob_codegen.diff.shapes import Shape, Sub

_COMPONENT = "#/components/schemas/"
_SHOWN_VALUES = 4


def describe(reader: Reader, sub: Sub) -> str:
    """What a schema allows: `string (date-time) or null`, `array of Run`."""
    node = reader.node(sub)
    if node.is_anything:
        return "anything"
    words = list(dict.fromkeys(describe_shape(reader, shape) for shape in node.shapes))
    if node.nullable:
        words.append("null")
    return " or ".join(words) or "nothing"


def describe_shape(reader: Reader, shape: Shape) -> str:
    """What one alternative allows."""
    name = component(shape.at)
    if name is not None and (shape.properties or shape.values):
        return name
    if shape.values is not None and shape.type != "object":
        values = ", ".join(json.dumps(value, ensure_ascii=False) for value in shape.values[:_SHOWN_VALUES])
        more = ", …" if len(shape.values) > _SHOWN_VALUES else ""
        return f"{'enum' if len(shape.values) > 1 else 'const'} {values}{more}"
    if shape.type == "array":
        return f"array of {describe_items(reader, shape)}"
    formats = ", ".join(str(shape.facets[key].value) for key in ("format", TIME) if key in shape.facets)
    return f"{shape.type or 'anything'} ({formats})" if formats else shape.type or "anything"


def describe_items(reader: Reader, shape: Shape) -> str:
    """What the items of an array may be, one level deep."""
    node = reader.node(shape.items)
    if node.is_anything:
        return "anything"
    names = [component(item.at) or (item.type or "anything") for item in node.shapes]
    return " or ".join(dict.fromkeys(names)) + (" or null" if node.nullable else "")


def component(pointer: str) -> str | None:
    """The name of the schema component that a pointer leads to, if it leads to a whole one."""
    name = pointer.removeprefix(_COMPONENT)
    return name if name != pointer and "/" not in name else None


def shown(value: Any) -> str:
    """A JSON value, or a bound, in words."""
    if isinstance(value, Bound):
        return f"{value.value} (excluded)" if value.excluded else str(value.value)
    if is_tuple(value):
        return ", ".join(map(shown, value))
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
