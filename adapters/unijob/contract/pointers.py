"""JSON pointers (RFC 6901), as text without the leading `#`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable


def join_pointer(base: str, *segments: str | int) -> str:
    """Extend a pointer by unescaped segments."""
    return base + "".join("/" + str(segment).replace("~", "~0").replace("/", "~1") for segment in segments)


def decode_pointer(pointer: str) -> list[str]:
    """Split a pointer into its unescaped segments."""
    if not pointer:
        return []
    return [segment.replace("~1", "/").replace("~0", "~") for segment in pointer[1:].split("/")]


def decode_fragment(reference: str) -> str | None:
    """Turn the `$ref` of a bundled document into a pointer, or None where it leads elsewhere."""
    if reference == "#":
        return ""
    return unquote(reference[1:]) if reference.startswith("#/") else None


def is_under(path: Iterable[str | int], base: Iterable[str | int]) -> bool:
    """Tell whether an instance path is the child of another, one step down."""
    path, base = list(path), list(base)
    return len(path) == len(base) + 1 and path[:-1] == base
