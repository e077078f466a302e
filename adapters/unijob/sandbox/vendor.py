"""What a provider's package declares to live in the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

from unijob.errors import Violation
from unijob.sandbox.messages import Incoming
from unijob.sandbox.scripts import Life
from unijob.sandbox.world import World

Reason = Literal[
    "invalid", "unauthorized", "not_found", "no_route", "method", "conflict", "rate_limit", "media_type", "server"
]

REASONS: Mapping[Reason, int] = {
    "invalid": 400,
    "unauthorized": 401,
    "not_found": 404,
    "no_route": 404,
    "method": 405,
    "conflict": 409,
    "media_type": 415,
    "rate_limit": 429,
    "server": 500,
}
"""The HTTP status that each reason usually has."""


class Refusal(Exception):
    """A request is answered with an error.

    Args:
        reason: why, which its vendor words.
        message: for people.
        parameter: the parameter or property that is wrong, where one is.
    """

    def __init__(self, reason: Reason, message: str, *, parameter: str | None = None) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.message = message
        self.parameter = parameter


@attrs.frozen(kw_only=True)
class Failure:
    """An error answer, before its vendor gives it a body.

    Args:
        status: its HTTP status.
        reason: why; None for a status that a fault asked for.
        message: for people.
        parameter: the parameter or property that is wrong, where one is.
        request_id: the request's id.
        operation: the id of the operation that was called, where one was.
    """

    status: int
    reason: Reason | None
    message: str
    parameter: str | None = None
    request_id: str
    operation: str | None = None


@attrs.frozen(kw_only=True)
class Call:
    """A request that has passed its contract.

    Args:
        operation: the operation's id.
        path: its path parameters, decoded.
        query: its query parameters by wire name, parsed; absent ones are absent.
        headers: its header fields by lower-case name.
        body: its JSON body, or None.
        now: the instant at which it is answered.
        world: what exists.
        base_url: where the provider is served, without a slash at the end.
    """

    operation: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any
    now: float
    world: World
    base_url: str


@attrs.frozen
class Reply:
    """A success answer."""

    payload: Any
    status: int = 200


Handler = Callable[[Call], Reply]
Place = Callable[[World, Incoming, float], int | None]
"""Answers what comes to an address that an answer gave out, a signed link, with a status; None where it is none."""


def _nowhere(_world: World, _incoming: Incoming, _now: float) -> None:
    return None


@attrs.frozen(kw_only=True)
class VendorSandbox:
    """How one provider behaves.

    Args:
        handlers: operation id to what answers it.
        lives: kind name (in full) to what its lives may be like.
        parents: kinds of parents that are there for any id, unless a scenario says otherwise.
        error: the body of an error answer.
        invalid: how a request that breaks its contract is refused.
        headers: further headers of a success answer, by the world and the instant.
        catch_up: what happens by itself as time passes, up to an instant.
        place: what answers without a token, beside the contract's paths: where uploads go.
    """

    handlers: Mapping[str, Handler]
    lives: Mapping[str, Life]
    parents: tuple[str, ...] = ()
    error: Callable[[Failure], Any]
    invalid: Callable[[tuple[Violation, ...]], Refusal]
    headers: Callable[[World, float], Mapping[str, str]]
    catch_up: Callable[[World, float], None]
    place: Place = _nowhere
