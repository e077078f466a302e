"""Takes an upstream document in as a new revision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import attrs

from unijob_codegen import decoding, documents
from unijob_codegen.errors import CodegenError
from unijob_codegen.intake import (
    assembly,
    defects,
    filing,
    lock,
    normal,
    overlay,
    registration,
    retrieval,
    settings,
    slicing,
    words,
    writing,
)
from unijob_codegen.intake.settings import Settings
from unijob_codegen.sources import SOURCES

_REVISION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_STEPS = "mend them with actions in {overlay}, each with its reason, and fetch again"


@attrs.frozen(kw_only=True)
class Request:
    """What to fetch.

    Args:
        provider: a provider of `specs/sources.toml`.
        revision: the new revision's name.
        origin: an address or a path; the published address, unless told.
        allow_missing: whether an operation that upstream does not have is left out.
        force: whether a revision that is there is written anew.
        limit: the most bytes that the document may have.
    """

    provider: str
    revision: str
    origin: str | None = None
    allow_missing: bool = False
    force: bool = False
    limit: int = retrieval.LIMIT


@attrs.frozen(kw_only=True)
class Fetched:
    """A revision that was written, and what there is to say about it."""

    path: str
    operations: int
    schemas: int
    notes: tuple[str, ...]
    previous: str | None
    """The revision before it."""


def fetch(root: Path, request: Request) -> Fetched:
    """Get, cut down, mend, name, check and write a revision.

    Args:
        root: the project's root.
        request: what to fetch.

    Raises:
        CodegenError: says what is wrong; then every file is as it was.
    """
    settled = settings.read(root, request.provider)
    file = _file(settled, request)
    origin = request.origin or settled.upstream
    if not origin:
        raise CodegenError(f"{SOURCES}: provider {request.provider} has no `upstream`: say where from with --from")
    upstream = retrieval.get(origin, limit=request.limit)
    try:
        made = make(root, settled, request, upstream)
    except RecursionError:
        raise CodegenError(f"{upstream.source}: nested too deeply") from None
    spec = writing.dump(made.content, comment=_comment(settled, request.revision))
    _write(root, request, file, spec, upstream)
    return Fetched(
        path=f"specs/{file}",
        operations=sum(1 for _ in documents.operations(made.content)),
        schemas=len(made.content["components"].get("schemas", {})),
        notes=made.notes,
        previous=_previous(settled, request.revision),
    )


@attrs.frozen(kw_only=True)
class Made:
    """A document of a revision, and notes on it."""

    content: dict[str, Any]
    notes: tuple[str, ...]


def make(root: Path, settled: Settings, request: Request, upstream: retrieval.Upstream) -> Made:
    """Make a revision's document of an upstream document, in memory."""
    shown = upstream.source
    whole = decoding.parse(upstream.data, shown=shown)
    cut = slicing.cut(whole, settled.operations, shown=shown, allow_missing=request.allow_missing)
    mended, idle = _mended(root, settled, cut.content)
    # A repair may have given an operation another id, and taken away the last reference to a schema.
    kept = tuple(str(operation.get("operationId")) for _, _, _, operation in documents.operations(mended))
    missing = [name for name in cut.missing if name not in kept]
    cut = slicing.cut(mended, kept, shown=f"{shown}, mended", keep_prose=True)
    found = defects.find(cut.content)
    if found:
        how = _STEPS.format(overlay=_overlay_path(settled))
        count = f"{len(found)} defect{'s' if len(found) > 1 else ''}"
        raise CodegenError(f"{shown}: what is kept of it has {count}; {how}:", found)
    notes = defects.notes(cut.content)
    normal.normalize(cut.content)
    assembled = assembly.assemble(
        cut.content,
        info=_info(settled, request.revision, cut.content["info"]),
        names=settled.names,
        shared=settled.shared,
    )
    _carry_words(root, settled, request.revision, assembled.content)
    found = defects.find(assembled.content)
    if found:
        raise CodegenError(f"{shown}: the new revision would not be valid:", found)
    documents.check(documents.Document(path=shown, digest="", content=assembled.content))
    notes += [f"left out, upstream has no such operation: {name}" for name in missing]
    notes += [f"a repair that mends nothing any more: {action.target} ({action.reason})" for action in idle]
    notes += [f"a name in {SOURCES} that leads nowhere here: {address}" for address in assembled.unused]
    return Made(content=assembled.content, notes=tuple(notes))


