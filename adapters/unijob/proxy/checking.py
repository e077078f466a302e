"""One exchange, held against its contract."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from unijob.contract.media import essence, is_json
from unijob.proxy.coding import NotCheckedError, codings, decoded
from unijob.proxy.problems import RefusedError
from unijob.proxy.sse import likeliest, read_event
from unijob.values import value_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Literal

    from multidict import MultiMapping

    from unijob.errors import Violation
    from unijob.proxy.plan import Checker
    from unijob.proxy.policy import Modes
    from unijob.proxy.record import Part, Record
    from unijob.proxy.settings import ProxySettings

    Kind = Literal["events", "read", "opaque"]

EVENT_STREAM = "text/event-stream"


def kind_of_body(content_type: str) -> Kind:
    """Tell how a body is checked: event by event, as a whole, or not at all but for its media type."""
    name = essence(content_type)
    if name == EVENT_STREAM:
        return "events"
    is_form = name in {"application/x-www-form-urlencoded", "multipart/form-data"}
    return "read" if not name or is_form or is_json(name) or name.startswith("text/") else "opaque"


@value_class
class Message:
    """What a check needs of a request or response.

    Attributes:
        fields: its header fields.
        body: its body as sent; None where it is not to be had whole.
    """

    fields: MultiMapping[str]
    body: bytes | None

    def field(self, name: str) -> str:
        """Give a field's value, that of several joined; empty where there is none."""
        found = self.fields.getall(name, ())
        return found[0] if len(found) == 1 else ", ".join(found)


@value_class
class Checking:
    """Checks of one exchange.

    Args:
        checker: the contract.
        operation: the operation's id.
        modes: how strict to be.
        record: where findings go.
        settings: of the proxy.
        is_head: whether the answer has no body because the request is `HEAD`.
    """

    checker: Checker
    operation: str
    modes: Modes
    record: Record
    settings: ProxySettings
    is_head: bool = False

    def request(self, message: Message, *, path: Mapping[str, str], query: Sequence[tuple[str, str]]) -> None:
        """Check a request.

        Args:
            message: the request.
            path: the path's values.
            query: names and values.

        Raises:
            RefusedError: it is refused.
        """
        body = self._body("request", message)

        def check() -> Sequence[Violation]:
            found = self.checker.check_request(
                self.operation, path=path, query=query, headers=message.fields, body=body
            )
            return found if body is not None else _without(found, "request.body")

        self.record.checked_request = True
        refused = self._told("request", check)
        if refused:
            detail = "The request is not as its contract says; it was not sent on."
            raise RefusedError(400, "violations", detail, violations=refused)

    def response(self, status: int, message: Message) -> None:
        """Check a response.

        Args:
            status: its status.
            message: the response; without its body, what can be said without it is.

        Raises:
            RefusedError: it is refused.
        """
        body = self._body("response", message)
        content_type = message.field("content-type")
        whole = body is not None and not self.is_head

        def check() -> Sequence[Violation]:
            found = self.checker.check_response_bytes(
                self.operation, status, body or b"", content_type=content_type or None, headers=message.fields
            )
            return found if whole else _without(found, "response.body", but=None if self.is_head else "media-type")

        self.record.checked_response = True
        refused = self._told("response", check)
        if refused:
            detail = "The upstream's answer is not as its contract says; it was held back."
            raise RefusedError(502, "violations", detail, violations=refused)

    def event(self, status: int, content_type: str, block: bytes) -> bool:
        """Check one event of a stream, and tell whether it may pass."""
        event = read_event(block)
        if event is None:
            return True
        self.record.events += 1

        def check() -> Sequence[Violation]:
            readings = event.readings()
            return likeliest(
                self.checker.check_response(self.operation, status, value, media_type=content_type)
                for value in readings
            )

        return not self._told("response", check)

    def unchecked(self, part: Part, reason: NotCheckedError) -> None:
        """Note that a body is not checked.

        Raises:
            RefusedError: and therefore it does not pass.
        """
        self.record.skipped(part, reason.reason)
        if self.modes.may_refuse(part) and self.settings.too_large == "refuse":
            status = 413 if part == "request" else 502
            raise RefusedError(status, reason.reason, f"The body of the {part} cannot be checked.")

    def _body(self, part: Part, message: Message) -> bytes | None:
        if message.body is None:
            return None
        encoding = message.field("content-encoding")
        if not encoding or not codings(encoding):
            return message.body
        try:
            return decoded(message.body, encoding, self.settings.limits.decompressed_bytes)
        except NotCheckedError as error:
            self.unchecked(part, error)
            return None

    def _told(self, part: Part, check: Callable[[], Sequence[Violation]]) -> list[Violation]:
        """Run a check, note what it finds, and give what that is refused for."""
        started = time.perf_counter()
        try:
            found = check()
        except Exception:  # noqa: BLE001  whatever an engine trips over is no fault of the message
            self.unchecked(part, NotCheckedError("failed"))
            return []
        finally:
            self.record.validation_seconds += time.perf_counter() - started
        if not found:
            return []
        violations, drift = self.modes.told(part, found)
        self.record.violations += violations
        self.record.drift += drift
        return self.modes.refuses(part, violations, drift)


def _without(found: Iterable[Violation], place: str, but: str | None = None) -> list[Violation]:
    return [one for one in found if one.place != place or one.keyword == but]
