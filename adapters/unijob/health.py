"""What is wrong with installed providers, down to their kinds and tables. It imports all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from unijob import discovery, registry, tables
from unijob.discovery import Problem
from unijob.errors import UnusableProvider
from unijob.kinds import AnyKind


def problems() -> tuple[Problem, ...]:
    """Everything that is wrong, by provider: what keeps one from being used, and what of one cannot be used."""
    found = [*discovery.problems()]
    for name in registry.provider_names():
        found += [discovery.problem(name, message) for message in _within(name)]
    return tuple(sorted(found, key=lambda problem: problem.provider))


def usable_kinds(providers: Iterable[str] | None = None) -> tuple[AnyKind, ...]:
    """Every kind that can be used, sorted by name.

    Args:
        providers: whose; of all that can be used where not given.
    """
    names = registry.kind_names(registry.provider_names() if providers is None else providers)
    return tuple(registry.kind(name) for name in names if not any(_refused(name)))


def _within(provider: str) -> Iterator[str]:
    for name in registry.kind_names([provider]):
        refused = list(_refused(name))
        yield from refused or _doubtful(registry.kind(name))


def _refused(name: str) -> Iterator[str]:
    """Why a kind cannot be used."""
    try:
        kind = registry.kind(name)
        known = [registry.package(kind.provider, revision) for revision in registry.revisions(kind.provider)]
    except UnusableProvider as error:
        yield error.reason
        return
    if not any(kind.get in package.operations for package in known):
        yield f"{name}: no contract revision has its `get`, {kind.get}"


def _doubtful(kind: AnyKind) -> Iterator[str]:
    """What is wrong with a kind that can be used all the same."""
    packages = [registry.package(kind.provider, revision) for revision in registry.revisions(kind.provider)]
    operations = {operation for package in packages for operation in package.operations}
    for role, operation in kind.roles():
        if operation not in operations:
            yield f"{kind.name}: no contract revision has the operation {operation}, which it names for {role}"
    yield from tables.gaps([kind])
    for table in kind.tables:
        if not tables.members(kind, table):
            yield f"{kind.name}: no contract revision has the enum {table.enum} of its status table"
