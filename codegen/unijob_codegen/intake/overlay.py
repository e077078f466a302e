"""Applies a provider's repairs: the actions of an OpenAPI Overlay (specification 1.0.0, section 4.4).

Two points that 1.0.0 leaves open are taken as 1.1.0 settles them: arrays inside an `update` are appended to those of
the target, and `remove` may take away a plain value, such as a `default` that does not fit.
"""

from __future__ import annotations

import copy
from typing import Any

import attrs
from jsonpath import JSONPathEnvironment, JSONPathError

from unijob_codegen.errors import CodegenError
from unijob_codegen.pointers import is_list, is_object

_PATHS = JSONPathEnvironment(strict=True)


@attrs.frozen(kw_only=True)
class Action:
    """One repair."""

    target: str
    """A JSONPath query (RFC 9535)."""
    reason: str
    remove: bool = False
    update: Any = None


def actions(overlay: Any, *, shown: str) -> list[Action]:
    """Read the actions of an overlay.

    Args:
        overlay: the decoded document.
        shown: its path, for messages.

    Raises:
        CodegenError: lists everything that is wrong with it.
    """
    version = overlay.get("overlay") if is_object(overlay) else None
    if not isinstance(version, str) or not version.startswith("1."):
        raise CodegenError(f"{shown}: not an OpenAPI Overlay 1.0 document (its `overlay` is {version!r})")
    entries = overlay.get("actions")
    if not is_list(entries):
        raise CodegenError(f"{shown}: its `actions` are no list")
    problems = [f"actions/{index}: {problem}" for index, entry in enumerate(entries) for problem in _problems(entry)]
    if problems:
        raise CodegenError(f"{shown}: not usable:", problems)
    return [
        Action(
            target=entry["target"],
            reason=" ".join(entry["description"].split()),
            remove=entry.get("remove", False),
            update=entry.get("update"),
        )
        for entry in entries
    ]


def _problems(entry: Any) -> list[str]:
    if not is_object(entry):
        return ["is no object"]
    found: list[str] = []
    if not isinstance(entry.get("target"), str):
        found.append("has no `target`")
    else:
        try:
            _PATHS.compile(entry["target"])
        except JSONPathError as error:
            found.append(f"its target {entry['target']!r} is no JSONPath (RFC 9535): {str(error).splitlines()[0]}")
    if not isinstance(entry.get("description"), str) or not entry["description"].strip():
        found.append("has no `description`: say why it is there")
    if not isinstance(entry.get("remove", False), bool):
        found.append("its `remove` is neither true nor false")
    if not entry.get("remove") and "update" not in entry:
        found.append("neither updates nor removes anything")
    return found


def apply(document: Any, repairs: list[Action]) -> tuple[Any, list[Action]]:
    """Apply actions in their order to a copy of a document.

    Args:
        document: a decoded document.
        repairs: the actions.

    Returns:
        The mended document, and the actions whose target selected nothing.

    Raises:
        CodegenError: an action cannot be applied to what its target selects.
    """
    mended = copy.deepcopy(document)
    idle: list[Action] = []
    for action in repairs:
        found = {match.parts: match.obj for match in _PATHS.finditer(action.target, mended)}
        if not found:
            idle.append(action)
        for parts in sorted(found, key=_last_first) if action.remove else found:
            if action.remove:
                _remove(mended, parts, action)
            else:
                _update(found[parts], copy.deepcopy(action.update), action)
    return mended, idle


def _last_first(parts: tuple[int | str, ...]) -> tuple[int, int]:
    """Sort so that nothing is removed before what lies in or after it."""
    last = parts[-1] if parts else 0
    return -len(parts), -last if isinstance(last, int) else 0


def _remove(document: Any, parts: tuple[int | str, ...], action: Action) -> None:
    if not parts:
        raise CodegenError(f"the repair {action.target!r} would remove the whole document")
    parent = document
    for part in parts[:-1]:
        parent = parent[part]
    del parent[parts[-1]]


def _update(node: Any, update: Any, action: Action) -> None:
    if is_list(node):
        node.append(update)
    elif is_object(node) and is_object(update):
        _merge(node, update)
    else:
        kinds = f"{_kind(node)} with {_kind(update)}"
        raise CodegenError(f"the repair {action.target!r} cannot update {kinds}: select what contains it")


def _kind(value: Any) -> str:
    return "an object" if is_object(value) else "a list" if is_list(value) else "a plain value"


def _merge(node: dict[str, Any], update: dict[str, Any]) -> None:
    for key, value in update.items():
        present = node.get(key)
        if is_object(present) and is_object(value):
            _merge(present, value)
        elif is_list(present) and is_list(value):
            present.extend(value)
        else:
            node[key] = value
