"""What a JSON value is, told so that a type checker understands; a witness's environment has nothing of unijob."""

from __future__ import annotations

from typing import Any, TypeGuard


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether a value is a JSON array."""
    return isinstance(value, list)


def class_of(value: object) -> type:
    """The class of a value."""
    return type(value)
