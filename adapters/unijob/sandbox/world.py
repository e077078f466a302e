"""What exists at one provider: records by kind, and what makes new ones."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import attrs

from unijob.sandbox.ids import Ids
from unijob.sandbox.scripts import Script, Scripts
from unijob.sandbox.timeline import Event


@attrs.define
class Record:
    """Something that was created. What it looks like now follows from this and the time.

    Args:
        kind: its kind's full name.
        id: its id.
        created_at: when, in Unix seconds; it may lie ahead, and then it is not there yet.
        script: how its life goes.
        data: what its vendor keeps of the request.
        events: what was asked of it since.
    """

    kind: str
    id: str
    created_at: float
    script: Script
    data: dict[str, Any]
    events: list[Event] = attrs.field(factory=list[Event])


class World:
    """The state of one provider.

    Args:
        provider: its name.
        revision: the contract revision it is served in.
        ids: what makes ids.
        scripts: what makes lives.
        absent: parents that are not there: (kind, id); the id `*` is any.
    """

    def __init__(
        self, *, provider: str, revision: str, ids: Ids, scripts: Scripts, absent: AbstractSet[tuple[str, str]]
    ) -> None:
        self.provider = provider
        self.revision = revision
        self.ids = ids
        self.notes: dict[str, Any] = {}
        """For a vendor's own bookkeeping."""
        self._scripts = scripts
        self._absent = absent
        self._records: dict[str, dict[str, Record]] = {}

    def create(
        self,
        kind: str,
        identity: str,
        at: float,
        data: Mapping[str, Any],
        script: Script | None = None,
    ) -> Record:
        """Put something into the world, with the script that is next for its kind unless one is given."""
        record = Record(kind, identity, at, script or self._scripts.take(kind), dict(data))
        self._records.setdefault(kind, {})[identity] = record
        return record

    def script(self, kind: str) -> Script:
        """The standing script of a kind."""
        return self._scripts.standing(kind)

    def find(self, kind: str, identity: str, now: float) -> Record | None:
        """Find one thing that is there by now."""
        record = self._records.get(kind, {}).get(identity)
        return record if record is not None and record.created_at <= now else None

    def all(self, kind: str, now: float) -> list[Record]:
        """All things of a kind that are there by now, oldest first."""
        found = [record for record in self._records.get(kind, {}).values() if record.created_at <= now]
        return sorted(found, key=lambda record: record.created_at)

    def remove(self, record: Record) -> None:
        """Take something out of the world."""
        self._records[record.kind].pop(record.id, None)

    def is_absent(self, kind: str, identity: str) -> bool:
        """Whether a scenario says that a parent is not there."""
        return (kind, identity) in self._absent or (kind, "*") in self._absent