def _file(settled: Settings, request: Request) -> str:
    if not _REVISION.fullmatch(request.revision):
        raise CodegenError(f"{request.revision!r} is no revision's name: letters, digits, '.', '_' and '-'")
    known = dict(settled.revisions)
    if request.revision in known and not request.force:
        raise CodegenError(
            f"{request.provider} has a revision {request.revision} already ({known[request.revision]}): give the new "
            "one another name, or write it anew with --force"
        )
    return known.get(request.revision, f"specs/{request.provider}/{request.revision}.yaml").removeprefix("specs/")


def _overlay_path(settled: Settings) -> str:
    return f"specs/{settled.provider}/overlay.yaml"


def _mended(root: Path, settled: Settings, content: dict[str, Any]) -> tuple[dict[str, Any], list[overlay.Action]]:
    shown = _overlay_path(settled)
    path = root / shown
    if not path.is_file():
        return content, []
    repairs = overlay.actions(decoding.decode(path.read_bytes(), shown=shown), shown=shown)
    try:
        mended, idle = overlay.apply(content, repairs)
    except CodegenError as error:
        raise CodegenError(f"{shown}: {error}") from error
    return mended, idle


def _info(settled: Settings, revision: str, upstream: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": f"{settled.title} jobs",
        "version": upstream.get("version") or revision,
        "x-unijob-provider": settled.provider,
        "x-unijob-revision": revision,
    }


def _previous(settled: Settings, revision: str) -> str | None:
    """The newest of the older revisions; where there is none, the oldest of all others."""
    others = [name for name, _ in settled.revisions if name != revision]
    return max((name for name in others if name < revision), default=min(others, default=None))


def _carry_words(root: Path, settled: Settings, revision: str, content: dict[str, Any]) -> None:
    previous = _previous(settled, revision)
    if previous is not None:
        path = dict(settled.revisions)[previous]
        words.carry(documents.load(root / path, shown=path).content, content)


def _comment(settled: Settings, revision: str) -> str:
    return (
        f"{settled.title}, revision {revision}: what unijob uses of its published document.\n"
        f"Written by `python -m unijob_codegen fetch {settled.provider} --revision {revision}`. Do not edit: repairs\n"
        f"stand in {_overlay_path(settled)}, names in {SOURCES}; {lock.LOCK} says what it was made of."
    )


def _write(root: Path, request: Request, file: str, spec: bytes, upstream: retrieval.Upstream) -> None:
    sources = (root / SOURCES).read_text(encoding="utf-8")
    settled = settings.read(root, request.provider)
    if request.revision not in dict(settled.revisions):
        if (root / "specs" / file).exists() and not request.force:
            raise CodegenError(f"specs/{file} is there, though {SOURCES} does not list it: remove it or use --force")
        sources = registration.add_revision(sources, request.provider, request.revision, file)
    overlay_path = root / _overlay_path(settled)
    entry = lock.Entry(
        file=file,
        sha256=lock.digest(spec),
        origin="fetched",
        source=upstream.source,
        upstream_sha256=lock.digest(upstream.data),
        upstream_bytes=len(upstream.data),
        overlay_sha256=lock.digest(overlay_path.read_bytes()) if overlay_path.is_file() else None,
        fetched_on=datetime.now(UTC).date().isoformat(),
        tool=f"unijob-codegen {_version()}",
    )
    entries = lock.read(root) if (root / lock.LOCK).exists() else {}
    filing.write_all(
        {
            root / "specs" / file: spec,
            root / SOURCES: sources.encode(),
            root / lock.LOCK: lock.render({**entries, file: entry}.values()),
        }
    )


def _version() -> str:
    try:
        return version("unijob-codegen")
    except PackageNotFoundError:
        return "(not installed)"
