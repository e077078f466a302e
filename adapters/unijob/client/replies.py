"""What came back for a request: as a JSON value, as an error, as a hint when to ask again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import attrs

from unijob.converter import loads
from unijob.errors import (
    AuthenticationError,
    Conflict,
    ContractViolation,
    JobNotFound,
    RateLimited,
    UpstreamError,
    Violation,
)

if TYPE_CHECKING:
    from unijob.provider import Provider
    from unijob.redact import Redactor
    from unijob.ref import JobRef
    from unijob.request import Request

_SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)
_OK, _REDIRECTS, _ERRORS = 200, 300, 400
_LONGEST_TEXT = 4_000
_LONGEST_MESSAGE = 500
_LARGEST_BODY = 65_536


@attrs.frozen(kw_only=True)
class Reply:
    """An answer over HTTP, of any status.

    Args:
        headers: by name in lower case; of a repeated one, the first.
        received_at: when it came, by the client's clock.
        resent: whether an earlier sending of the same call may have been received.
        lost: whether the answer to such a sending was lost.
    """

    request: Request
    status: int
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=False)
    received_at: datetime
    resent: bool = False
    lost: bool = False

    @property
    def is_success(self) -> bool:
        """Whether the status is one of the 2xx."""
        return _OK <= self.status < _REDIRECTS

    @property
    def hint(self) -> float | None:
        """Seconds that the upstream asks to wait before the next request, or None."""
        milliseconds = self.headers.get("openai-poll-after-ms", "").strip()
        if _SECONDS.fullmatch(milliseconds):
            return float(milliseconds) / 1000
        return self._retry_after(self.headers.get("retry-after", "").strip())

    def _retry_after(self, text: str) -> float | None:
        if _SECONDS.fullmatch(text):
            return float(text)
        instant = _http_date(text)
        if instant is None:
            return None
        return max((instant - self.told_at).total_seconds(), 0.0)

    @property
    def server_time(self) -> datetime | None:
        """When the server says that it sent this, to the second."""
        return _http_date(self.headers.get("date", ""))

    @property
    def told_at(self) -> datetime:
        """When this was sent, by the server's clock; by the client's where the server does not tell."""
        return self.server_time or self.received_at

    @property
    def skew(self) -> timedelta:
        """How far the server's clock is ahead of the client's; nothing where it does not tell."""
        return self.told_at - self.received_at

    def json(self, provider: str, redactor: Redactor) -> Any:
        """The decoded body.

        Args:
            provider: who answered, for an error.
            redactor: keeps credentials out of it.

        Raises:
            ContractViolation: it is no JSON.
        """
        try:
            return loads(self.body)
        except ContractViolation as error:
            kind = redactor.text(self.headers.get("content-type", "no content type"))[:100]
            message = f"{provider} answered {self.status} to {self.request} with {kind}: {error}"
            violations = error.violations
        raise ContractViolation(message, violations=violations)


def too_large(request: Request, limit: int) -> ContractViolation:
    """The error for an answer that is larger than the client takes."""
    violation = Violation(place="response.body", pointer="", keyword="parse", message=f"larger than {limit} bytes")
    return ContractViolation(
        f"the answer to {request} is larger than {limit} bytes (JobClient's max_answer_bytes)",
        violations=[violation],
    )


def upstream_error(
    reply: Reply,
    provider: Provider,
    redactor: Redactor,
    *,
    ref: JobRef | None = None,
    has_key: bool = True,
    since: str | None = None,
) -> UpstreamError:
    """The error that an answer is.

    Args:
        reply: the answer.
        provider: reads its body.
        redactor: keeps credentials out of it.
        ref: the job that was asked for.
        has_key: whether a credential was sent.
        since: the revision that brought the operation, where the upstream may be of an older one.
    """
    body = redactor.value(_error_body(reply, redactor))
    detail = provider.read_error(body)
    request_id = detail.request_id or redactor.text(reply.headers.get("x-request-id", "")) or None
    said = ": ".join(part for part in (detail.code, detail.message) if part)
    told = " ".join(said.split())[:_LONGEST_MESSAGE] or _explained(reply, redactor)
    message = f"{provider.name} answered {reply.status} to {reply.request}" + (f": {told}" if told else "")
    if reply.status in {401, 403}:
        unset = "" if has_key else " (no key was sent: the account has none)"
        return AuthenticationError(message + unset, status=reply.status, body=body, request_id=request_id)
    if reply.status == 404:  # noqa: PLR2004
        return JobNotFound(message + _lacking(since), ref=ref, status=404, body=body, request_id=request_id)
    if reply.status == 409:  # noqa: PLR2004
        return Conflict(message, status=409, body=body, request_id=request_id)
    if reply.status == 429:  # noqa: PLR2004
        return RateLimited(message, body=body, request_id=request_id, retry_after=reply.hint)
    return UpstreamError(message, status=reply.status, body=body, request_id=request_id)


def _lacking(since: str | None) -> str:
    """What else a 404 may say: no contract tells an address that is not there from a job that is not."""
    return "" if since is None else f" (or it is of a revision before {since}, which cannot do that)"


def _explained(reply: Reply, redactor: Redactor) -> str:
    if not _REDIRECTS <= reply.status < _ERRORS:
        return ""
    place = redactor.text(reply.headers.get("location", "nowhere"))[:_LONGEST_MESSAGE]
    return f"it redirects to {place}, which is not followed, so that the key goes nowhere else: check base_url"


def _error_body(reply: Reply, redactor: Redactor) -> Any:
    if not reply.body:
        return None
    if len(reply.body) <= _LARGEST_BODY:
        try:
            return loads(reply.body)
        except ContractViolation:
            pass
    return redactor.text(reply.body[:_LARGEST_BODY].decode(errors="replace"))[:_LONGEST_TEXT]


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
