"""Reads what `specs/sources.toml` says of taking a provider's documents in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from unijob_codegen import sources
from unijob_codegen.errors import CodegenError
from unijob_codegen.sources import SOURCES

SECTIONS = ("parameters", "responses", "headers", "requestBodies", "securitySchemes")
"""The components that names can be declared for, besides schemas."""

_NAME = re.compile(r"[A-Za-z0-9._-]+")


@attrs.frozen(kw_only=True)
class Settings:
    """How one provider's documents are taken in.

    Args:
        provider: its name.
        title: what a person calls it.
        upstream: where its document is published, or None.
        operations: the operations kept: ids, or patterns of ids with `*`, `?` and `[…]`.
        names: the names that schemas get, by address.
        shared: the names that other components get, by section and address.
        revisions: the revisions that there are, oldest first.
    """

    provider: str
    title: str
    upstream: str | None
    operations: tuple[str, ...]
    names: Mapping[str, str]
    shared: Mapping[str, Mapping[str, str]]
    revisions: tuple[tuple[str, str], ...]
    """Name and path relative to the project's root."""


def read(root: Path, provider: str) -> Settings:
    """Read the settings of a provider.

    Raises:
        CodegenError: the file is missing or malformed, or there is no such provider.
    """
    providers = sources.content(root).get("providers", {})
    if provider not in providers:
        known = ", ".join(sorted(providers)) or "none"
        raise CodegenError(f"{SOURCES}: there is no provider {provider!r}: it may be {known}")
    return _settings(provider, providers[provider])


def _settings(provider: str, table: Mapping[str, Any]) -> Settings:
    operations = tuple(str(operation) for operation in table.get("operations", ()))
    if not operations:
        raise CodegenError(f"{SOURCES}: provider {provider} lists no operations to keep")
    names = table.get("names", {})
    odd = [key for key, value in names.items() if not isinstance(value, str) and key not in SECTIONS]
    if odd:
        raise CodegenError(
            f"{SOURCES}: the names of {provider} are text, or a table called {', '.join(SECTIONS)}, not so:", odd
        )
    return Settings(
        provider=provider,
        title=str(table.get("title", provider)),
        upstream=table.get("upstream"),
        operations=operations,
        names=_valid(provider, {key: value for key, value in names.items() if isinstance(value, str)}),
        shared={section: _valid(provider, names.get(section, {})) for section in SECTIONS},
        revisions=tuple((str(e["revision"]), f"specs/{e['file']}") for e in table.get("revisions", ())),
    )


def _valid(provider: str, names: Mapping[str, str]) -> Mapping[str, str]:
    odd = [f"{key!r} = {value!r}" for key, value in names.items() if not _NAME.fullmatch(str(value))]
    if odd:
        raise CodegenError(f"{SOURCES}: names of {provider} that OpenAPI does not allow:", odd)
    return {" ".join(key.split()): value for key, value in names.items()}
