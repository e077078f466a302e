"""Reads `specs/sources.toml`: every contract that there is."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import attrs

from unijob_codegen.errors import CodegenError


@attrs.frozen
class Revision:
    """One revision of a provider's contract."""

    name: str
    """`2026-07`"""
    path: str
    """The spec, relative to the project's root."""

    @property
    def module(self) -> str:
        """The name of its package: `v2026_07`."""
        return "v" + "".join(char if char.isalnum() else "_" for char in self.name)


@attrs.frozen
class Provider:
    """A provider with its revisions, the oldest first."""

    name: str
    title: str
    revisions: tuple[Revision, ...]


SOURCES = "specs/sources.toml"


def content(root: Path) -> dict[str, Any]:
    """Decode the file.

    Raises:
        CodegenError: it is missing or malformed.
    """
    try:
        return tomllib.loads((root / SOURCES).read_text(encoding="utf-8"))
    except OSError as error:
        raise CodegenError(f"{SOURCES}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CodegenError(f"{SOURCES}: malformed TOML: {error}") from None


def read(root: Path) -> tuple[Provider, ...]:
    """Read the providers, by name.

    Args:
        root: the project's root.

    Raises:
        CodegenError: the file is missing, malformed, or lacks something.
    """
    providers = content(root).get("providers", {})
    return tuple(_provider(name, providers[name], SOURCES) for name in sorted(providers))


def _provider(name: str, table: dict[str, Any], shown: str) -> Provider:
    if not (name.isidentifier() and name == name.lower()):
        raise CodegenError(f"{shown}: a provider's name is lower-case letters, digits and '_', not {name!r}")
    revisions = tuple(_revision(name, entry, shown) for entry in table.get("revisions", []))
    if not revisions:
        raise CodegenError(f"{shown}: provider {name} has no revisions")
    modules = [revision.module for revision in revisions]
    if len(set(modules)) < len(modules):
        raise CodegenError(f"{shown}: provider {name} has a revision twice")
    return Provider(name, str(table.get("title", name)), revisions)


def _revision(provider: str, entry: dict[str, Any], shown: str) -> Revision:
    try:
        return Revision(entry["revision"], f"specs/{entry['file']}")
    except (KeyError, TypeError):
        raise CodegenError(f"{shown}: a revision of {provider} lacks `revision` or `file`") from None
