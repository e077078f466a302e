"""Sending what twice is not the same as once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from unijob.client.retries import NoAnswerError, is_lost
from unijob.errors import ContractViolation, TransportError, UnijobError

if TYPE_CHECKING:
    from collections.abc import Callable

    from unijob.client.connection import Connection
    from unijob.client.replies import Reply
    from unijob.request import Request

T = TypeVar("T")


class LostError(UnijobError):
    """What was sent may have been done, and no answer says so. It never leaves the client: a StartUncertain does.

    Args:
        what: what became of the answer, for an error's text.
    """

    def __init__(self, what: str, why: object) -> None:
        super().__init__(str(why))
        self.what = what


async def send_once(connection: Connection, request: Request, understand: Callable[[Reply], T]) -> T:
    """Send what starts something, and read its answer.

    Args:
        connection: the account.
        request: the request; it is sent again only where it was certainly not received, or its operation takes a key.
        understand: reads a success answer.

    Raises:
        LostError: its answer was lost, or cannot be read.
        TransportError: it was certainly not received.
        UpstreamError: it was refused.
    """
    try:
        reply = await connection.sender.send(request, seconds=connection.timeout)
        if reply.is_success:
            return understand(reply)
    except NoAnswerError as error:
        if error.maybe_received:
            raise LostError("its answer was lost", error) from None
        raise TransportError(str(error), is_final=error.hopeless) from None
    except ContractViolation as error:
        raise LostError("its answer cannot be read", error) from None
    refusal = connection.error(reply)
    # An earlier sending may have been received where the last one is refused.
    if is_lost(reply) or reply.lost:
        raise LostError("its answer was lost", refusal)
    raise refusal
