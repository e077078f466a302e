"""Keeps credentials out of whatever a person or a log may read."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import quote

import attrs

MASK = "***"

_SECRET_NAME = re.compile(
    r"authorization|cookie|password|passwd|passphrase|credential|apikey|privatekey|secret|signedurl|token$|^sig$|signature",
)
_SIGNED = re.compile(
    r"(?i)(?:^|[?&;])(?:x-(?:amz|goog)-[a-z-]+|sig|signature|[a-z_-]*token|awsaccesskeyid|googleaccessid|key-pair-id"
    r"|api[_-]?key|secret|password)="
)
_URL = re.compile(r"(?i)\b(?P<scheme>[a-z][a-z0-9+.-]{0,15}://)(?P<user>[^\s/?#@\"'<>]*@)?(?P<rest>[^\s\"'<>]*)")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}")
_PAIR = re.compile(
    r"""(?ix)(["']?\b(?:api[_-]?key|(?:\w+_)?token|(?:\w+_)?secret(?:_\w+)?|password)["']?\s*[=:]\s*)
    (?:"[^"]{0,4096}"|'[^']{0,4096}'|(?<==)[^\s&"',;]+)"""
)
_SHORTEST_SECRET = 4
_DEEPEST = 100


def is_secret_name(name: str) -> bool:
    """Whether the value under such a name is a credential: `webhook_secret`, `refresh_token`, `signedUrl`."""
    return _SECRET_NAME.search(re.sub(r"[^a-z0-9]", "", name.lower())) is not None


def redact_url(url: str) -> str:
    """A URL without user, password, and the query that signs it."""
    return _URL.sub(_masked_url, url)


def redact_query(query: str) -> str:
    """A query as it is, or masked where it signs."""
    return MASK if _SIGNED.search(f"?{query}") else query


def _masked_url(match: re.Match[str]) -> str:
    user = MASK + "@" if match["user"] else ""
    head, mark, query = match["rest"].partition("?")
    return f"{match['scheme']}{user}{head}{mark}{redact_query(query)}"


def _spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    found = [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]
    coded = [b64encode(secret.encode()).decode() for secret in found]
    return tuple(sorted({*found, *coded, *(quote(secret, safe="") for secret in found)}, key=len, reverse=True))


@attrs.frozen(repr=False)
class Redactor:
    """Masks credentials in texts and JSON values, deeply.

    Args:
        secrets: texts that are masked wherever they stand: keys, proxy passwords. Shorter ones than four characters
            are left, since masking them would garble everything.
    """

    _secrets: tuple[str, ...] = attrs.field(default=(), converter=_spellings)

    def text(self, text: str) -> str:
        """The text with credentials masked."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        text = redact_url(text)
        return _PAIR.sub(rf"\1{MASK}", _BEARER.sub(rf"\1 {MASK}", text))

    def value(self, value: Any, depth: int = 0) -> Any:
        """The JSON value with credentials masked; what lies too deep to look into is masked whole."""
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, (Mapping, list, tuple)):
            return value
        if depth >= _DEEPEST:
            return MASK
        if isinstance(value, Mapping):
            members = cast("Mapping[str, Any]", value)
            return {self.text(str(name)): self._member(str(name), item, depth) for name, item in members.items()}
        return [self.value(item, depth + 1) for item in cast("Iterable[Any]", value)]

    def _member(self, name: str, item: Any, depth: int) -> Any:
        if is_secret_name(name) and item is not None and not isinstance(item, bool):
            return MASK
        return self.value(item, depth + 1)
