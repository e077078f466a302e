"""Responses, held against their operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unijob.contract.checks import fold, violation, wrong_media_type

if TYPE_CHECKING:
    from unijob.contract.checks import Checks, Headers
    from unijob.contract.operation import Content, OperationContract
    from unijob.errors import Violation

_NO_BODY = frozenset({204, 205, 304})


class ResponseChecks:
    """Checks responses.

    Args:
        checks: the checks of the direction.
    """

    def __init__(self, checks: Checks) -> None:
        self._checks = checks

    def value(
        self, operation: OperationContract, status: int, value: Any, media_type: str, headers: Headers | None
    ) -> tuple[Violation, ...]:
        """Check a response whose body is parsed already."""
        content = operation.response(status)
        if content is None:
            return (_unknown_status(operation),)
        found = self._headers(content, headers) if content.headers and headers is not None else ()
        if not content.media_types:
            return tuple(found)
        media = content.match(media_type)
        if media is None:
            return (*found, wrong_media_type("response.body", content))
        return (*found, *self._checks.body("response.body", media, value))

    def body(
        self, operation: OperationContract, status: int, body: bytes, content_type: str, headers: Headers | None
    ) -> tuple[Violation, ...]:
        """Check a response whose body is bytes."""
        content = operation.response(status)
        if content is None:
            return (_unknown_status(operation),)
        found = self._headers(content, headers) if content.headers and headers is not None else ()
        if not content.media_types or (not body and (status in _NO_BODY or operation.method == "HEAD")):
            return tuple(found)
        media = content.match(content_type)
        if media is None:
            return (*found, wrong_media_type("response.body", content))
        wrong, _ = self._checks.body_bytes("response.body", media, body, content_type)
        return (*found, *wrong)

    def _headers(self, content: Content, headers: Headers) -> list[Violation]:
        sent = fold(headers)
        return [
            found
            for header in content.headers
            for found in self._checks.parameter(header, "response.header", sent, set())[0]
        ]


def _unknown_status(operation: OperationContract) -> Violation:
    pointer = operation.pointer + "/responses"
    return violation("response.status", "", "status", "is not a documented status", pointer, drift=True)
