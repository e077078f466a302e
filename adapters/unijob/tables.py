"""Whether the status tables are whole: what a regenerated contract brought that no table lists. `make check` asks."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from enum import Enum

from unijob import registry
from unijob.kinds import AnyKind, StatusTable


def gaps(kinds: Iterable[AnyKind] | None = None) -> list[str]:
    """Name every member of a generated enum that its table does not list, and what to do about it.

    Args:
        kinds: the kinds to look at; all installed ones where not given.
    """
    return [
        f"{where} lists no {value!r}, which {table.enum} has in {', '.join(revisions)}: add it there with the state "
        "that it means"
        for kind, where, table in _tables(kinds)
        for value, revisions in members(kind, table).items()
        if value not in table
    ]


def leftovers(kinds: Iterable[AnyKind] | None = None) -> list[str]:
    """Name every value that a table lists and no revision's enum has.

    Args:
        kinds: the kinds to look at; all installed ones where not given.
    """
    return [
        f"{where} lists {value!r}, which {table.enum} has in no revision: take it out, or mend `enum`"
        for kind, where, table in _tables(kinds)
        for value in sorted({*table.states, *table.absent} - members(kind, table).keys())
    ]


def members(kind: AnyKind, table: StatusTable) -> dict[str, list[str]]:
    """Give the values of a table's enum, each with the revisions that have it."""
    found: dict[str, list[str]] = {}
    for revision in registry.revisions(kind.provider):
        models = importlib.import_module(registry.package(kind.provider, revision).package + ".models")
        enum: Iterable[Enum] = getattr(models, table.enum, ())
        for member in enum:
            found.setdefault(member.value, []).append(revision)
    return found


def _tables(kinds: Iterable[AnyKind] | None) -> Iterator[tuple[AnyKind, str, StatusTable]]:
    for kind in map(registry.kind, registry.kind_names()) if kinds is None else kinds:
        module = registry.provider(kind.provider).kinds[kind.type].partition(":")[0]
        names = {id(value): name for name, value in vars(importlib.import_module(module)).items()}
        for table in kind.tables:
            yield kind, f"{kind.name}: {module}.{names.get(id(table), 'KIND.tables')}", table
