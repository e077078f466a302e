"""`unijob drift`, of a proxy that runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.unijob.cli.running import Run
from tests.unijob.proxy.test_admin import BROKEN, serving
from tests.unijob.proxy.wires import Upstream, exchange, request

DRIFTING = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n{"id": 1, "surprise": 1}'


@asynccontextmanager
async def admin_of(answer: bytes, folder: Path, *, requests: int = 1) -> AsyncGenerator[str, None]:
    """The admin's address of a proxy that has passed some answers."""
    async with Upstream(answer) as upstream, serving(upstream, folder) as served:
        for _ in range(requests):
            await exchange(served.running.proxy, request("GET", "/items/1"))
        await asyncio.sleep(0)
        yield served.admin_url


async def test_drift_is_listed_with_how_often(run: Run, tmp_path: Path) -> None:
    """A line for each place, in a table or as JSON."""
    async with admin_of(DRIFTING, tmp_path, requests=3) as url:
        shown = await asyncio.to_thread(run, "drift", url)
        told = await asyncio.to_thread(run, "drift", f"{url}/-/", "--json", "--operation", "get_item")
        none = await asyncio.to_thread(run, "drift", url, "--upstream", "other")
    assert (shown.code, shown.err) == (0, "")
    assert "response.body /surprise" in shown.out
    assert "get_item" in shown.out
    (finding,) = told.json["drift"]
    assert (finding["pointer"], finding["count"]) == ("/surprise", 3)
    assert (none.code, none.out, none.err) == (0, "", "The proxy has seen no drift.\n")


async def test_violations_are_listed_with_their_request(run: Run, tmp_path: Path) -> None:
    """A line for each violation; the request id finds the line of the log."""
    async with admin_of(BROKEN, tmp_path) as url:
        shown = await asyncio.to_thread(run, "drift", url, "--violations", env={"COLUMNS": "200"})
        told = await asyncio.to_thread(run, "drift", url, "--violations", "--json")
    (seen,) = told.json["violations"]
    assert "response.body /id" in shown.out
    assert seen["request_id"] in shown.out


async def test_the_proxy_itself_is_no_admin(run: Run, tmp_path: Path) -> None:
    """Asked where callers come in, it says where the admin is."""
    async with Upstream(BROKEN) as upstream, serving(upstream, tmp_path) as served:
        ended = await asyncio.to_thread(run, "drift", served.running.proxy.url)
    assert ended.code == 8
    assert "is no admin listener of a proxy" in ended.err
    assert len(ended.err.splitlines()) == 2


def test_nobody_answers(run: Run) -> None:
    """Says whom it asked, and what to look at."""
    ended = run("drift", "http://127.0.0.1:9")
    assert ended.code == 8
    assert ended.err == (
        "unijob: no proxy answers at http://127.0.0.1:9\n  `unijob proxy` tells at its start where its admin is.\n"
    )


@pytest.mark.parametrize("url", ["127.0.0.1:8081", "ftp://x", "http://"])
def test_what_is_no_url(run: Run, url: str) -> None:
    """Is refused with an example."""
    ended = run("drift", url)
    assert ended.code == 2
    assert "as in http://127.0.0.1:8081" in ended.err
