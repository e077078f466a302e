"""The comparison with other clients: whole, and true of what is installed here."""

from __future__ import annotations

import inspect
import re
from importlib.metadata import version

import pytest
from gradient import Gradient
from gradient._exceptions import IndexingJobError
from gradient.resources.knowledge_bases.indexing_jobs import IndexingJobsResource
from meetkai_mka1 import SDK

from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| \[([^\]]+)\]\(#([\w-]+)\) \|(.+)\|$", PAGE, re.MULTILINE)


def test_every_cell_is_filled_and_proved() -> None:
    """Each row has six cells, and a section that proves them."""
    assert len(ROWS) >= 18
    for title, anchor, cells in ROWS:
        assert [cell.strip() in {"yes", "part", "no"} for cell in cells.split("|")] == [True] * 6, title
        assert f"\n### {title}\n" in PAGE
        assert anchor == title.replace(" ", "-").replace("'", "")


@pytest.mark.parametrize("package", ["gradient", "meetkai-mka1"])
def test_it_is_about_the_versions_that_are_installed(package: str) -> None:
    """So that a new version is looked at anew."""
    assert f"`{package}` {version(package)}" in PAGE


def test_what_is_said_of_the_vendors_wait() -> None:
    """A constant pause, two time-outs, and an eye for the phase alone."""
    wait = IndexingJobsResource.wait_for_completion
    assert {"poll_interval", "timeout", "request_timeout"} <= inspect.signature(wait).parameters.keys()
    source = inspect.getsource(wait)
    assert "time.sleep(poll_interval)" in source
    assert ".status" not in source
    assert not hasattr(Gradient, "__aenter__")
    assert inspect.signature(IndexingJobError).parameters.keys() == {"message", "uuid", "phase"}


def test_what_is_said_of_the_other_vendor() -> None:
    """No method waits."""
    assert not [name for name in dir(SDK) if "wait" in name or "poll" in name]
