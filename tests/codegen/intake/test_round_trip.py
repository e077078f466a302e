"""The project's own specs, published as a vendor would, come back as they were."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.codegen.intake.samples import PROSE, ROOT, essence, own, published
from unijob_codegen import decoding
from unijob_codegen.intake import fetching
from unijob_codegen.intake.fetching import Request


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    return tmp_path


def take(project: Path, file: str, document: dict[str, Any], *, allow_missing: bool = False) -> str:
    """Publish a document and take it in; give the new spec's text."""
    upstream = project / "upstream.json"
    upstream.write_text(json.dumps(document), encoding="utf-8")
    provider = file.partition("/")[0]
    asked = Request(provider=provider, revision="2026-11", origin=str(upstream), allow_missing=allow_missing)
    fetched = fetching.fetch(project, asked)
    return (project / fetched.path).read_text(encoding="utf-8")


def parsed(text: str) -> dict[str, Any]:
    return decoding.parse(text.encode(), shown="new")


@pytest.mark.parametrize("file", ["mka1/2026-10.yaml", "gradient/2026-08.yaml"])
def test_a_published_spec_comes_back(project: Path, file: str) -> None:
    """Inlined, renamed per operation and full of prose, a spec is taken in as the very same contract."""
    text = take(project, file, published(own(file)))
    assert essence(parsed(text)) == essence(own(file))
    assert PROSE not in text
    assert "speakeasy" not in text


def test_an_older_revision_comes_back(project: Path) -> None:
    """The names hold for the older revision of MKA1, too, which lacks an operation that came later.

    Only its one mark of milliseconds is nobody's repair.
    """
    expected = own("mka1/2026-07.yaml")
    del expected["components"]["schemas"]["FeedbackExportResult"]["properties"]["exportedAt"]["x-unijob-time"]
    text = take(project, "mka1/2026-07.yaml", published(own("mka1/2026-07.yaml")), allow_missing=True)
    assert essence(parsed(text)) == essence(expected)


def test_defects_are_mended_on_the_way(project: Path) -> None:
    """What the provider's overlay knows to be wrong with MKA1's document does not come through."""
    document = published(own("mka1/2026-10.yaml"))
    properties = document["components"]["schemas"]["GetEvalRunResponse200"]["properties"]
    properties["org_id"]["default"] = None
    properties["request_counts"]["properties"]["total"]["exclusiveMinimum"] = False
    text = take(project, "mka1/2026-10.yaml", document)
    assert essence(parsed(text)) == essence(own("mka1/2026-10.yaml"))


def test_own_words_are_taken_over(project: Path) -> None:
    """What has kept its name keeps the description that this project wrote."""
    before = own("mka1/2026-10.yaml")
    after = parsed(take(project, "mka1/2026-10.yaml", published(before)))
    run, same = after["components"]["schemas"]["EvalRun"], before["components"]["schemas"]["EvalRun"]
    assert run["description"] == same["description"]
    assert run["properties"]["started_at"]["description"] == same["properties"]["started_at"]["description"]
    assert after["paths"]["/api/v1/llm/evals/runs"]["get"]["summary"] == "List evaluation runs"
