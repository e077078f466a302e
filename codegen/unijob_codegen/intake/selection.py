"""Finds the operations of a document that the sources keep."""

from __future__ import annotations

import re
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import attrs

from unijob_codegen.documents import METHODS, operation_id
from unijob_codegen.errors import CodegenError
from unijob_codegen.intake.structure import follow
from unijob_codegen.pointers import escape, is_list, is_object

_PATTERN = re.compile(r"[*?\[]")


@attrs.frozen(kw_only=True)
class Selected:
    """An operation to keep."""

    id: str
    path: str
    method: str
    item: dict[str, Any]
    operation: dict[str, Any]


def select(
    content: dict[str, Any], wanted: tuple[str, ...], *, shown: str, allow_missing: bool
) -> tuple[list[Selected], list[str]]:
    """Find operations by id or pattern, in the order of the list, those of one pattern by id.

    Args:
        content: the document.
        wanted: ids and patterns.
        shown: the document's name, for messages.
        allow_missing: whether an operation that is not there is left out.

    Returns:
        The operations, and the ids and patterns that nothing has.

    Raises:
        CodegenError: names the operations that are not there, or more than once.
    """
    there: dict[str, list[Selected]] = {}
    for found in _operations(content):
        there.setdefault(found.id, []).append(found)
    chosen: dict[str, list[Selected]] = {}
    missing: list[str] = []
    for name in wanted:
        ids = sorted(id_ for id_ in there if fnmatchcase(id_, name)) if _PATTERN.search(name) else [name]
        known = [id_ for id_ in ids if id_ in there]
        chosen |= {id_: there[id_] for id_ in known}
        missing += [] if known else [name]
    twice = [f"{id_}: {_places(found)}" for id_, found in chosen.items() if len(found) > 1]
    if twice:
        raise CodegenError(f"{shown}: operations that stand there more than once:", twice)
    if missing and (not allow_missing or not chosen):
        raise CodegenError(
            f"{shown}: upstream has no such operation any more (take it out of specs/sources.toml, or keep it for the "
            "older revisions and leave it out here with --allow-missing):",
            [_missing(name, sorted(there)) for name in missing],
        )
    return [found for (found,) in chosen.values()], missing


def _operations(content: dict[str, Any]) -> list[Selected]:
    found: list[Selected] = []
    for path, raw in content.get("paths", {}).items():
        try:
            item = follow(content, raw)
        except LookupError:
            continue
        for method in METHODS if is_object(item) else ():
            operation = item.get(method)
            if is_object(operation):
                name = operation_id(path, method, operation)
                found.append(Selected(id=name, path=path, method=method, item=item, operation=operation))
    return found


def _places(found: list[Selected]) -> str:
    return ", ".join(f"#/paths/{escape(one.path)}/{one.method}" for one in found)


def _missing(name: str, there: list[str]) -> str:
    near = get_close_matches(name, there, n=3, cutoff=0.75)
    return f"{name} (there is {' and '.join(near)})" if near else name


def parameters(content: dict[str, Any], found: Selected) -> list[Any]:
    """Give an operation's parameters with those of its path, which it may override."""
    own, shared = found.operation.get("parameters", []), found.item.get("parameters", [])
    if not is_list(own) or not is_list(shared):
        return own if is_list(own) else shared
    overridden = {_identity(content, parameter) for parameter in own} - {None}
    return [*(one for one in shared if _identity(content, one) not in overridden), *own]


def _identity(content: dict[str, Any], parameter: Any) -> tuple[str, str] | None:
    try:
        resolved = follow(content, parameter)
    except LookupError:
        return None
    if not is_object(resolved):
        return None
    return str(resolved.get("in")), str(resolved.get("name"))
