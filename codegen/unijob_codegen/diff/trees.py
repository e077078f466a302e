"""Where specs are read from: the working tree, or a commit."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

import attrs

from unijob_codegen import sources
from unijob_codegen.errors import CodegenError

_SOURCES = "specs/sources.toml"


@attrs.frozen(kw_only=True)
class Entry:
    """A spec that `sources.toml` names."""

    provider: str
    revision: str
    path: str

    def __str__(self) -> str:
        return f"{self.provider}@{self.revision}"


class Tree(Protocol):
    """The project's files as they are somewhere."""

    @property
    def label(self) -> str:
        """How messages call it."""
        ...

    def read(self, path: str) -> bytes | None:
        """Read a file by its path in the project; None where there is none."""
        ...

    def entries(self) -> tuple[Entry, ...]:
        """The specs that its `sources.toml` names.

        Raises:
            CodegenError: it cannot be read.
        """
        ...


@attrs.frozen
class WorkingTree:
    """The files as they lie in the project."""

    root: Path
    label: str = "specs"

    def read(self, path: str) -> bytes | None:
        """Read a file."""
        try:
            return (self.root / path).read_bytes()
        except OSError:
            return None

    def entries(self) -> tuple[Entry, ...]:
        """The specs named."""
        return _entries(self.root)


@attrs.frozen
class Commit:
    """The files as git has them.

    Args:
        root: the project's root.
        revision: as it was given.
        commit: its full name.
    """

    root: Path
    revision: str
    commit: str

    @property
    def label(self) -> str:
        """How messages call it: `git:REV`."""
        return f"git:{self.revision}"

    def read(self, path: str) -> bytes | None:
        """Read a file."""
        done = _git(self.root, "show", f"{self.commit}:./{path}")
        return done.stdout if done.returncode == 0 else None

    def entries(self) -> tuple[Entry, ...]:
        """The specs named."""
        text = self.read(_SOURCES)
        if text is None:
            raise CodegenError(f"{self.label}: has no {_SOURCES}, so name a file: {self.label}:specs/…")
        with tempfile.TemporaryDirectory() as place:
            copy = Path(place, _SOURCES)
            copy.parent.mkdir()
            copy.write_bytes(text)
            return _entries(Path(place))


def commit(root: Path, revision: str) -> Commit:
    """Find a commit.

    Raises:
        CodegenError: git knows none of that name, or the project is in no repository.
    """
    done = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise CodegenError(f"git:{revision}: git knows no commit {revision!r}" + (f": {why}" if why else ""))
    return Commit(root, revision, done.stdout.decode().strip())


def _entries(root: Path) -> tuple[Entry, ...]:
    return tuple(
        Entry(provider=provider.name, revision=revision.name, path=revision.path)
        for provider in sources.read(root)
        for revision in provider.revisions
    )


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)  # noqa: S603, S607
    except OSError as error:
        raise CodegenError(f"git cannot be run: {error.strerror}") from None
