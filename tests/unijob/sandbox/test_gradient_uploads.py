"""Files uploaded by signed links in Gradient's sandbox, and what knowledge bases take of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unijob.sandbox.plain import BASES, Plain, plain_client
from unijob.sandbox import Sandbox

LINKS = f"{BASES}/data_sources/file_upload_presigned_urls"


async def link(plain: Plain, **file: str) -> dict[str, Any]:
    """Ask for a link to upload one file to."""
    (upload,) = (await plain.post(LINKS, {"files": [{"file_name": "a.md", **file}]}))["uploads"]
    found: dict[str, Any] = upload
    return found


async def test_a_link_takes_bytes_without_a_token(sandbox: Sandbox, plain: Plain) -> None:
    """The file is there once its bytes came, and not before; what was received holds no signature."""
    upload = await link(plain, file_size="3")
    base = {"name": "b", "datasources": [{"file_upload_data_source": {"stored_object_key": upload["object_key"]}}]}
    assert (await plain.send("POST", BASES, json=base)).status == 400
    assert (await plain.send("PUT", upload["presigned_url"], token=None, data=b"abc")).status == 200
    made = (await plain.post(BASES, base))["knowledge_base"]
    (source,) = (await plain.get(f"{BASES}/{made['uuid']}/data_sources"))["knowledge_base_data_sources"]
    assert source["file_upload_data_source"]["size_in_bytes"] == "3"
    received = [received for received in sandbox.requests if received.method == "PUT"]
    assert [(one.operation, one.status, one.query) for one in received] == [(None, 200, "***")]


@pytest.mark.parametrize(
    ("change", "body", "wait", "status"),
    [
        (("Signature=", "Signature=0"), b"abc", 0, 403),
        (("?", "?x=y&"), b"abc", 0, 200),
        (("/uploads/", "/uploads/0"), b"abc", 0, 403),
        (("", ""), b"abcd", 0, 403),
        (("", ""), b"abc", 900, 403),
        (("", ""), b"abc", 899, 200),
    ],
)
async def test_what_a_link_takes(
    sandbox: Sandbox, change: tuple[str, str], body: bytes, wait: float, status: int
) -> None:
    """The bytes of the size that was told, with the signature, within a quarter of an hour."""
    async with plain_client(sandbox) as plain:
        upload = await link(plain, file_size="3")
        sandbox.advance(wait)
        reply = await plain.send("PUT", upload["presigned_url"].replace(*change, 1), token=None, data=body)
    assert reply.status == status


async def test_a_link_is_for_put(plain: Plain) -> None:
    """A link gives nothing back."""
    assert (await plain.send("GET", (await link(plain))["presigned_url"], token=None)).status == 405


@pytest.mark.parametrize("files", [None, [], [{}], [{"file_name": "a", "file_size": "-1"}]])
async def test_links_for_nothing(plain: Plain, files: list[dict[str, str]] | None) -> None:
    """A link is for a file that has a name, and a size that a file can have."""
    body = {} if files is None else {"files": files}
    assert (await plain.send("POST", LINKS, json=body)).status == 400


@pytest.mark.parametrize("source", [{}, {"bucket_name": "b", "spaces_data_source": {}}])
async def test_a_source_is_one(plain: Plain, source: dict[str, Any]) -> None:
    """A data source without a source, or with two, is refused."""
    assert (await plain.send("POST", BASES, json={"name": "b", "datasources": [source]})).status == 400


async def test_a_base_needs_a_name(plain: Plain) -> None:
    """A knowledge base without a name is refused."""
    assert (await plain.send("POST", BASES, json={"tags": []})).status == 400


async def test_a_body_names_what_the_path_names(plain: Plain) -> None:
    """What a body repeats of the path must be the same."""
    assert (await plain.send("PUT", f"{BASES}/kb", json={"uuid": "other"})).status == 400
    assert (await plain.send("PUT", f"{BASES}/kb", json={"uuid": "kb", "name": "n"})).json["knowledge_base"][
        "name"
    ] == "n"


async def test_history_stays(sandbox: Sandbox, plain: Plain) -> None:
    """What a job read stays as it was when the source is taken out; the source tells of its last job before."""
    upload = await link(plain)
    await plain.send("PUT", upload["presigned_url"], token=None, data=b"abcde")
    key = {"file_upload_data_source": {"stored_object_key": upload["object_key"]}}
    base = (await plain.post(BASES, {"name": "b", "datasources": [key]}))["knowledge_base"]["uuid"]
    job = (await plain.post("gradient/v2/gen-ai/indexing_jobs", {"knowledge_base_uuid": base}))["job"]["uuid"]
    sandbox.advance(60)
    before = await plain.get(f"gradient/v2/gen-ai/indexing_jobs/{job}")
    (source,) = (await plain.get(f"{BASES}/{base}/data_sources"))["knowledge_base_data_sources"]
    assert source["last_datasource_indexing_job"] == before["job"]["data_source_jobs"][0]
    assert (before["job"]["data_source_jobs"][0]["total_bytes"]) == "5"
    await plain.send("DELETE", f"{BASES}/{base}/data_sources/{source['uuid']}")
    assert await plain.get(f"gradient/v2/gen-ai/indexing_jobs/{job}") == before
