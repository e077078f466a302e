"""What is compared where a side is a commit or all specs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.codegen.diff.making import NEW, OLD, run

SOURCES = """
[providers.acme]
[[providers.acme.revisions]]
revision = "1"
file = "acme/1.json"
"""
SECOND = '[[providers.acme.revisions]]\nrevision = "2"\nfile = "acme/2.json"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A project in git: a first commit with one spec, a second one that changes it and adds another."""
    specs = tmp_path / "specs"
    (specs / "acme").mkdir(parents=True)
    _git(tmp_path, "init", "--quiet")
    (specs / "sources.toml").write_text(SOURCES)
    (specs / "acme" / "1.json").write_text(json.dumps(OLD))
    _commit(tmp_path)
    (specs / "sources.toml").write_text(SOURCES + SECOND)
    (specs / "acme" / "1.json").write_text(json.dumps(NEW))
    (specs / "acme" / "2.json").write_text(json.dumps(NEW))
    _commit(tmp_path)
    return tmp_path


def _git(root: Path, *arguments: str) -> None:
    name = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *name, *arguments], cwd=root, check=True, capture_output=True)


def _commit(root: Path) -> None:
    _git(root, "add", ".")
    _git(root, "commit", "--quiet", "--no-verify", "--message", "x")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("git:HEAD~1:specs/acme/1.json", "git:HEAD:specs/acme/1.json"),
        ("git:HEAD~1:specs/acme/1.json", "acme@1"),
        ("git:HEAD~1", "acme@1"),
        ("git:HEAD~1", "git:HEAD:specs/acme/1.json"),
        ("git:HEAD~1:specs/acme/1.json", "git:HEAD"),
    ],
)
def test_one_spec_of_a_commit(repository: Path, old: str, new: str) -> None:
    """A file of a commit, or a commit against one document: the spec of the same revision."""
    result = run(old, new, root=repository)
    assert ": 5 changes: 1 ERR, 2 WARN, 2 INFO" in result.stdout.splitlines()[0]
    assert "in all" not in result.stdout


@pytest.mark.parametrize("new", ["git:HEAD", "git:HEAD:specs", "specs", "."])
def test_all_specs(repository: Path, monkeypatch: pytest.MonkeyPatch, new: str) -> None:
    """A commit against a commit or the working tree: each spec, and those that only one side has."""
    monkeypatch.chdir(repository)
    result = run("git:HEAD~1", new, root=repository)
    titles = [line for line in result.stdout.splitlines() if " → " in line and line[0] != " "]
    assert titles[0].endswith(": 5 changes: 1 ERR, 2 WARN, 2 INFO")
    assert titles[1].startswith("(none) → ")
    assert titles[1].endswith(": 1 change: 1 INFO")
    assert result.stdout.endswith("in all: 6 changes: 1 ERR, 2 WARN, 3 INFO\n")


def test_spec_gone(repository: Path) -> None:
    """A spec that went loses all its operations."""
    result = run("git:HEAD", "git:HEAD~1", "--fail-on", "ERR", root=repository)
    assert "→ (none): 1 change: 1 ERR" in result.stdout
    assert result.exit_code == 1


def test_no_counterpart(repository: Path) -> None:
    """A document that stands for no spec of a commit needs a path to stand against."""
    (repository / "other.json").write_text(json.dumps(OLD))
    result = run("git:HEAD", str(repository / "other.json"), root=repository)
    assert result.exit_code == 2
    assert "write git:HEAD:PATH with one of specs/acme/1.json, specs/acme/2.json" in result.stderr


def test_commit_without_sources(repository: Path) -> None:
    """A commit that has no list of specs needs a path."""
    _git(repository, "rm", "--quiet", "specs/sources.toml")
    _commit(repository)
    result = run("git:HEAD", "git:HEAD~1", root=repository)
    assert result.exit_code == 2
    assert "git:HEAD: has no specs/sources.toml, so name a file: git:HEAD:specs/…" in result.stderr


def test_no_repository(tmp_path: Path) -> None:
    """Outside a repository, git's own word is passed on."""
    result = run("git:HEAD", "git:HEAD", root=tmp_path)
    assert result.exit_code == 2
    assert "git:HEAD: git knows no commit 'HEAD'" in result.stderr
