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

from collections.abc import Mapping
from typing import Any

from unijob.errors import InvalidArgument
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
CHANGING = frozenset({"unknown_value", "missing", "wrong_type", "extra_field"})
"""Effects that change a value of a success answer."""
NEEDS_POINTER = frozenset({"missing", "wrong_type"})


def settings_of(effect: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a fault, its gaps filled with the defaults.

    Raises:
        InvalidArgument: one is not known, does not take its value, or is missing; says what would be right.
    """
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
