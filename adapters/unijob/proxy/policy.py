"""From the policies of settings to the modes of an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from unijob.proxy.settings import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unijob.errors import Violation
    from unijob.proxy.settings import Category, Policy

_UNSAID: Mode = "report"


@attrs.frozen
class Modes:
    """The mode of each category, for one operation or for what has none."""

    request: Mode
    response: Mode
    drift: Mode

    @property
    def checks_request(self) -> bool:
        """Whether anything in a request is looked at."""
        return self.request != "off" or self.drift != "off"

    @property
    def checks_response(self) -> bool:
        """Whether anything in a response is looked at."""
        return self.response != "off" or self.drift != "off"

    def may_refuse(self, part: Category) -> bool:
        """Whether a request or response may be refused for what is in it."""
        mode = self.request if part == "request" else self.response
        return mode == "enforce" or (mode != "off" and self.drift == "enforce")

    def told(self, part: Category, found: Iterable[Violation]) -> tuple[list[Violation], list[Violation]]:
        """Split what was found into violations and drift, without what is off."""
        mode = self.request if part == "request" else self.response
        violations: list[Violation] = []
        drift: list[Violation] = []
        for one in found:
            if one.drift and self.drift != "off":
                drift.append(one)
            elif not one.drift and mode != "off":
                violations.append(one)
        return violations, drift

    def refuses(self, part: Category, violations: Iterable[Violation], drift: Iterable[Violation]) -> list[Violation]:
        """Give what a request or response is refused for; empty where it passes."""
        mode = self.request if part == "request" else self.response
        found: list[Violation] = []
        if mode == "enforce":
            found += violations
        if self.drift == "enforce":
            found += drift
        return found


def modes_of(policies: Iterable[Policy]) -> Modes:
    """Find the modes that policies come to.

    Args:
        policies: the most specific first.
    """
    listed = list(policies)
    return Modes(
        request=_first([policy.request or policy.mode for policy in listed]),
        response=_first([policy.response or policy.mode for policy in listed]),
        drift=_first([policy.drift or _without_refusal(policy.mode) for policy in listed]),
    )


def _first(modes: list[Mode | None]) -> Mode:
    said: list[Mode] = [mode for mode in modes if mode is not None]
    return said[0] if said else _UNSAID


def _without_refusal(mode: Mode | None) -> Mode | None:
    return "report" if mode == "enforce" else mode
