"""Faults: what goes wrong, for which requests, and how often.

| effect | what happens | settings |
| --- | --- | --- |
| `error` | an error answer; nothing is done | `status` 503, `message` |
| `rate_limit` | 429 with Retry-After; nothing is done | `retry_after` 1 |
| `latency` | the request waits, by the sandbox's clock | `seconds` 1 |
| `drop` | the connection breaks; nothing was done | |
| `lose` | it is done, then the connection breaks | |
| `unknown_value` | a value that no contract lists | `pointer` (the status), `value` `something_new` |
| `missing` | a field is left out | `pointer` |
| `wrong_type` | a value has another JSON type | `pointer` |
| `extra_field` | an undocumented field | `pointer` (the whole), `name`, `value` |
| `odd_status` | a success under a status that the contract does not document | `status` 203 |
| `not_json` | a page of HTML; from 400 on, nothing is done | `status` 200 |
| `truncated` | half of the body | `framed` true: as if that were all; false: the connection breaks |

A pointer is a JSON pointer in which `*` stands for every element. Where it finds nothing, the fault waits.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from unijob.errors import InvalidArgument
from unijob.sandbox import mutations
from unijob.sandbox.scripts import Setting

_POINTER = Setting(default=None, type=str, about="JSON pointer into the answer; `*` stands for every element")
_VALUE = Setting(default="something_new", type=str, about="the value")

EFFECTS: Mapping[str, Mapping[str, Setting]] = {
    "error": {
        "status": Setting(default=503, type=int, minimum=400, maximum=599, about="the HTTP status"),
        "message": Setting(default="The sandbox was asked to fail.", type=str, about="what the error says"),
    },
    "rate_limit": {"retry_after": Setting(default=1, type=int, about="seconds to wait")},
    "latency": {"seconds": Setting(default=1.0, type=float, about="how long the request waits")},
    "drop": {},
    "lose": {},
    "unknown_value": {"pointer": _POINTER, "value": _VALUE},
    "missing": {"pointer": _POINTER},
    "wrong_type": {"pointer": _POINTER},
    "extra_field": {
        "pointer": _POINTER,
        "name": Setting(default="undocumented_field", type=str, about="the field's name"),
        "value": _VALUE,
    },
    "odd_status": {"status": Setting(default=203, type=int, minimum=200, maximum=299, about="the HTTP status")},
    "not_json": {"status": Setting(default=200, type=int, minimum=200, maximum=599, about="the HTTP status")},
    "truncated": {
        "framed": Setting(default=True, type=bool, about="whether half of the body is sent as if that were all")
    },
}
ENDING = frozenset({"error", "rate_limit", "drop", "lose", "odd_status", "not_json", "truncated"})
"""Effects of which one request takes only one."""
NEEDS_POINTER = frozenset({"missing", "wrong_type"})
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
        return self.effect in {"unknown_value", "missing", "wrong_type", "extra_field"}

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

    def add(  # noqa: PLR0917
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
        _choice("effect", effect, EFFECTS)
        _choice("provider", provider, self._operations, optional=True)
        _choice("kind", kind, self._kinds, optional=True)
        offered = frozenset[str]().union(
            *(found for name, found in self._operations.items() if provider in {None, name})
        )
        _choice("operation", operation, offered, optional=True)
        _whole("times", times, 1)
        _whole("every", every, 1)
        _whole("after", after, 0)
        _share("probability", probability)
        once = times is None and every is None and probability is None
        self._made += 1
        identity = f"fault-{self._made}"
        chances = random.Random(f"{self._seed}/{identity}")  # noqa: S311  chance under a seed, not a secret
        fault = Fault(
            id=identity,
            effect=effect,
            settings=_settings(effect, settings),
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


def _settings(effect: str, given: Mapping[str, Any]) -> dict[str, Any]:
    known = EFFECTS[effect]
    for name, value in given.items():
        if name not in known:
            choices = ", ".join(known) or "none"
            raise InvalidArgument(f"the effect {effect} has no setting {name!r}: it may have {choices}", argument=name)
        free = name == "value"
        if not free and not known[name].fits(value):
            raise InvalidArgument(f"`{name}` must be {known[name].wanted()}", argument=name)
    pointer = given.get("pointer")
    if effect in NEEDS_POINTER and not pointer:
        raise InvalidArgument(f"the effect {effect} needs a `pointer`, such as '/status'", argument="pointer")
    if pointer and not pointer.startswith("/"):
        raise InvalidArgument("`pointer` must be a JSON pointer, such as '/status' or '/data/*/id'", argument="pointer")
    return {**{name: setting.default for name, setting in known.items()}, **given}


def _choice(name: str, value: object, choices: Iterable[str], *, optional: bool = False) -> None:
    if value is None and optional:
        return
    if value not in choices:
        raise InvalidArgument(f"`{name}` must be one of {', '.join(sorted(choices))}", argument=name)


def _whole(name: str, value: object, least: int) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
        raise InvalidArgument(f"`{name}` must be a whole number, {least} or more", argument=name)


def _share(name: str, value: object) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1):
        raise InvalidArgument(f"`{name}` must be a number from 0 to 1", argument=name)
