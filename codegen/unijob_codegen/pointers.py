"""JSON pointers and local references (RFC 6901)."""

from __future__ import annotations

from typing import Any, TypeGuard
from urllib.parse import unquote


def is_object(node: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a node of a document is an object."""
    return isinstance(node, dict)


def is_list(node: Any) -> TypeGuard[list[Any]]:
    """Whether a node of a document is an array."""
    return isinstance(node, list)


def escape(segment: str) -> str:
    """Write one segment of a pointer."""
    return segment.replace("~", "~0").replace("/", "~1")


def unescape(segment: str) -> str:
    """Read one segment of a pointer."""
    return segment.replace("~1", "/").replace("~0", "~")


def look_up(document: Any, ref: str) -> Any:
    """Find what a local reference (`#/components/schemas/Name`) points to.

    Raises:
        LookupError: nothing is there.
    """
    node: Any = document
    for segment in unquote(ref).removeprefix("#").split("/")[1:]:
        key = unescape(segment)
        if is_list(node):
            if not key.isdecimal():
                raise LookupError(ref)
            node = node[int(key)]
        elif is_object(node):
            node = node[key]
        else:
            raise LookupError(ref)
    return node
