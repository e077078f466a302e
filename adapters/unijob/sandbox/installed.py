"""What is installed for the sandbox to serve."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from unijob import discovery, health, registry
from unijob.errors import InvalidArgument, UnusableProvider
from unijob.sandbox.scripts import Life
from unijob.sandbox.vendor import VendorSandbox

logger = logging.getLogger("unijob")


def revisions(providers: Iterable[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The contract revision of each provider that is served: the wanted one, or the newest.

    Raises:
        InvalidArgument: there is no such provider or revision; says which there are.
    """
    names = tuple(providers)
    for name in wanted:
        if name not in names:
            served = ", ".join(names) or "none"
            raise InvalidArgument(f"no provider {name!r} is served: it may be {served}", argument="revisions")
    found = {name: wanted.get(name) or registry.revisions(name)[-1] for name in names}
    for name, revision in found.items():
        registry.package(name, revision)
    return found


def providers() -> tuple[str, ...]:
    """The installed providers that live in the sandbox; one whose life cannot be had is logged."""
    found: list[str] = []
    for name in registry.provider_names():
        try:
            if registry.provider(name).sandbox is not None:
                vendor(name)
                found.append(name)
        except UnusableProvider as error:
            logger.warning("%s", error)
    return tuple(found)


def vendor(name: str) -> VendorSandbox:
    """How a provider behaves.

    Raises:
        UnusableProvider: it does not live in the sandbox, or how it does cannot be had.
    """
    location = registry.provider(name).sandbox
    if location is None:
        raise discovery.problem(name, "it does not live in the sandbox").error()
    found = discovery.imported(name, location)
    if not isinstance(found, VendorSandbox):
        raise discovery.problem(name, f"{location} is no VendorSandbox").error()
    return found


def lives(name: str, revision: str) -> dict[str, Life]:
    """What the lives of a provider's kinds may be like in one of its revisions."""
    known = registry.revisions(name)
    there = known[: known.index(revision) + 1]
    return {kind: life.until(there) for kind, life in vendor(name).lives.items()}


def operations(
    served: Mapping[str, str],
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """The operations of each provider, and of each kind."""
    by_provider = {name: frozenset(registry.package(name, revision).operations) for name, revision in served.items()}
    by_kind = {
        kind.name: by_provider[kind.provider].intersection(operation for _, operation in kind.roles())
        for kind in health.usable_kinds(by_provider)
    }
    return by_provider, by_kind
