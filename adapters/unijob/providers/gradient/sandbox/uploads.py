"""Files that are uploaded by signed links, which take their bytes by PUT and need no token. Only sizes are kept."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs

import attrs

from unijob.sandbox.clock import rfc3339
from unijob.sandbox.messages import Incoming
from unijob.sandbox.vendor import Call, Refusal, Reply
from unijob.sandbox.world import World

PLACE = "/uploads/"
LIFETIME = 900
"""Seconds for which a link works."""
_NOTE = "uploads"
_OK, _FORBIDDEN, _METHOD = 200, 403, 405


@attrs.define
class Upload:
    """A file that may be uploaded."""

    signature: str
    expires_at: float
    declared: int | None
    """Its size, as the caller said it would be."""
    size: int | None = None
    """Its size, once it is there."""


def create(call: Call) -> Reply:
    """Give a link for each file."""
    body: dict[str, Any] = call.body or {}
    if not body.get("files"):
        raise Refusal("invalid", "files must name at least one file", parameter="files")
    request = call.world.ids.next_uuid("upload request")
    return Reply({"request_id": request, "uploads": [_upload(call, file) for file in body["files"]]})


def _upload(call: Call, file: dict[str, Any]) -> dict[str, Any]:
    name, size = file.get("file_name"), file.get("file_size")
    if not name:
        raise Refusal("invalid", "file_name is required", parameter="files")
    if size is not None and int(size) < 0:
        raise Refusal("invalid", "file_size must be 0 or more", parameter="files")
    key = call.world.ids.next_uuid(_NOTE)
    upload = Upload(call.world.ids.of("signature", key), call.now + LIFETIME, int(size) if size is not None else None)
    _kept(call.world)[key] = upload
    query = f"X-Amz-Expires={LIFETIME}&X-Amz-Signature={upload.signature}"
    return {
        "original_file_name": name,
        "object_key": key,
        "presigned_url": f"{call.base_url}{PLACE}{key}?{query}",
        "expires_at": rfc3339(upload.expires_at),
    }


def receive(world: World, incoming: Incoming, now: float) -> int | None:
    """Take the bytes of a file.

    Returns:
        The HTTP status of the answer: 403 for a link that was not given out, has expired, or was given out for a file
        of another size. None where the address is none of a file.
    """
    if not incoming.path.startswith(PLACE):
        return None
    upload = _kept(world).get(incoming.path.removeprefix(PLACE))
    signature = parse_qs(incoming.query).get("X-Amz-Signature", [""])[0]
    if upload is None or not compare_digest(signature.encode(), upload.signature.encode()) or now >= upload.expires_at:
        return _FORBIDDEN
    if incoming.method != "PUT":
        return _METHOD
    if upload.declared is not None and len(incoming.body) != upload.declared:
        return _FORBIDDEN
    upload.size = len(incoming.body)
    return _OK


def size_of(world: World, key: str | None) -> int | None:
    """The size of a file that was uploaded, or None."""
    upload = _kept(world).get(key or "")
    return None if upload is None else upload.size


def _kept(world: World) -> dict[str, Upload]:
    found: dict[str, Upload] = world.notes.setdefault(_NOTE, {})
    return found
