"""From a request's target to its operation, and what becomes of those that have none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from multidict import CIMultiDict

from unijob.errors import Violation
from unijob.proxy.checking import Checking, Message
from unijob.proxy.problems import RefusedError
from unijob.proxy.targets import oddity_violation, query_pairs
from unijob.values import value_class

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from unijob.contract import Match
    from unijob.proxy.plan import Checker, Mount
    from unijob.proxy.policy import Modes
    from unijob.proxy.record import Record
    from unijob.proxy.settings import ProxySettings
    from unijob.proxy.targets import Target


@value_class
class Call:
    """A request whose operation is known."""

    checking: Checking
    path_values: Mapping[str, str]
    query: str
    fields: Sequence[tuple[str, str]]
    """The header fields that are sent on."""

    def check(self, body: bytes | None) -> None:
        """Check the request.

        Args:
            body: its body as sent; None where it is not to be had whole.

        Raises:
            RefusedError: it is refused.
        """
        self.checking.request(
            Message(CIMultiDict(self.fields), body), path=self.path_values, query=query_pairs(self.query)
        )


def find_call(
    mount: Mount,
    target: Target,
    fields: Sequence[tuple[str, str]],
    record: Record,
    settings: ProxySettings,
) -> Call | None:
    """Find the operation of a request.

    Args:
        mount: where it goes.
        target: its target.
        fields: the header fields that are sent on.
        record: what is known of it; learns of the operation.
        settings: of the proxy.

    Returns:
        The call; None where there is nothing to check it against.

    Raises:
        RefusedError: it is refused for where it leads.
    """
    checker = mount.checker
    if checker is None:
        return None
    started = time.perf_counter()
    match, is_head = _match(checker, record.method, target.path)
    record.validation_seconds += time.perf_counter() - started
    operation = match.operation
    modes = mount.modes
    if operation is not None:
        modes = mount.modes_for(operation.id)
        record.operation, record.path = operation.id, operation.path
    if modes.checks_request:
        _check_target(target, modes, record)
        if operation is None:
            _undocumented(mount, match, modes, record)
    if operation is None:
        return None
    checking = Checking(checker, operation.id, modes, record, settings, is_head=is_head)
    return Call(checking, match.path_values, target.query, fields)


def _match(checker: Checker, method: str, path: str) -> tuple[Match[Any], bool]:
    """Find the operation; `HEAD` is held against `GET` where the contract has none of its own."""
    match = checker.route(method, path)
    if method == "HEAD" and match.operation is None and "GET" in match.allowed:
        return checker.route("GET", path), True
    return match, method == "HEAD"


def _check_target(target: Target, modes: Modes, record: Record) -> None:
    odd = oddity_violation(target)
    if odd is None or modes.request == "off":
        return
    record.violations.append(odd)
    record.checked_request = True
    if modes.request == "enforce":
        detail = "The request target can be read in more than one way; it was not sent on."
        raise RefusedError(400, "target", detail, violations=(odd,))


def _undocumented(mount: Mount, match: Match[Any], modes: Modes, record: Record) -> None:
    what = "method" if match.allowed else "path"
    message = f"is not a documented {what}"
    found = Violation(place="request.path", pointer="", keyword=what, message=message, drift=True)
    record.checked_request = True
    record.drift += modes.told("request", [found])[1]
    if "enforce" not in {modes.request, modes.drift} or mount.settings.pass_undocumented:
        return
    fields = (("Allow", ", ".join(sorted(match.allowed))),) if match.allowed else ()
    raise RefusedError(
        405 if match.allowed else 404,
        f"undocumented-{what}",
        f"The contract has no such {what}.",
        violations=(found,),
        fields=fields,
    )
