"""The servers that the proxy's benchmarks put under load, each a process of its own.

`python -m bench.proxy_servers upstream` or `… proxy MODE ENGINE PATHS URL` listens on a free loopback port, and prints
it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import orjson

from bench import proxy_payloads as payloads


class Upstream(asyncio.Protocol):
    """Answers every request of a keep-alive connection with a body that was made before."""

    answers: dict[bytes, bytes]
    """Whole answers by the request's target."""

    def __init__(self) -> None:
        self._pending = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole; none has a body."""
        *heads, self._pending = (self._pending + data).split(b"\r\n\r\n")
        for head in heads:
            self._transport.write(self.answers[head.split(b" ", 2)[1]])


def answers() -> dict[bytes, bytes]:
    """Give what the upstream answers, by target."""
    bodies = {payloads.RUN_PATH: payloads.run_body()}
    bodies |= {payloads.list_target(items): payloads.list_body(items) for items in (100, 1000)}
    return {
        target.encode(): b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        % (len(body), body)
        for target, body in bodies.items()
    }


async def serve_upstream() -> None:
    """Answer until the process ends."""
    Upstream.answers = answers()
    listener = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await listener.serve_forever()


async def serve_proxy(mode: str, engine: str, paths: int, url: str) -> None:
    """Proxy to an upstream until the process ends.

    Args:
        mode: `off`, `report` or `enforce`.
        engine: `compiled` or `reference`.
        paths: how many paths the contract has.
        url: the upstream's base URL.
    """
    from unijob.proxy.memory import settle  # noqa: PLC0415
    from unijob.proxy.proxy import Proxy  # noqa: PLC0415 - not in the upstream's process
    from unijob.proxy.settings import Policy, ProxySettings, UpstreamSettings  # noqa: PLC0415
    from unijob.proxy.specs import load_contracts  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "contract.json"
        spec.write_bytes(orjson.dumps(payloads.contract(paths)))
        chosen: Any = {"policy": Policy(mode=mode), "engine": engine}  # type: ignore[arg-type]  # from the command line
        upstream = UpstreamSettings(name="mka1", url=url, spec=str(spec))
        settings = ProxySettings(upstreams=(upstream,), port=0, admin_port=None, **chosen)
        contracts = load_contracts(settings)
    async with Proxy(settings, contracts) as proxy:
        settle()
        print(proxy.url.rpartition(":")[2], flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Serve what the command line says, on uvloop where it is installed."""
    kind, *rest = sys.argv[1:]
    work = serve_upstream() if kind == "upstream" else serve_proxy(rest[0], rest[1], int(rest[2]), rest[3])
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


if __name__ == "__main__":
    main()
