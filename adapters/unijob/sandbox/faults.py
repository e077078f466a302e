"""Faults in force: which requests they strike, and what they make of an answer. `effects` has what they can do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from unijob.sandbox import checks, mutations
from unijob.sandbox.effects import CHANGING, EFFECTS, ENDING, settings_of

_STATUS_FIELD = "status"


@attrs.define
class Fault:
    """A fault in force.

    Args:
        id: names it, to take it back.
        effect: what happens.
        settings: how, by the effect's settings.
        provider: only requests to this provider.
        operation: only this operation.
        kind: only operations of this kind.
        times: how often it strikes; None for ever.
        every: it strikes each so-many-th matching request.
        probability: and then only with this probability.
        after: so many matching requests pass first.
    """

    id: str
    effect: str
    settings: Mapping[str, Any]
    provider: str | None
    operation: str | None
    kind: str | None
    times: int | None
    every: int
    probability: float
    after: int
    chance: Callable[[], float] = attrs.field(repr=False)
    seen: int = 0
    """Requests that matched."""
    hits: int = 0
    """Requests that it struck."""

    def __getitem__(self, name: str) -> Any:
        return self.settings[name]

    @property
    def changes_answer(self) -> bool:
        """Whether it changes a value of a success answer."""
        return self.effect in CHANGING

    def matches(self, provider: str, operation: str, kinds: frozenset[str]) -> bool:
        """Whether it is for a request."""
        return (
            self.provider in {None, provider}
            and self.operation in {None, operation}
            and (self.kind is None or self.kind in kinds)
        )

    def strikes(self) -> bool:
        """Whether it strikes the matching request that is now there."""
        if self.times is not None and self.hits >= self.times:
            return False
        self.seen += 1
        turn = self.seen - self.after
        if turn < 1 or turn % self.every or (self.probability < 1 and self.chance() >= self.probability):
            return False
        self.hits += 1
        return True

    def change(self, payload: Any) -> Any:
        """The answer as this fault leaves it; the answer itself where its pointer finds nothing."""
        pointer: str | None = self.settings["pointer"]
        if self.effect == "extra_field":
            return mutations.extended(payload, pointer or "", self["name"], self["value"])
        if pointer is None:
            return mutations.replaced_nearest(payload, _STATUS_FIELD, self["value"])
        if self.effect == "unknown_value":
            return mutations.replaced(payload, pointer, lambda _old: self["value"])
        if self.effect == "missing":
            return mutations.removed(payload, pointer)
        return mutations.replaced(payload, pointer, mutations.other_type)

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready."""
        plain = attrs.asdict(self, filter=lambda field, _value: field.name not in {"settings", "chance"})
        return {**plain, **self.settings}


class Faults:
    """The faults in force, in the order in which they were asked for.

    Args:
        seed: what their chances follow from.
        operations: provider name to its operation ids.
        kinds: kind name (in full) to its operation ids.
    """

    def __init__(
        self, seed: int, operations: Mapping[str, frozenset[str]], kinds: Mapping[str, frozenset[str]]
    ) -> None:
        self._seed = seed
        self._operations = operations
        self._kinds = kinds
        self._faults: dict[str, Fault] = {}
        self._made = 0

    def add(
        self,
        effect: str,
        *,
        provider: str | None = None,
        operation: str | None = None,
        kind: str | None = None,
        times: int | None = None,
        every: int | None = None,
        probability: float | None = None,
        after: int = 0,
        **settings: Any,
    ) -> Fault:
        """Put a fault in force; `Sandbox.fault` says more.

        Raises:
            InvalidArgument: something is wrong; says what would be right.
        """
        checks.choice("effect", effect, EFFECTS)
        checks.choice("provider", provider, self._operations, optional=True)
        checks.choice("kind", kind, self._kinds, optional=True)
        offered = frozenset[str]().union(
            *(found for name, found in self._operations.items() if provider in {None, name})
        )
        checks.choice("operation", operation, offered, optional=True)
        checks.whole("times", times, 1)
        checks.whole("every", every, 1)
        checks.whole("after", after, 0)
        checks.share("probability", probability)
        once = times is None and every is None and probability is None
        self._made += 1
        identity = f"fault-{self._made}"
        chances = random.Random(f"{self._seed}/{identity}")  # noqa: S311  chance under a seed, not a secret
        fault = Fault(
            id=identity,
            effect=effect,
            settings=settings_of(effect, settings),
            provider=provider,
            operation=operation,
            kind=kind,
            times=1 if once else times,
            every=every or 1,
            probability=1.0 if probability is None else probability,
            after=after,
            chance=chances.random,
        )
        self._faults[identity] = fault
        return fault

    def before(self, provider: str, operation: str) -> list[Fault]:
        """The faults that strike a request, but for those that change a value of its answer."""
        struck: list[Fault] = []
        ending = False
        for fault in self._matching(provider, operation):
            if fault.changes_answer or (ending and fault.effect in ENDING):
                continue
            if fault.strikes():
                struck.append(fault)
                ending = ending or fault.effect in ENDING
        return struck

    def changed(self, provider: str, operation: str, payload: Any) -> tuple[Any, list[Fault]]:
        """A success answer after the faults that change its values, and those that did."""
        struck: list[Fault] = []
        for fault in self._matching(provider, operation):
            if fault.changes_answer and (after := fault.change(payload)) != payload and fault.strikes():
                payload = after
                struck.append(fault)
        return payload, struck

    def all(self) -> list[Fault]:
        """Those in force, spent ones too."""
        return list(self._faults.values())

    def remove(self, identity: str) -> bool:
        """Take one back; tells whether it was there."""
        return self._faults.pop(identity, None) is not None

    def clear(self) -> None:
        """Take all of them back."""
        self._faults.clear()

    def _matching(self, provider: str, operation: str) -> Iterable[Fault]:
        kinds = frozenset(name for name, operations in self._kinds.items() if operation in operations)
        return [fault for fault in self._faults.values() if fault.matches(provider, operation, kinds)]
