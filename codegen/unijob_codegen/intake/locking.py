"""Keeps `specs/specs.lock` true to the specs that are written by hand."""

from __future__ import annotations

from pathlib import Path

from unijob_codegen import sources
from unijob_codegen.errors import CodegenError
from unijob_codegen.intake import filing, lock


def record(root: Path, *, adopt: bool) -> bool:
    """Write the digests of all specs.

    Args:
        root: the project's root.
        adopt: whether a fetched spec that was changed counts as written by hand from now on, and a lock that cannot be
            read is written anew; else such a spec keeps its entry.

    Returns:
        Whether that changed anything.

    Raises:
        CodegenError: a spec or the lock cannot be read.
    """
    files = [revision.path.removeprefix("specs/") for one in sources.read(root) for revision in one.revisions]
    path = root / lock.LOCK
    try:
        known = lock.read(root)
    except CodegenError:
        if not adopt:
            raise
        known = {}
    try:
        data = lock.render(lock.current(root, files, known, adopt=adopt).values())
    except OSError as error:
        raise CodegenError(f"{error.filename}: cannot be read: {error.strerror}") from None
    if path.is_file() and path.read_bytes() == data:
        return False
    filing.write_all({path: data})
    return True
