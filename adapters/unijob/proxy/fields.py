"""Header fields: which are passed on, and how a head is written."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from unijob.redact import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    RawFields = Iterable[tuple[bytes, bytes]]

PSEUDONYM = "unijob"
KEY_FIELD = "unijob-key"
_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_KEPT = frozenset({b"content-length", b"content-type", b"host"})
"""Fields that `Connection` may not name away: the message would change its meaning."""
_FROM_CALLER = _HOP | {b"host", b"expect", KEY_FIELD.encode()}
_FROM_UPSTREAM = _HOP | {b"unijob-source", b"unijob-violations", b"unijob-request-id"}
_LONGEST_KNOWN = 64
"""Field names up to this length are remembered."""
_ISSUED = ("authorization", "proxy-authorization")


class MalformedHeadError(Exception):
    """A head cannot be written without changing its meaning."""


def request_fields(raw: RawFields) -> list[tuple[str, str]]:
    """Give the fields of a request that are passed on, as they came."""
    listed = list(raw)
    dropped = _named_away(listed) | _FROM_CALLER
    return [(name.decode("ascii"), value.decode("ascii")) for name, value in listed if name.lower() not in dropped]


def replaced(fields: Sequence[tuple[str, str]], own: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give fields with some in place of those of their names."""
    names = {name.lower() for name, _ in own}
    return [*(field for field in fields if field[0].lower() not in names), *own]


def via(version: tuple[int, int]) -> str:
    """Give the value of `Via` for a message received in a version of HTTP."""
    return f"{version[0]}.{version[1]} {PSEUDONYM}"


def response_fields(raw: RawFields, *, chunked: bool) -> list[tuple[bytes, bytes]]:
    """Give the fields of a response that are passed on, as they came.

    Args:
        raw: the fields.
        chunked: whether the body came in chunks, so that a `Content-Length` says nothing.
    """
    listed = list(raw)
    dropped = _named_away(listed) | _FROM_UPSTREAM
    if chunked:
        dropped = dropped | {b"content-length"}
    return [(name, value) for name, value in listed if name.lower() not in dropped]


def write_head(status: int, reason: str, fields: RawFields) -> bytes:
    """Write a status line and header fields.

    Raises:
        MalformedHeadError: a line break hides in one of them.
    """
    first = f"HTTP/1.1 {status} {reason}".encode("utf-8", "surrogateescape")
    lines = [first, *(name + b": " + value for name, value in fields), b"", b""]
    head = b"\r\n".join(lines)
    breaks = len(lines) - 1
    if head.count(b"\n") != breaks or head.count(b"\r") != breaks or b"\0" in head:
        raise MalformedHeadError
    return head


def secrets_of(raw: RawFields) -> tuple[str, ...]:
    """Give the credentials in header fields: whole values, and what follows a scheme or a name in them."""
    found: set[str] = set()
    for name, value in raw:
        if _is_secret(name) if len(name) <= _LONGEST_KNOWN else _is_secret.__wrapped__(name):
            whole = value.decode("latin-1")
            parts = [part.strip().rpartition("=")[2] for part in whole.replace(",", ";").split(";")]
            found.update([whole, whole.rpartition(" ")[2], *parts])
    return tuple(sorted((one for one in found if len(one) > 3), key=len, reverse=True))  # noqa: PLR2004


@lru_cache(maxsize=1024)
def _is_secret(name: bytes) -> bool:
    text = name.decode("latin-1").lower()
    return text in _ISSUED or is_secret_name(text)


def _named_away(fields: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    named: set[bytes] = set()
    for name, value in fields:
        if len(name) == 10 and name.lower() == b"connection":  # noqa: PLR2004
            named.update(token.strip().lower() for token in value.split(b","))
    return frozenset(named - _KEPT)
