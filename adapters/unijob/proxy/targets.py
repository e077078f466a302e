"""Request targets, as they stand in the request line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from unijob.errors import Violation
from unijob.redact import MASK, is_secret_name
from unijob.values import value_class

if TYPE_CHECKING:
    from collections.abc import Iterable

# Decoded before it is looked at, %2F %5C %3F %23 or a control character leads elsewhere; and a percent sign that begins
# no escape is read in more than one way.
_ODD = re.compile(r"//|\\|%(?:2[fF3]|5[cC]|3[fF]|[01][0-9a-fA-F]|7[fF]|(?![0-9a-fA-F]{2}))")
_DOTS = re.compile(r"(?:^|/)(?:\.|%2[eE]){1,2}(?=/|$)")


@value_class
class Target:
    """A request target behind its mount.

    Attributes:
        name: the first segment, that names the upstream.
        path: what follows, still percent-encoded, up to the query.
        query: what follows the first `?`, without it.
        rest: path, query and fragment, byte for byte.
    """

    name: str
    path: str
    query: str
    rest: str

    @property
    def oddity(self) -> str:
        """Why it is not canonical; empty where it is."""
        path = self.path
        if "#" in self.rest:
            return "has a fragment"
        if "%" not in path and "//" not in path and "/." not in path and "\\" not in path:
            return ""
        if _ODD.search(path):
            return "has an empty segment, or an encoded or misplaced delimiter in a segment"
        if _DOTS.search(path):
            return "has a segment of dots"
        return ""


def split_target(raw: str) -> Target:
    """Split an origin-form target."""
    path, mark, query = raw.partition("?")
    _, _, inner = path.partition("/")
    name, slash, tail = inner.partition("/")
    behind = slash + tail
    return Target(name, behind, query.partition("#")[0], behind + mark + query)


def oddity_violation(target: Target) -> Violation | None:
    """Give the violation of a target that is not canonical."""
    oddity = target.oddity
    if not oddity:
        return None
    return Violation(place="request.path", pointer="", keyword="canonical", message=oddity)


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Decode a query into names and values, in order; bytes that are not UTF-8 become lone surrogates."""
    pairs: list[tuple[str, str]] = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((_decoded(name), _decoded(value)))
    return pairs


def redact_target(raw: str, secrets: Iterable[str]) -> str:
    """A target without the values of secret parameters, and without the secrets given."""
    for secret in secrets:
        raw = raw.replace(secret, MASK)
    path, mark, query = raw.partition("?")
    if not mark:
        return raw
    return path + mark + "&".join(_masked(part) for part in query.split("&"))


def _masked(part: str) -> str:
    name, mark, _ = part.partition("=")
    plain = _decoded(name)
    is_secret = is_secret_name(plain) or plain.lower() in {"key", "code", "auth"}
    return name + mark + MASK if mark and is_secret else part


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="surrogateescape") if "%" in text or "+" in text else text
