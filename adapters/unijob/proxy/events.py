"""What the data path tells of each exchange, for metrics, logs, drift and whoever else listens."""

from __future__ import annotations

from typing import Literal, Protocol

import attrs

from unijob.errors import Violation
from unijob.values import value_class

Source = Literal["upstream", "proxy", "none"]
"""Who made the answer; `none` where no answer was begun."""
Outcome = Literal["complete", "refused", "failed", "aborted", "caller-gone"]
"""How an exchange ended.

- `complete`: the upstream's answer went out whole;
- `refused`: the proxy answered instead, by policy, limit or for a malformed request;
- `failed`: the upstream gave no answer, and the proxy said so (502, 504);
- `aborted`: the answer was broken off after it had begun;
- `caller-gone`: the caller went away first.
"""
SkipReason = Literal[
    "too-large", "decompressed-size", "encoding", "budget", "backlog", "stream", "incomplete", "failed"
]
"""Why a check did not happen.

- `too-large`: the body is larger than `check_bytes`;
- `decompressed-size`: its decompressed copy grows beyond `decompressed_bytes`;
- `encoding`: a content encoding that is not known, or a body that is not of its encoding;
- `budget`: checks of this second had used up `validation_ms_per_second`;
- `backlog`: more than `backlog_bytes` waited to be checked;
- `stream`: an event stream that is passed unchecked by setting;
- `incomplete`: the body never came whole;
- `failed`: the engine itself failed.
"""


@attrs.frozen(kw_only=True)
class Skip:
    """A check that did not happen, and why."""

    part: Literal["request", "response"]
    reason: SkipReason


@value_class(kw_only=True)
class Exchange:
    """One finished exchange. It carries no credential and no value of a body."""

    request_id: str
    """As in `Unijob-Request-Id`."""
    started_at: float
    """When the request's header was there, in seconds since 1970."""
    upstream: str = ""
    """The upstream's name; empty where the request named none."""
    operation: str = ""
    """The operation's id; empty where none was found or looked for."""
    path: str = ""
    """The operation's path template; empty where there is no operation."""
    method: str = ""
    """The request's method; empty where the request could not be read."""
    target: str = ""
    """The request target, redacted; empty where the request could not be read."""
    status: int | None = None
    """The status that the caller was sent; None where none was."""
    upstream_status: int | None = None
    """The status that the upstream sent; None where none came."""
    source: Source = "upstream"
    """Who made the answer."""
    outcome: Outcome = "complete"
    """How it ended."""
    cause: str = ""
    """One word on why it did not end in `complete`: `violations`, `undocumented-path`, `connect`, `first-byte`, …"""
    request_bytes: int = 0
    """Bytes of the request body that were received, as sent."""
    response_bytes: int = 0
    """Bytes of the response body that were sent to the caller."""
    seconds: float = 0.0
    """From the request's header to the last byte of the answer, in seconds."""
    first_byte_seconds: float | None = None
    """From the request's header to the header of the answer, in seconds; None where none was sent."""
    upstream_seconds: float | None = None
    """From sending the request on to the header of the upstream's answer, in seconds; None where none came."""
    validation_seconds: float = 0.0
    """What routing and checks took of the processor, in seconds."""
    violations: tuple[Violation, ...] = ()
    """What broke the contract, in the request and then in the response."""
    drift: tuple[Violation, ...] = ()
    """What the contract does not know; all have `drift` set."""
    skips: tuple[Skip, ...] = ()
    """Checks that did not happen. What policy turned off is not among them."""
    checked_request: bool = False
    """Whether the request was held against its contract."""
    checked_response: bool = False
    """Whether the response was, or all events of its stream so far."""
    events: int = 0
    """Events of an event stream that were checked."""
    caller: str = ""
    """The caller's address, without port."""


class Observer(Protocol):
    """Is told of each exchange when it has ended and its checks too."""

    def finished(self, exchange: Exchange) -> None:
        """Take note of an exchange; it runs on the event loop and must be quick."""


class Silent:
    """An observer that takes note of nothing."""

    def finished(self, exchange: Exchange) -> None:
        """Take no note."""
