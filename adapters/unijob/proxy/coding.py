"""Content codings: a bounded, decompressed copy of a body."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unijob.proxy.events import SkipReason

_GZIP_OR_ZLIB = 47
_GZIP = frozenset({"gzip", "x-gzip"})
_MOST_CODINGS = 2


class NotCheckedError(Exception):
    """A body cannot be checked.

    Args:
        reason: why.
    """

    def __init__(self, reason: SkipReason) -> None:
        super().__init__(reason)
        self.reason: SkipReason = reason


def codings(content_encoding: str) -> list[str]:
    """Give the codings of a `Content-Encoding`, in the order in which they were applied."""
    names = (name.strip().lower() for name in content_encoding.split(","))
    return [name for name in names if name not in {"", "identity"}]


def decoded(body: bytes, content_encoding: str, limit: int) -> bytes:
    """Decode a body.

    Args:
        body: the bytes as sent.
        content_encoding: the value of the field; empty where there is none.
        limit: the most bytes that may come out.

    Raises:
        NotCheckedError: a coding is not known, the bytes are not of it, or too much comes out.
    """
    if not content_encoding:
        return body
    names = codings(content_encoding)
    if len(names) > _MOST_CODINGS:
        raise NotCheckedError("encoding")
    for name in reversed(names):
        if not body:
            break
        body = _inflated(body, name, limit)
    return body


def _inflated(body: bytes, name: str, limit: int) -> bytes:
    if name not in _GZIP and name != "deflate":
        raise NotCheckedError("encoding")
    try:
        return _members(body, limit, _GZIP_OR_ZLIB)
    except zlib.error:
        if name != "deflate":
            raise NotCheckedError("encoding") from None
    try:
        return _members(body, limit, -zlib.MAX_WBITS)  # some send deflate without the zlib header
    except zlib.error:
        raise NotCheckedError("encoding") from None


def _members(body: bytes, limit: int, bits: int) -> bytes:
    out = bytearray()
    while body:
        stream = zlib.decompressobj(bits)
        out += stream.decompress(body, limit + 1 - len(out))
        if len(out) > limit:
            raise NotCheckedError("decompressed-size")
        if not stream.eof:
            raise NotCheckedError("encoding")
        body = stream.unused_data
    return bytes(out)
