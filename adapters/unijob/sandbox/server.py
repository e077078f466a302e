"""The HTTP server: from sockets to services and back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from unijob.sandbox.messages import Incoming, Outgoing

LARGEST_BODY = 16 * 2**20
_BAD_REQUEST = 400
Answer = Callable[[str, Incoming], Awaitable[Outgoing | None]]
"""Answers a request to what is served under a name, the first segment of the path; None where nothing is."""


class Server:
    """Listens, and hands every request on.

    Args:
        answer: what answers.
        host: the address to listen on.
        port: the port; 0 for any that is free.
    """

    def __init__(self, answer: Answer, *, host: str, port: int) -> None:
        self._answer = answer
        self._host = host
        self._wanted_port = port
        self._runner: web.AppRunner | None = None

    @property
    def address(self) -> str:
        """Where it listens, `http://127.0.0.1:9100`."""
        if self._runner is None or not self._runner.addresses:
            raise RuntimeError("the sandbox is not running: use it as `async with Sandbox(...) as sandbox`")
        port = self._runner.addresses[0][1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{port}"

    async def start(self) -> None:
        """Begin to listen."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.05)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._wanted_port).start()
        except OSError:
            await self.close()
            raise
        self._wanted_port = self._runner.addresses[0][1]  # started again, it is where it was

    async def close(self) -> None:
        """Stop listening, and break off what is still being answered."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        _, _, rest = request.rel_url.raw_path.partition("/")
        name, slash, path = rest.partition("/")
        outgoing = await self._answer(name, await self._incoming(request, name, slash + path))
        if outgoing is None:
            return web.json_response({"error": "nothing is served here: GET /-/ tells what is"}, status=404)
        if outgoing.status is None:
            return _broken_off(request)
        if outgoing.sent is not None:
            return await _cut_short(request, outgoing)
        return web.Response(status=outgoing.status, headers=outgoing.headers, body=outgoing.body)

    async def _incoming(self, request: web.Request, name: str, path: str) -> Incoming:
        return Incoming(
            method=request.method,
            path=path,
            query=request.rel_url.raw_query_string,
            headers={key.lower(): value for key, value in request.headers.items()},
            body=await request.read(),
            base_url=f"{self._origin(request)}/{name}",
        )

    def _origin(self, request: web.Request) -> str:
        try:
            return str(request.url.origin())
        except ValueError:  # a Host header that is no host
            return self.address


def _broken_off(request: web.Request) -> web.Response:
    """Break the connection; the response only ends the handler, and goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut_short(request: web.Request, outgoing: Outgoing) -> web.StreamResponse:
    response = web.StreamResponse(status=outgoing.status or _BAD_REQUEST, headers=outgoing.headers)
    response.content_length = len(outgoing.body)
    await response.prepare(request)
    await response.write(outgoing.body[: outgoing.sent])
    await asyncio.sleep(0)
    if request.transport is not None:
        request.transport.close()
    return response
