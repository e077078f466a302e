"""Takes this project's own words over from the revision before: descriptions of what has kept its name."""

from __future__ import annotations

from typing import Any

from unijob_codegen.documents import operations
from unijob_codegen.intake.structure import children, follow
from unijob_codegen.pointers import is_object

_WORDS = ("summary", "description")
_FIRST = ("operationId", "name", "in", "required", "type", "format")


def carry(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Copy descriptions and summaries into a new revision, in place, where it has none.

    Args:
        old: the revision before.
        new: the new revision, without the vendor's prose.
    """
    before = {str(one.get("operationId")): one for _, _, _, one in operations(old)}
    for _, _, _, operation in operations(new):
        earlier = before.get(str(operation.get("operationId")))
        if earlier is not None:
            _copy(earlier, operation)
            _parameters(old, earlier, new, operation)
            _responses(old, earlier, new, operation)
    there: dict[str, Any] = old.get("components", {})
    for section, components in new.get("components", {}).items():
        for name, component in components.items():
            if name in there.get(section, {}):
                _nested(there[section][name], component, section)


def _copy(old: Any, new: Any) -> None:
    if not is_object(old) or not is_object(new) or "$ref" in new:
        return
    words = {key: old[key] for key in _WORDS if isinstance(old.get(key), str) and not new.get(key)}
    if words:
        whole = dict(new)
        new.clear()
        # After what identifies it, before what it is made of: as the specs written by hand have it.
        first = [key for key in _FIRST if key in whole and not isinstance(whole[key], list)]
        new.update({key: whole.pop(key) for key in first} | words | whole | words)


def _nested(old: Any, new: Any, section: str) -> None:
    kind = "schema" if section == "schemas" else "other"
    _copy(old, new)
    if kind == "schema" and is_object(old) and is_object(new):
        before = {segments: child for segments, _, child in children("schema", old)}
        for segments, _, child in children("schema", new):
            _nested(before.get(segments), child, section)


def _parameters(old: dict[str, Any], earlier: dict[str, Any], new: dict[str, Any], operation: dict[str, Any]) -> None:
    before = {(one["in"], one["name"]): one for raw in earlier.get("parameters", ()) if (one := follow(old, raw))}
    for raw in operation.get("parameters", ()):
        parameter = follow(new, raw)
        _copy(before.get((parameter["in"], parameter["name"])), parameter)


def _responses(old: dict[str, Any], earlier: dict[str, Any], new: dict[str, Any], operation: dict[str, Any]) -> None:
    for status, raw in operation["responses"].items():
        if status in earlier["responses"]:
            response, previous = follow(new, raw), follow(old, earlier["responses"][status])
            if isinstance(previous.get("description"), str):
                response["description"] = previous["description"]
