"""JSON pointers and local references (RFC 6901)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote


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
    node = document
    for segment in unquote(ref).removeprefix("#").split("/")[1:]:
        key = unescape(segment)
        if isinstance(node, list):
            if not key.isdecimal():
                raise LookupError(ref)
            node = node[int(key)]
        elif isinstance(node, dict):
            node = node[key]
        else:
            raise LookupError(ref)  # noqa: TRY004 - nothing is there
    return node
