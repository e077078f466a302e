"""Writes several files or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from unijob_codegen.errors import CodegenError


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write files; if one cannot be written, all are as they were.

    Args:
        files: bytes by path.

    Raises:
        CodegenError: names the file that cannot be written.
    """
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    done: list[Path] = []
    for path, data in files.items():
        try:
            write(path, data)
        except OSError as error:
            for earlier in done:
                _restore(earlier, before[earlier])
            raise CodegenError(f"{path.name}: cannot be written: {error.strerror}; nothing was changed") from error
        done.append(path)


def write(path: Path, data: bytes) -> None:
    """Write a file in one step: it is the old one until it is the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _restore(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(data)
