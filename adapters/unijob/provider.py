"""What a provider is: where it is found, how it is set up, which kinds it has, how it tells of errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from unijob.jsontypes import is_mapping


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
        sandbox: `module:attribute` of how it lives in the sandbox.
    """

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
    sandbox: str
