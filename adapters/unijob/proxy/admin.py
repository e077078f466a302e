"""The admin listener: an address of its own, so that nothing of it is reachable where callers come in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from unijob.proxy.server import Listener
from unijob.proxy.settings import Limits
from unijob.proxy.targets import query_pairs

if TYPE_CHECKING:
    from unijob.proxy.admin_pages import Page, Pages
    from unijob.proxy.record import Record

_CLOSE_SECONDS = 0.05  # 0 is without end to aiohttp
_LIMITS = Limits(connections=64, header_bytes=2**14, keep_alive_seconds=30)


class Admin:
    """Serves the admin pages.

    Args:
        pages: what is served.
        host: the address to listen on.
        port: the port; 0 for any that is free.
    """

    def __init__(self, pages: Pages, *, host: str, port: int) -> None:
        self._pages = pages
        self._host = host
        self._port = port
        self._listener: Listener | None = None
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it listens, `http://127.0.0.1:8081`."""
        if self._server is None:
            raise RuntimeError("the admin listener is not running")
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the address cannot be had.
        """
        self._listener = Listener(self._handle, limits=_LIMITS, refused=_untold)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._listener, self._host, self._port)

    async def close(self) -> None:
        """Stop listening, and break off what is still being answered."""
        if self._server is not None:
            self._server.close()
        if self._listener is not None:
            await self._listener.shutdown(_CLOSE_SECONDS)
        self._server = self._listener = None

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method not in {"GET", "HEAD"}:
            refused = web.Response(status=405, headers={"Allow": "GET, HEAD"}, text="it takes GET and HEAD only\n")
            refused.force_close()
            return refused
        path, _, query = request.raw_path.partition("?")
        return _response(self._pages.answer(path, query_pairs(query)))


def _response(page: Page) -> web.Response:
    headers = {"Content-Type": page.content_type, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.Response(status=page.status, headers=headers, body=page.body)


def _untold(_: Record) -> None:
    """What cannot be read here is no exchange."""
