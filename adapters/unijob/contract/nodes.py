"""Nodes of a document, of which nothing is known until they are looked at."""

from __future__ import annotations

from typing import Any, TypeGuard


def as_object(node: Any) -> dict[str, Any]:
    """Give a node as an object, empty where it is none."""
    return node if _is_object(node) else {}


def as_list(node: Any) -> list[Any]:
    """Give a node as a list, empty where it is none."""
    return node if _is_list(node) else []


def _is_object(node: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(node, dict)


def _is_list(node: Any) -> TypeGuard[list[Any]]:
    return isinstance(node, list)
