"""Reads and writes `specs/specs.lock`: where every spec is from, and the digests of what it was made of."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs

from unijob_codegen.errors import CodegenError

LOCK = "specs/specs.lock"
_HEAD = """\
# Where every spec is from, and what it was made of. Written by `python -m unijob_codegen fetch`, `generate` and `lock`;
# `python -m unijob_codegen check` holds it.
version = 1
"""


@attrs.frozen(kw_only=True)
class Entry:
    """A spec.

    Args:
        file: its path relative to `specs/`.
        sha256: its digest.
        origin: `written by hand`, or `fetched`.
        source: where it was fetched from: an address, or a file's name.
        upstream_sha256: the digest of what was fetched.
        upstream_bytes: its length.
        overlay_sha256: the digest of the repairs, where there were any.
        fetched_on: the day, in UTC.
        tool: what fetched it.
    """

    file: str
    sha256: str
    origin: str = "written by hand"
    source: str | None = None
    upstream_sha256: str | None = None
    upstream_bytes: int | None = None
    overlay_sha256: str | None = None
    fetched_on: str | None = None
    tool: str | None = None

    @property
    def is_fetched(self) -> bool:
        """Whether it was made of an upstream document."""
        return self.origin == "fetched"


def digest(data: bytes) -> str:
    """Give the SHA-256 of bytes, in hex."""
    return sha256(data).hexdigest()


def read(root: Path) -> dict[str, Entry]:
    """Read the lock, by file.

    Raises:
        CodegenError: it is missing or malformed.
    """
    try:
        content = tomllib.loads((root / LOCK).read_text(encoding="utf-8"))
        entries = [Entry(**table) for table in content.get("spec", [])]
    except OSError as error:
        raise CodegenError(
            f"{LOCK}: cannot be read: {error.strerror}; write it with: python -m unijob_codegen lock"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise CodegenError(f"{LOCK}: malformed: {error}; write it anew with: python -m unijob_codegen lock") from None
    return {entry.file: entry for entry in entries}


def render(entries: Iterable[Entry]) -> bytes:
    """Write the lock, by file."""
    tables = [_table(attrs.asdict(entry)) for entry in sorted(entries, key=lambda entry: entry.file)]
    return "\n".join([_HEAD, *tables]).encode()


def _table(fields: Mapping[str, Any]) -> str:
    # JSON's strings and numbers are TOML's, too.
    lines = [f"{key} = {json.dumps(value)}" for key, value in fields.items() if value is not None]
    return "\n".join(["[[spec]]", *lines, ""])


def current(root: Path, files: Iterable[str], known: Mapping[str, Entry], *, adopt: bool) -> dict[str, Entry]:
    """Record the specs as they are.

    Args:
        root: the project's root.
        files: the specs, relative to `specs/`.
        known: the entries that there are.
        adopt: whether a fetched spec that was changed counts as written by hand from now on; else it keeps its entry.
    """
    entries: dict[str, Entry] = {}
    for file in files:
        data = (root / "specs" / file).read_bytes()
        entry = known.get(file)
        if entry is None or (not entry.is_fetched and entry.sha256 != digest(data)):
            entry = Entry(file=file, sha256=digest(data))
        elif adopt and entry.sha256 != digest(data):
            entry = attrs.evolve(entry, origin="written by hand", sha256=digest(data))
        entries[file] = entry
    return entries


def problems(root: Path, files: Iterable[str]) -> list[str]:
    """Say where the lock is not true.

    Args:
        root: the project's root.
        files: the specs that there should be, relative to `specs/`.
    """
    try:
        entries = read(root)
    except CodegenError as error:
        return [str(error)]
    wanted = list(files)
    found = [f"{LOCK} lists {file}, which specs/sources.toml does not" for file in entries if file not in wanted]
    for file in wanted:
        entry = entries.get(file)
        path = root / "specs" / file
        if entry is None:
            found.append(f"{LOCK} does not list specs/{file}: run `python -m unijob_codegen generate`")
        elif path.is_file() and digest(path.read_bytes()) != entry.sha256:
            found.append(_changed(entry))
    return found


def _changed(entry: Entry) -> str:
    if entry.is_fetched:
        return (
            f"specs/{entry.file} was changed after it was fetched: put the change into the provider's overlay.yaml and "
            "fetch it again with --force, or run `python -m unijob_codegen lock` to keep it by hand from now on"
        )
    return f"specs/{entry.file} is not what {LOCK} says: run `python -m unijob_codegen generate`"
