"""The site of docs/, and the pages that the code writes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.tools import states
from tests.docs.blocks import ROOT

_LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=["']?(?P<src>[^"'\s>]+)"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|preconnect|icon|modulepreload))[^>]*\bhref=["']?(?P<href>[^"'\s>]+)"""
)
_IN_STYLE = re.compile(r"(?:@import|url\()\s*[\"']?(?P<url>(?:https?:)?//[^\"')\s]+)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly, with every way to a network closed."""
    folder = tmp_path_factory.mktemp("site")
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, **nowhere, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_a_reader_is_sent_nowhere_else(site: Path) -> None:
    """No script, style, font or image comes from another host."""
    pages = list(site.rglob("*.html"))
    assert len(pages) > 15
    loaded = [
        (page.name, found["src"] or found["href"]) for page in pages for found in _LOADED.finditer(page.read_text())
    ]
    assert len(loaded) > len(pages)
    assert [each for each in loaded if "//" in each[1]] == []
    for style in site.rglob("*.css"):
        assert [found["url"] for found in _IN_STYLE.finditer(style.read_text())] == [], style.name


def test_references_are_written_from_docstrings(site: Path) -> None:
    """With their arguments."""
    client = (site / "reference" / "client.html").read_text()
    assert "raise_on_partial" in client
    assert "The deadline passed" in client or "the deadline passed" in client


def test_drawings_keep_their_lines(site: Path) -> None:
    """A tree in a docstring is no paragraph."""
    errors = (site / "reference" / "errors.html").read_text()
    assert re.search(r"<code>UnijobError\n├── ConfigError", errors)
    for page in site.rglob("*.html"):
        assert not re.search(r"<p>[^<]*[├└│]", page.read_text()), page.name


def test_what_the_code_writes_is_fresh() -> None:
    """`make` writes the tables of states and of kinds anew."""
    assert states.PAGE.read_text(encoding="utf-8") == states.page()
    readme = states.README.read_text(encoding="utf-8")
    assert readme == states.readme(readme)
