"""What a decoded JSON value is, told so that a type checker understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether a value is a JSON array."""
    return isinstance(value, list)


def is_mapping(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is an object, or what stands for one."""
    return isinstance(value, Mapping)


def is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    """Whether a value is what a JSON array is read as."""
    return isinstance(value, tuple)


def as_object(value: Any) -> dict[str, Any]:
    """A value as an object, empty where it is none."""
    return value if is_object(value) else {}


def as_list(value: Any) -> list[Any]:
    """A value as a list, empty where it is none."""
    return value if is_list(value) else []


def class_of(value: object) -> type:
    """The class of a value."""
    return type(value)
