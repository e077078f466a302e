"""Changes to a decoded JSON value at a pointer. None of them touches the value it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unijob.contract.pointers import decode_pointer
from unijob.jsontypes import is_list, is_object

EVERY = "*"
_REMOVED = object()


def replaced(value: Any, pointer: str, change: Callable[[Any], Any]) -> Any:
    """The value with a change at a pointer, in which `*` stands for every element."""
    return _changed(value, decode_pointer(pointer), change)


def removed(value: Any, pointer: str) -> Any:
    """The value without what is at a pointer."""
    return _changed(value, decode_pointer(pointer), lambda _old: _REMOVED)


def extended(value: Any, pointer: str, name: str, added: Any) -> Any:
    """The value with one more property in the object at a pointer."""
    return _changed(value, decode_pointer(pointer), lambda old: {**old, name: added} if is_object(old) else old)


def replaced_nearest(value: Any, name: str, new: Any) -> Any:
    """The value with every property of a name replaced that lies at the least depth at which there is one."""
    level = [("", value)]
    while level:
        if any(is_object(node) and name in node for _, node in level):
            for pointer, node in level:
                if is_object(node) and name in node:
                    value = replaced(value, f"{pointer}/{name}", lambda _old: new)
            return value
        level = [(f"{pointer}/{step}", child) for pointer, node in level for step, child in _children(node)]
    return value


def other_type(value: Any) -> Any:
    """A value of another JSON type."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return "true"
    if isinstance(value, str):
        return 12345
    if isinstance(value, (int, float)):
        return "twelve"
    return [] if isinstance(value, dict) else {}


def _changed(value: Any, steps: list[str], change: Callable[[Any], Any]) -> Any:
    if not steps:
        return change(value)
    step, rest = steps[0], steps[1:]
    if is_object(value):
        wanted = set(value) if step == EVERY else {step}
        pairs = {key: _changed(child, rest, change) if key in wanted else child for key, child in value.items()}
        return {key: child for key, child in pairs.items() if child is not _REMOVED}
    if is_list(value):
        items = [
            _changed(child, rest, change) if step in {EVERY, str(place)} else child for place, child in enumerate(value)
        ]
        return [child for child in items if child is not _REMOVED]
    return value


def _children(node: Any) -> list[tuple[str, Any]]:
    if is_object(node):
        return [(key.replace("~", "~0").replace("/", "~1"), child) for key, child in node.items()]
    return [(str(place), child) for place, child in enumerate(node)] if is_list(node) else []
