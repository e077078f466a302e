"""`examples/index_folder.py` walks from a folder to an index, against the sandbox."""

from __future__ import annotations

import runpy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from unijob import JobFailed
from unijob.sandbox import Sandbox

EXAMPLE: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "index_folder.py"))
PAUSE = 0.005


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox(seed=1, speed=1000, check=True) as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("b.md", "All about b."), ("a.md", "a"), ("c d.txt", "")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "not this").mkdir()
    return tmp_path


async def test_a_folder_is_indexed(sandbox: Sandbox, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every file is uploaded, read in and told of; the key goes to the API alone."""
    await EXAMPLE["main"]([str(folder), "--name", "handbook", "region=tor1"], pause=PAUSE)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["uploaded a.md", "uploaded b.md", "uploaded c d.txt"]
    assert [line.split("  ")[1:] for line in lines[5:8]] == [["succeeded", "1 indexed"]] * 3
    assert lines[8].endswith("  succeeded")
    done = [(one.method, one.operation) for one in sandbox.requests]
    assert done[:5] == [
        ("POST", "genai_create_data_source_file_upload_presigned_urls"),
        *[("PUT", None)] * 3,
        ("POST", "genai_create_knowledge_base"),
    ]
    assert {one.status for one in sandbox.requests} == {200}


async def test_a_failure_is_told(sandbox: Sandbox, folder: Path) -> None:
    """A job that fails is the client's own error."""
    sandbox.script("gradient:indexing_job", outcome="failed")
    with pytest.raises(JobFailed):
        await EXAMPLE["main"]([str(folder), "--name", "handbook"], pause=PAUSE)


async def test_an_upload_that_is_refused_stops_it(
    sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is created when a file cannot be uploaded: here, it grew since its link was asked for."""

    def grown(file: Path) -> bytes:
        return file.read_text(encoding="utf-8").encode() + b"more"

    monkeypatch.setattr(Path, "read_bytes", grown)
    with pytest.raises(aiohttp.ClientResponseError) as caught:
        await EXAMPLE["main"]([str(folder), "--name", "handbook"], pause=PAUSE)
    assert caught.value.status == 403
    assert [one.status for one in sandbox.requests] == [200, 403]


async def test_an_empty_folder(sandbox: Sandbox, tmp_path: Path) -> None:
    """There is nothing to do, and nothing is sent."""
    with pytest.raises(SystemExit, match="there are no files"):
        await EXAMPLE["main"]([str(tmp_path), "--name", "handbook"], pause=PAUSE)
    assert not sandbox.requests
