"""What can be asked of whom: every installed kind, with what it can do in each contract revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from unijob import health, registry
from unijob.job import to_plain
from unijob.kinds import AnyKind, JobKind


@attrs.frozen(kw_only=True)
class KindInfo:
    """One kind of jobs or schedules."""

    name: str
    title: str
    reference: str
    """The form of its references, `mka1:file_batch/{vector_store_id}/{batch_id}`."""
    capabilities: Mapping[str, tuple[str, ...]]
    """What it can do, by contract revision, oldest first."""
    pieces: tuple[str, ...] = ()
    """The names of what belongs to a job of it and is read apart: `files`."""

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-ready data."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    def by_capabilities(self) -> list[tuple[str, tuple[str, ...]]]:
        """A row for each set of capabilities: the revisions it holds for ("" for all), and the set."""
        if len(set(self.capabilities.values())) == 1:
            return [("", next(iter(self.capabilities.values())))]
        return [(f" ({revision})", abilities) for revision, abilities in self.capabilities.items()]


def kinds() -> tuple[KindInfo, ...]:
    """Every kind of every installed provider that can be used, sorted by name."""
    return tuple(map(_info, health.usable_kinds()))


def _info(kind: AnyKind) -> KindInfo:
    path = "".join(f"/{{{part}}}" for part in kind.ids)
    return KindInfo(
        name=kind.name,
        title=kind.title,
        reference=kind.name + (f"[{path}]" if kind.singleton else path),
        capabilities={
            revision: tuple(sorted(kind.capabilities(registry.package(kind.provider, revision).operations)))
            for revision in registry.revisions(kind.provider)
        },
        pieces=tuple(pieces.name for pieces in kind.pieces) if isinstance(kind, JobKind) else (),
    )
