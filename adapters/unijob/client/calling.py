"""Calling any operation that a provider documents, beyond what its kinds name."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any

from unijob import registry
from unijob.client.once import LostError, send_once
from unijob.client.retries import Resend, resend_of
from unijob.converter import dumps, loads, unstructure
from unijob.errors import InvalidArgument, StartUncertain

if TYPE_CHECKING:
    from unijob.client.connection import Connection
    from unijob.client.replies import Reply
    from unijob_models.runtime import Operation

logger = logging.getLogger("unijob")

_SHOWN = 3


def provider_of(name: str) -> str:
    """The provider of an operation's name, `provider:operation`.

    Raises:
        InvalidArgument: it names no provider that there is.
    """
    provider, colon, operation = name.partition(":")
    if not colon or not operation:
        raise InvalidArgument(
            f"{name!r} names no operation: write 'provider:operation', by the id that the contract gives it",
            argument="operation",
        )
    return registry.provider(provider).name


async def call(connection: Connection, name: str, arguments: Mapping[str, Any], body: Any = None) -> Any:
    """Call an operation.

    Args:
        connection: the account.
        name: the operation, `provider:operation`.
        arguments: its parameters, and without a body the body's properties.
        body: the whole body, as it is sent.

    Returns:
        The generated model of the answer; the decoded JSON where the contract types none; None where nothing came.

    Raises:
        InvalidArgument: no such operation, or all that is wrong with the arguments; nothing was sent.
        StartUncertain: it may not be sent twice, and its answer was lost or cannot be read.
        TransportError, UpstreamError, ContractViolation: as everywhere.
    """
    revision, operation = _find(connection, name)
    request = connection.build(revision, operation, arguments, body)
    understand = partial(_understood, connection)
    if resend_of(request) is Resend.ALWAYS:
        return understand(await connection.send(request))
    try:
        return await send_once(connection, request, understand)
    except LostError as error:
        lost = error
    asked = {**arguments, **({} if body is None else {"request": body})}
    raise StartUncertain(
        f"{name}: the request was sent and {lost.what}, so it may have been done: {lost}. "
        "Look before calling it again.",
        kind=name,
        arguments=connection.redactor.value(loads(dumps(unstructure(asked)))),
    )


def _understood(connection: Connection, reply: Reply) -> Any:
    if not reply.body.strip():
        return None
    answer = connection.interpret(reply)
    for violation in answer.violations:
        logger.warning("%s, read all the same: %s", reply.request.operation.id, violation)
    return answer.payload if answer.model is None else answer.model


def _find(connection: Connection, name: str) -> tuple[str, Operation]:
    """The operation, and the revision to call it by: the account's, or the newest that has it."""
    provider, wanted = connection.account.provider, name.partition(":")[2]
    fixed = connection.account.revision
    revisions = registry.revisions(provider)[::-1] if fixed is None else (fixed,)
    for revision in revisions:
        operations = registry.package(provider, revision).operations
        if wanted in operations:
            return revision, operations[wanted]
    known = sorted({one for revision in revisions for one in registry.package(provider, revision).operations})
    shown = (get_close_matches(wanted, known, n=_SHOWN, cutoff=0.5) or known)[:_SHOWN]
    others = f", and {len(known) - len(shown)} others" if len(known) > len(shown) else ""
    choices = ", ".join(shown) + others
    raise InvalidArgument(
        f"{provider} has no operation {wanted!r} in revision {revisions[0]}: it may be {choices}", argument="operation"
    )


def operation_names(provider: str) -> tuple[str, ...]:
    """Every operation of a provider in any revision, as `call` takes them, sorted."""
    found = {
        one for revision in registry.revisions(provider) for one in registry.package(provider, revision).operations
    }
    return tuple(f"{provider}:{one}" for one in sorted(found))
