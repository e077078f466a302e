"""Every failure is one clear message, and leaves every file as it was."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from tests.codegen.intake.conftest import Failing, Take
from tests.codegen.intake.samples import small
from unijob_codegen.errors import CodegenError
from unijob_codegen.intake import fetching, filing, retrieval
from unijob_codegen.intake.fetching import Request

MEGABYTE = 1024 * 1024
Get = Callable[[str], Any]


async def _document(_: web.Request) -> web.Response:
    return web.json_response(small())


async def _page(_: web.Request) -> web.Response:
    return web.Response(text="<!DOCTYPE html>\n<html><body>Sign in</body></html>", content_type="text/html")


async def _broken(_: web.Request) -> web.Response:
    return web.Response(status=500, text="no")


async def _partial(_: web.Request) -> web.Response:
    return web.Response(status=204)


async def _large(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        for _ in range(30):
            await response.write(b" " * MEGABYTE)
    except ConnectionError:
        pass
    return response


async def _slow(_: web.Request) -> web.Response:
    await asyncio.sleep(5)
    return web.Response()


@pytest_asyncio.fixture
async def address() -> AsyncIterator[str]:
    """A server that answers each path in its own way."""
    app = web.Application()
    handlers = {
        "document": _document,
        "page": _page,
        "broken": _broken,
        "partial": _partial,
        "large": _large,
        "slow": _slow,
    }
    app.add_routes([web.get(f"/{name}", handler) for name, handler in handlers.items()])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def fetch(root: Path, origin: str) -> fetching.Fetched:
    request = Request(provider="shop", revision="1", origin=origin)
    return await asyncio.to_thread(fetching.fetch, root, request)


async def test_a_document_is_downloaded(root: Path, address: str) -> None:
    """An address works like a file; the lock keeps it without user, query and fragment."""
    secret = address.replace("http://", "http://me:secret@") + "/document?token=secret#x"
    assert (await fetch(root, secret)).operations == 2
    lock = (root / "specs/specs.lock").read_text(encoding="utf-8")
    assert f'source = "{address}/document"' in lock
    assert "secret" not in lock


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("page", "this is an HTML page, not an OpenAPI document"),
        ("broken", "the server answered 500 Internal Server Error"),
        ("partial", "the server answered 204, not 200"),
        ("nowhere", "the server answered 404 Not Found"),
        ("large", "larger than 24 MB"),
    ],
)
async def test_an_answer_that_is_no_document(
    root: Path, address: str, failing: Failing, path: str, message: str
) -> None:
    """A page, an error and 30 MB each have their message."""
    with failing(message, address):
        await fetch(root, f"{address}/{path}")


async def test_no_network(root: Path, failing: Failing) -> None:
    """Where nobody listens, the message says so."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with failing(f"no connection to 127.0.0.1:{port}", "nothing was changed"):
        await fetch(root, f"http://127.0.0.1:{port}/openapi.json")


async def test_an_answer_that_does_not_come(address: str) -> None:
    """A server that keeps silent is left after the time given."""
    with pytest.raises(CodegenError, match=r"no answer within 0\.1 seconds"):
        await asyncio.to_thread(retrieval.get, f"{address}/slow", timeout=0.1)


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        (b"openapi: 3.1.0\npaths: {a: [}\n", (":2:", "malformed YAML")),
        (b'{"openapi": "3.1.0",}', (":1:", "malformed JSON")),
        (b'{"openapi": "3.1.0", "x": NaN}', ("malformed", "NaN")),
        (b"openapi: 3.1.0\nopenapi: 3.1.0\n", (":2:", "stands twice")),
        (b"a: &a [*a]\n", ("malformed YAML",)),
        (b"[" * 5000, ("malformed YAML",)),
        (b'{"a":' * 100_000, ("nested too deeply",)),
        (b"swagger: '2.0'\n", ("not an OpenAPI 3.0 or 3.1 document",)),
        (b"openapi: 3.1.0\npaths: []\n", ("its `paths` is not an object",)),
        (b"<html></html>", ("an HTML page",)),
        (b"<?xml version='1.0'?>", ("XML",)),
        (b"  \n", ("empty",)),
        (b"\xff\xfe\x00", ("malformed",)),
        (b" " * (25 * MEGABYTE), ("larger than 24 MB", "--limit")),
    ],
)
def test_what_is_no_document(take: Take, failing: Failing, document: bytes, parts: tuple[str, ...]) -> None:
    """Malformed, of another kind, or too large: the place and the reason."""
    with failing("upstream.json", *parts):
        take(document)


