"""What a provider is: where it is found, how it is set up, which kinds it has, how it tells of errors.

This is the interface to packages that others write; docs/provider-interface.md is its reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from unijob.jsontypes import is_mapping

INTERFACE = 1
"""The version of the interface that this unijob speaks. It grows when a provider written for the one before would not
work any more; what is only added leaves it as it is."""


_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_LOCATION = re.compile(r"[\w.]+:\w+")


@attrs.frozen(kw_only=True)
class ErrorDetail:
    """What an upstream's error body says, each where it says it."""

    message: str | None = None
    code: str | None = None
    request_id: str | None = None


def untyped_error(body: Any) -> ErrorDetail:
    """Read an error body that no contract types: the names that most APIs use, wherever they stand."""
    if is_mapping(body) and is_mapping(body.get("error")):
        body = body["error"]
    if not is_mapping(body):
        return ErrorDetail(message=body if isinstance(body, str) else None)
    texts = {name: value for name, value in body.items() if isinstance(value, str) and value}
    return ErrorDetail(
        message=texts.get("message") or texts.get("detail") or texts.get("error") or texts.get("title"),
        code=texts.get("code") or texts.get("id") or texts.get("type"),
        request_id=texts.get("request_id"),
    )


@attrs.frozen(kw_only=True)
class Provider:
    """A provider, as its package declares it under the entry point group `unijob.providers`.

    Args:
        interface: the version of this interface that the package is written for: a literal, not `INTERFACE`.
        name: what references and settings call it, `mka1`.
        title: what people call it.
        base_url: its public server.
        key_variables: environment variables that may hold its key, the first that is set wins.
        base_url_variable: the environment variable that names another server.
        revision_variable: the environment variable that fixes the contract revision, or None.
        contracts: the generated package that holds its contract revisions.
        kinds: kind name (within the provider) to `module:attribute` of its declaration.
        on_behalf_of: the header that names the end user acted for, or None where it has none.
        read_error: what its error bodies say.
        sandbox: `module:attribute` of how it lives in the sandbox, or None where it does not.
    """

    interface: int
    name: str
    title: str
    base_url: str
    key_variables: tuple[str, ...]
    base_url_variable: str
    revision_variable: str | None = None
    contracts: str
    kinds: Mapping[str, str]
    on_behalf_of: str | None = None
    read_error: Callable[[Any], ErrorDetail] = untyped_error
    sandbox: str | None = None


def faults(provider: Provider, name: str) -> list[str]:
    """Say what of a declaration cannot be so.

    Args:
        provider: the declaration.
        name: the name of the entry point that leads to it.
    """
    if provider.interface != INTERFACE:
        return [f"it is written for interface {provider.interface!r} of providers, and this unijob speaks {INTERFACE}"]
    found: list[str] = []
    if provider.name != name:
        found.append(f"it calls itself {provider.name!r}: the name of the entry point must be the same")
    if not _NAME.fullmatch(name):
        found.append(f"{name!r} is no name: it may have lower-case letters, digits and '_', a letter first")
    found += [f"{kind!r} is no name of a kind" for kind in provider.kinds if not _NAME.fullmatch(kind)]
    located = {f"kind {kind}": location for kind, location in provider.kinds.items()} | {"sandbox": provider.sandbox}
    found += [
        f"{what} must be where it is declared, module:attribute, not {location!r}"
        for what, location in located.items()
        if location is not None and not _LOCATION.fullmatch(location)
    ]
    if isinstance(provider.key_variables, str):
        found.append("key_variables must be a tuple of names")
    return found
