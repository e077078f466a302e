"""A bare relay on aiohttp, with nothing a proxy owes anyone: what the proxy is measured against.

`python -m bench.relay URL` listens on a free loopback port and prints it.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web

_HOP = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})


async def serve(upstream: str) -> None:
    """Relay to an upstream until the process ends.

    Args:
        upstream: its base URL.
    """
    connector = TCPConnector(limit=0)
    async with ClientSession(connector=connector, cookie_jar=DummyCookieJar(), auto_decompress=False) as session:

        async def relay(request: web.BaseRequest) -> web.Response:
            headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _HOP]
            body = await request.read() if request.body_exists else None
            async with session.request(
                request.method, upstream + request.path_qs, headers=headers, data=body, allow_redirects=False
            ) as answer:
                kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP]
                return web.Response(status=answer.status, headers=dict(kept), body=await answer.read())

        server = web.Server(relay, access_log=None)
        listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
        print(listener.sockets[0].getsockname()[1], flush=True)
        await listener.serve_forever()


def main() -> None:
    """Relay to the URL on the command line, on uvloop where it is installed."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        asyncio.run(serve(sys.argv[1]))
    else:
        uvloop.run(serve(sys.argv[1]))


if __name__ == "__main__":
    main()
