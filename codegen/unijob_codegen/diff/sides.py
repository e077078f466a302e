"""What OLD and NEW name: a revision, a file, a commit, or all specs of a commit or of the working tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs

from unijob_codegen import decoding, documents
from unijob_codegen.diff.trees import Commit, Entry, Tree, WorkingTree, commit
from unijob_codegen.errors import CodegenError
from unijob_codegen.pointers import is_object

_REVISION = re.compile(r"[a-z_][a-z0-9_]*@.+")


@attrs.frozen(kw_only=True)
class Side:
    """One document to compare.

    Args:
        label: as the reports call it.
        content: the document.
        provider: whose it is, or None where nothing tells.
        revision: which revision it is, or None.
    """

    label: str
    content: Mapping[str, Any]
    provider: str | None
    revision: str | None


@attrs.frozen
class _One:
    """A single document: which it is among the specs, if it is one of them, and its bytes."""

    label: str
    data: bytes
    entry: Entry | None


@attrs.frozen
class Couple:
    """What to compare; a side that is None is a spec that only the other one has."""

    old: Side | None
    new: Side | None


def couples(root: Path, old: str, new: str) -> list[Couple]:
    """Find what two arguments name.

    Args:
        root: the project's root.
        old: `mka1@2026-07`, a file, `git:REV:PATH`, `git:REV` or a folder of specs.
        new: the same.

    Raises:
        CodegenError: one names nothing, or is no document to compare.
    """
    one, other = _named(root, old), _named(root, new)
    if isinstance(one, _One) and isinstance(other, _One):
        return [Couple(_side(one), _side(other))]
    if isinstance(one, _One):
        assert not isinstance(other, _One)  # noqa: S101 - told apart above
        return [Couple(_side(one), _side(_counterpart(other, one)))]
    if isinstance(other, _One):
        return [Couple(_side(_counterpart(one, other)), _side(other))]
    before, after = ({str(entry): entry for entry in tree.entries()} for tree in (one, other))
    return [
        Couple(
            _side(_member(one, before[name])) if name in before else None,
            _side(_member(other, after[name])) if name in after else None,
        )
        for name in sorted(before.keys() | after.keys())
    ]


def _named(root: Path, argument: str) -> _One | Tree:
    if argument.startswith("git:"):
        revision, _, file = argument.removeprefix("git:").partition(":")
        tree = commit(root, revision)
        return _file_of(tree, file) if file and file.rstrip("/") != "specs" else tree
    path = Path(argument)
    if _REVISION.fullmatch(argument) and not path.exists():
        return _revision(WorkingTree(root), argument)
    if path.is_dir():
        return _folder(path, argument)
    if not path.is_file():
        known = ", ".join(map(str, WorkingTree(root).entries()))
        raise CodegenError(
            f"{argument}: neither a file nor a revision: write {known}, the path of a document, git:REV:PATH, or "
            "git:REV for all specs"
        )
    entry = next((entry for entry in _known(root) if (root / entry.path).resolve() == path.resolve()), None)
    return _One(argument, path.read_bytes(), entry)


def _folder(path: Path, argument: str) -> WorkingTree:
    for root in (path.resolve(), path.resolve().parent):
        if (root / "specs" / "sources.toml").is_file():
            return WorkingTree(root, argument)
    raise CodegenError(f"{argument}: a folder without sources.toml: name a file in it")


def _known(root: Path) -> tuple[Entry, ...]:
    try:
        return WorkingTree(root).entries()
    except CodegenError:
        return ()


def _revision(tree: Tree, name: str) -> _One:
    entries = tree.entries()
    found = next((entry for entry in entries if str(entry) == name), None)
    if found is None:
        raise CodegenError(f"{name}: there is no such revision: it may be {', '.join(map(str, entries))}")
    return _member(tree, found, label=name)


def _member(tree: Tree, entry: Entry, label: str | None = None) -> _One:
    data = tree.read(entry.path)
    if data is None:
        raise CodegenError(f"{label or tree.label}: {entry.path} is not there")
    return _One(label or f"{tree.label}:{entry.path}", data, entry)


def _file_of(tree: Commit, path: str) -> _One:
    data = tree.read(path)
    if data is None:
        raise CodegenError(f"{tree.label}:{path}: that commit has no such file")
    return _One(f"{tree.label}:{path}", data, next((entry for entry in _entries_of(tree) if entry.path == path), None))


def _entries_of(tree: Tree) -> tuple[Entry, ...]:
    try:
        return tree.entries()
    except CodegenError:
        return ()


def _counterpart(tree: Tree, one: _One) -> _One:
    """The spec of a tree that a single document stands against: that of its own revision."""
    entries = tree.entries()
    told = "@".join(map(str, _told(decoding.parse(one.data, shown=one.label))))
    wanted = told if one.entry is None else str(one.entry)
    found = next((entry for entry in entries if str(entry) == wanted), None)
    if found is None:
        known = ", ".join(entry.path for entry in entries)
        raise CodegenError(
            f"{tree.label}: nothing in it tells which spec stands against {one.label}: write {tree.label}:PATH with "
            f"one of {known}"
        )
    return _member(tree, found)


def _side(one: _One) -> Side:
    content = decoding.parse(one.data, shown=one.label)
    documents.check(documents.Document(path=one.label, digest=sha256(one.data).hexdigest(), content=content))
    provider, revision = _told(content)
    if one.entry is not None:
        provider, revision = one.entry.provider, one.entry.revision
    return Side(label=one.label, content=content, provider=provider, revision=revision)


def _told(content: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The provider and the revision that a document says it is of."""
    info = content.get("info")
    told = [info.get(f"x-unijob-{name}") if is_object(info) else None for name in ("provider", "revision")]
    provider, revision = (text if isinstance(text, str) else None for text in told)
    return provider, revision
