"""Adds a revision to `specs/sources.toml` without touching anything else in it."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from unijob_codegen.errors import CodegenError
from unijob_codegen.sources import SOURCES

_HEADER = re.compile(r"\s*\[")


def add_revision(text: str, provider: str, revision: str, file: str) -> str:
    """Give the file's text with one more revision, in its place among the others.

    Args:
        text: the file's text.
        provider: the provider, which has a table there.
        revision: the new revision's name.
        file: its spec, relative to `specs/`.

    Raises:
        CodegenError: the file is written in a way that this cannot add to.
    """
    block = f"[[providers.{provider}.revisions]]\nrevision = {json.dumps(revision)}\nfile = {json.dumps(file)}\n"
    lines = text.splitlines(keepends=True)
    blocks = list(_blocks(lines, f"[[providers.{provider}.revisions]]"))
    place = _end_of_provider(lines, provider)
    if blocks:
        place = blocks[0][0]
    for start, end in blocks:
        name = tomllib.loads("".join(lines[start + 1 : end])).get("revision", "")
        if str(name) < revision:
            place = end
    first = place < len(lines) and blocks and place == blocks[0][0]
    added = "".join([*lines[:place], *([block, "\n"] if first else ["\n", block]), *lines[place:]])
    expected: dict[str, Any] = tomllib.loads(text)
    revisions = expected["providers"][provider].setdefault("revisions", [])
    position = sum(1 for entry in revisions if str(entry["revision"]) < revision)
    revisions.insert(position, {"revision": revision, "file": file})
    try:
        right = tomllib.loads(added) == expected
    except tomllib.TOMLDecodeError:
        right = False
    if not right:
        raise CodegenError(f"{SOURCES}: cannot add the revision by itself; add this to it by hand:\n{block}")
    return added


def _blocks(lines: list[str], header: str) -> list[tuple[int, int]]:
    starts = [number for number, line in enumerate(lines) if line.split("#")[0].strip() == header]
    return [(start, _end(lines, start)) for start in starts]


def _end(lines: list[str], start: int) -> int:
    """Find the line after the last one of a table that says something."""
    end = start + 1
    for number in range(start + 1, len(lines)):
        if _HEADER.match(lines[number]):
            break
        if lines[number].strip() and not lines[number].lstrip().startswith("#"):
            end = number + 1
    return end


def _end_of_provider(lines: list[str], provider: str) -> int:
    """Find the line after the last one of a provider's tables."""
    header = re.compile(rf"\s*\[+providers\.{re.escape(provider)}[.\]]")
    ends = [_end(lines, number) for number, line in enumerate(lines) if header.match(line)]
    return max(ends, default=len(lines))
