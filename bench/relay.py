"""A bare relay on aiohttp, with nothing a proxy owes anyone: what the proxy is measured against.

`python -m bench.relay URL` listens on a free loopback port and prints it. With `validate` behind the URL it parses each
answer and validates it with jsonschema-rs, the least that a check of it can cost where it happens.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web

Look = Callable[[str, bytes], None]
_HOP = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})


async def serve(upstream: str, look: Look | None = None) -> None:
    """Relay to an upstream until the process ends.

    Args:
        upstream: its base URL.
        look: called with the path and the body of each answer.
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
                content = await answer.read()
                if look is not None:
                    look(request.path, content)
                return web.Response(status=answer.status, headers=dict(kept), body=content)

        server = web.Server(relay, access_log=None)
        listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
        print(listener.sockets[0].getsockname()[1], flush=True)
        await listener.serve_forever()


def validating() -> Look:
    """Make what parses and validates an answer.

    Raises:
        AssertionError: it is not valid, so that what is measured is no check.
    """
    import jsonschema_rs  # noqa: PLC0415 - not in the bare relay
    import orjson  # noqa: PLC0415

    from bench import proxy_payloads as payloads  # noqa: PLC0415
    from unijob.proxy.memory import settle  # noqa: PLC0415

    document = payloads.contract()
    validators = {
        path: jsonschema_rs.Draft202012Validator(
            {**document, "$ref": f"#/components/schemas/{schema}"}, validate_formats=True
        )
        for path, schema in ((payloads.RUN_PATH, "EvalRun"), (payloads.LIST_PATH, "EvalRunList"))
    }
    settle()

    def look(path: str, body: bytes) -> None:
        if not validators[path].is_valid(orjson.loads(body)):
            raise AssertionError(path)

    return look


def main() -> None:
    """Relay to the URL on the command line, on uvloop where it is installed."""
    url, *how = sys.argv[1:]
    work = serve(url, validating() if how else None)
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


if __name__ == "__main__":
    main()
