"""Tells what a JSON value is."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeGuard


class Bound(NamedTuple):
    """The least or the most that a number may be."""

    value: float
    excluded: bool


def is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    """Whether it is a tuple."""
    return isinstance(value, tuple)


def is_number(value: Any) -> TypeGuard[float]:
    """Whether it is a JSON number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def has_type(value: Any, type_: str) -> bool:
    """Whether JSON Schema counts a value to a type."""
    match value:
        case None:
            return type_ == "null"
        case bool():
            return type_ == "boolean"
        case int():
            return type_ in {"integer", "number"}
        case float():
            return type_ == "number" or (type_ == "integer" and value.is_integer())
        case str():
            return type_ == "string"
        case _:
            return type_ == ("array" if isinstance(value, list) else "object")
