"""Gets an upstream document: from its published address, or from a file."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import attrs

from unijob_codegen.errors import CodegenError

MEGABYTE = 1024 * 1024
LIMIT = 24 * MEGABYTE
"""Eight times the largest of the known documents."""


@attrs.frozen(kw_only=True)
class Upstream:
    """An upstream document as it was got."""

    data: bytes
    source: str
    """Where from, as it may be written down: an address without user, query and fragment, or a file's name."""


def get(origin: str, *, limit: int = LIMIT, timeout: float = 120.0) -> Upstream:
    """Get a document.

    Args:
        origin: an `http` or `https` address, or a path.
        limit: the most bytes that it may have.
        timeout: the most seconds that it may take.

    Raises:
        CodegenError: says why it cannot be had.
    """
    scheme = urlsplit(origin).scheme.lower()
    if scheme in {"http", "https"}:
        source = _without_secrets(origin)
        data = _download(origin, source, limit, timeout)
    else:
        path = Path(origin)
        source = path.name
        data = _read(path, source, limit)
    if not data.strip():
        raise CodegenError(f"{source}: it is empty")
    return Upstream(data=data, source=source)


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _too_large(source: str, limit: int) -> CodegenError:
    return CodegenError(
        f"{source}: larger than {limit // MEGABYTE} MB, which no OpenAPI document has a reason to be "
        "(if this one has, say so with --limit)"
    )


def _read(path: Path, source: str, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise CodegenError(f"{source}: cannot be read: {error.strerror}") from None
    if len(data) > limit:
        raise _too_large(source, limit)
    return data


def _download(url: str, source: str, limit: int, timeout: float) -> bytes:
    import asyncio  # noqa: PLC0415 - slow to import, and not needed for a file

    import aiohttp  # noqa: PLC0415 - as asyncio

    try:
        return asyncio.run(_stream(url, source, limit, timeout))
    except aiohttp.ClientResponseError as error:
        phrase = f"{error.status} {error.message}".strip()
        raise CodegenError(f"{source}: the server answered {phrase}; nothing was changed") from None
    except TimeoutError:
        raise CodegenError(f"{source}: no answer within {timeout:g} seconds; nothing was changed") from None
    except aiohttp.ClientConnectionError as error:
        host = urlsplit(source).netloc
        raise CodegenError(f"{source}: no connection to {host} ({_reason(error)}); nothing was changed") from None
    except (aiohttp.ClientError, ValueError) as error:
        raise CodegenError(f"{source}: cannot be got: {_reason(error)}; nothing was changed") from None


def _reason(error: Exception) -> str:
    cause = getattr(error, "os_error", None)
    return getattr(cause, "strerror", None) or type(error).__name__


async def _stream(url: str, source: str, limit: int, seconds: float) -> bytes:
    import aiohttp  # noqa: PLC0415 - as above

    limits = aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, 15.0))
    async with (
        aiohttp.ClientSession(timeout=limits, trust_env=True, headers={"Accept": "*/*"}) as session,
        session.get(url) as response,
    ):
        if response.status != HTTPStatus.OK:
            response.raise_for_status()
            raise CodegenError(f"{source}: the server answered {response.status}, not 200; nothing was changed")
        data = bytearray()
        async for chunk in response.content.iter_chunked(256 * 1024):
            data += chunk
            if len(data) > limit:
                raise _too_large(source, limit)
        return bytes(data)
