"""Requests and answers, without sockets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from unijob.errors import Violation
from unijob.sandbox.clock import rfc3339


@attrs.frozen(kw_only=True)
class Incoming:
    """A request.

    Args:
        method: its method, in capitals.
        path: its raw path, below the provider's prefix.
        query: its raw query.
        headers: by lower-case name.
        body: its bytes.
        base_url: where the provider is served, as this client reaches it.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str]
    body: bytes = b""
    base_url: str


@attrs.frozen(kw_only=True)
class Outgoing:
    """An answer.

    Args:
        status: its HTTP status; None where the connection breaks without one.
        headers: its header fields.
        body: its bytes.
        sent: how many of the bytes are sent before the connection breaks; None for all, and it holds.
        operation: the operation that the request was for, where it was for one.
        faults: the effects that struck it.
        request_id: the request's id.
        violations: where it breaks the contract without a fault.
    """

    status: int | None
    headers: Mapping[str, str]
    body: bytes
    sent: int | None = None
    operation: str | None = None
    faults: tuple[str, ...] = ()
    request_id: str
    violations: tuple[Violation, ...] = ()


@attrs.frozen(kw_only=True)
class Received:
    """A request that the sandbox received. It holds no header and no query that signs, and so no credential.

    Args:
        at: when, in Unix seconds of the sandbox's clock.
        provider: for whom.
        method: its method.
        path: its raw path, below the provider's prefix.
        query: its raw query; masked where it signs.
        operation: what it led to, or None.
        status: the answer's HTTP status; None where the connection broke.
        faults: the effects that struck it.
        request_id: its id.
    """

    at: float
    provider: str
    method: str
    path: str
    query: str
    operation: str | None
    status: int | None
    faults: tuple[str, ...]
    request_id: str

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**attrs.asdict(self), "at": rfc3339(self.at), "faults": list(self.faults)}