def test_a_file_that_is_not_there(root: Path, failing: Failing) -> None:
    """Only the file's name is told, not where it should lie."""
    with failing("missing.yaml: cannot be read: No such file"):
        fetching.fetch(root, Request(provider="shop", revision="1", origin=str(root / "missing.yaml")))


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("#/components/schemas/Gone", "refers to '#/components/schemas/Gone', which is not there"),
        ("other.yaml#/Person", "refers to another document, 'other.yaml#/Person'"),
        ("https://example.com/a.json", "refers to another document, 'https://example.com/a.json'"),
        ("#/components/schemas/Loop", "leads back to itself"),
    ],
)
def test_references_that_lead_nowhere(take: Take, failing: Failing, ref: str, message: str) -> None:
    """A dangling, a remote and a circular reference are defects with their pointer."""
    document = small()
    schemas = document["components"]["schemas"]
    schemas["Person"]["properties"]["friend"] = {"$ref": ref}
    schemas["Loop"] = {"$ref": "#/components/schemas/Loop"}
    with failing("#/components/schemas/", message, "specs/shop/overlay.yaml"):
        take(document)


def test_a_cycle_of_schemas_is_no_failure(root: Path, take: Take) -> None:
    """A schema that holds itself is taken in as it is."""
    take(small())
    assert "#/components/schemas/Person" in (root / "specs/shop/1.yaml").read_text(encoding="utf-8")


def test_every_defect_is_listed(take: Take, failing: Failing) -> None:
    """An unrepaired defect stops the command with all of them, each with its pointer."""
    document = small()
    properties = document["paths"]["/orders/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    properties["properties"]["id"] = {"type": "string", "default": None}
    document["components"]["schemas"]["Person"]["properties"]["age"] = {"type": "integer", "exclusiveMinimum": True}
    at = "#/paths/~1orders~1{id}/get/responses/200/content/application~1json/schema/properties/id/default"
    with failing(
        "2 defects", f"{at}: null", "#/components/schemas/Person/properties/age/exclusiveMinimum: true is not"
    ):
        take(document)


def test_an_unknown_format_is_only_noted(take: Take) -> None:
    """What nobody checks does not stop anything."""
    document = small()
    document["components"]["schemas"]["Person"]["properties"]["mood"] = {"type": "string", "format": "emoji"}
    assert any("'emoji' is no known format" in note for note in take(document).notes)


def test_a_file_that_cannot_be_written_leaves_the_others(
    take: Take, failing: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the last of three files fails, the first two are as they were."""
    written = filing.write

    def refuse(path: Path, data: bytes) -> None:
        if path.name == "specs.lock":
            raise OSError(28, "No space left on device")
        written(path, data)

    monkeypatch.setattr(filing, "write", refuse)
    with failing("specs.lock: cannot be written: No space left on device"):
        take(small())


def test_a_lock_that_cannot_be_read_stops(root: Path, take: Take, failing: Failing) -> None:
    """What the lock knew of other specs is not thrown away."""
    (root / "specs/specs.lock").write_text("= nonsense", encoding="utf-8")
    with failing("specs/specs.lock: malformed", "python -m unijob_codegen lock"):
        take(small())


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ("overlay: 2.0.0\nactions: []\n", "not an OpenAPI Overlay 1.0 document"),
        ("overlay: 1.0.0\nactions:\n  - target: $.paths\n    remove: true\n", "actions/0: has no `description`"),
        ("overlay: 1.0.0\nactions:\n  - {target: '$[', remove: true, description: x}\n", "is no JSONPath"),
        ("overlay: 1.0.0\nactions:\n  - {target: $.openapi, update: {}, description: x}\n", "cannot update"),
        ("overlay: [\n", "specs/shop/overlay.yaml"),
    ],
)
def test_repairs_that_cannot_be_used(root: Path, take: Take, failing: Failing, overlay: str, message: str) -> None:
    """A wrong overlay stops the command with the action and the reason."""
    (root / "specs/shop/overlay.yaml").write_text(overlay, encoding="utf-8")
    with failing(message):
        take(small())
