"""What is installed for the sandbox to serve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from unijob import registry
from unijob.errors import ConfigError, InvalidArgument
from unijob.sandbox.vendor import VendorSandbox


def revisions(providers: Iterable[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The contract revision of each provider that is served: the wanted one, or the newest.

    Raises:
        InvalidArgument: there is no such provider or revision; says which there are.
    """
    names = tuple(providers)
    for name in wanted:
        if name not in names:
            raise InvalidArgument(f"`revisions` names {name!r}, which is not served", argument="revisions")
    found = {name: wanted.get(name) or registry.revisions(name)[-1] for name in names}
    for name, revision in found.items():
        registry.package(name, revision)
    return found


def vendor(name: str) -> VendorSandbox:
    """How a provider behaves."""
    found = registry.load(registry.provider(name).sandbox)
    if not isinstance(found, VendorSandbox):
        raise ConfigError(f"{registry.provider(name).sandbox} is no VendorSandbox", setting=f"{registry.GROUP}:{name}")
    return found


def operations(
    served: Mapping[str, str],
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """The operations of each provider, and of each kind."""
    by_provider = {name: frozenset(registry.package(name, revision).operations) for name, revision in served.items()}
    by_kind: dict[str, frozenset[str]] = {}
    for name in registry.kind_names():
        provider = name.partition(":")[0]
        if provider in by_provider:
            by_kind[name] = by_provider[provider].intersection(
                operation for _, operation in registry.kind(name).roles()
            )
    return by_provider, by_kind
