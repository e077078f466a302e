"""What a request must be like to be relayed at all, and who may send one."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from unijob.proxy.fields import KEY_FIELD
from unijob.proxy.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from unijob.proxy.plan import Plan


def check_form(request: web.BaseRequest, header_bytes: int) -> None:
    """Refuse what this proxy cannot pass on as it is.

    Args:
        request: the request.
        header_bytes: the largest header section.

    Raises:
        RefusedError: says why.
    """
    raw_target = request.raw_path
    if request.method == "CONNECT":
        raise _malformed("CONNECT is not served here.")
    if "Upgrade" in request.headers:
        raise _malformed("Upgrade is not served here.")
    if not is_plain_framing(request.headers.getall("Transfer-Encoding", [])):
        raise _malformed("Transfer codings other than chunked are not served here.")
    if not raw_target.startswith("/"):
        raise _malformed("The request target must be a path; a full URL is not served here.")
    if not raw_target.isascii():
        raise _malformed("The request target has bytes that are not ASCII; they must be percent-encoded.")
    size = 0
    for name, value in request.raw_headers:
        size += len(name) + len(value) + 4
        if not value.isascii():
            raise _malformed("A header field of the request has bytes that are not ASCII.")
    if size > header_bytes:
        raise RefusedError(431, "header-too-large", "The header of the request is too large.")


def is_plain_framing(transfer_codings: Sequence[str]) -> bool:
    """Whether a body is framed by its length or by chunks alone; another coding would be lost on the way."""
    return not transfer_codings or [one.strip().lower() for one in transfer_codings] == ["chunked"]


def check_key(request: web.BaseRequest, plan: Plan) -> bool:
    """Refuse a caller without a key, where keys are asked for.

    Returns:
        Whether the key was sent as `Authorization`, which is then not passed on.

    Raises:
        RefusedError: there is no such key.
    """
    keys = plan.settings.inbound_keys
    if not keys:
        return False
    if _is_one_of(request.headers.get(KEY_FIELD, ""), keys):
        return False
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and _is_one_of(token.strip(), keys):
        return True
    detail = "This proxy asks for a key of its own: Unijob-Key, or Authorization: Bearer."
    raise RefusedError(401, "key", detail, fields=(("WWW-Authenticate", "Bearer"),))


def forwarded(request: web.BaseRequest) -> list[tuple[str, str]]:
    """Give the `X-Forwarded-*` fields of a request, those of proxies before this one kept."""
    before = request.headers.getall("X-Forwarded-For", [])
    return [
        ("X-Forwarded-For", ", ".join([*before, request.remote or "unknown"])),
        ("X-Forwarded-Proto", request.headers.get("X-Forwarded-Proto", request.scheme)),
        ("X-Forwarded-Host", request.headers.get("X-Forwarded-Host", request.headers.get("Host", ""))),
    ]


def _is_one_of(text: str, keys: Sequence[str]) -> bool:
    sent = text.encode("utf-8", "surrogateescape")
    return sum(hmac.compare_digest(sent, key.encode()) for key in keys) > 0


def _malformed(detail: str) -> RefusedError:
    return RefusedError(400, "malformed", detail)
