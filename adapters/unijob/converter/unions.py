"""Strict hooks for unions: by the value's JSON type, then a constant that tells classes apart, then by trying each.

Of several classes that fit, the one that leaves the fewest properties unknown is chosen, the first of equals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import NoneType
from typing import Any, get_args

from cattrs import Converter

from unijob.converter.failures import FAILURES, Mismatch, wrong_type
from unijob.converter.leaves import Hook, structure_any
from unijob.converter.shapes import (
    JSON_NAMES,
    count_extras,
    fields_of,
    has_literal,
    is_array,
    is_class,
    is_enum,
    is_literal,
    is_map,
    name_of,
)
from unijob.jsontypes import class_of
from unijob_models.runtime import Unset

Read = Callable[[Any], Any]


def hook_of(type_: Any, converter: Converter) -> Hook:
    """The hook of a type, which need not be told the type; where one contains itself, it is looked up when called."""
    try:
        return converter.get_structure_hook(type_)
    except RecursionError:
        return lambda value, _: converter.structure(value, type_)


def union_hook(type_: Any, converter: Converter) -> Hook:
    """Read a union; UNSET is no JSON value, and reads nothing."""
    members = tuple(member for member in get_args(type_) if member is not Unset)
    if Any in members:
        return structure_any
    if len(members) == 1:
        return hook_of(members[0], converter)
    by_json_type = {kind: _first_fit(some, converter) for kind, some in _by_json_type(members).items() if some}
    expected = " or ".join(name for kind, name in JSON_NAMES.items() if kind in by_json_type)

    def structure_union(value: Any, _: Any) -> Any:
        read = by_json_type.get(class_of(value))
        if read is None:
            raise wrong_type(expected, value)
        return read(value)

    return structure_union


def _by_json_type(members: tuple[Any, ...]) -> dict[type, list[Any]]:
    numbers = [member for member in members if member in {int, float} or has_literal(member, int)]
    return {
        NoneType: [member for member in members if member is NoneType],
        bool: [member for member in members if member is bool or has_literal(member, bool)],
        int: numbers,
        float: numbers,
        str: [member for member in members if member is str or is_enum(member) or has_literal(member, str)],
        list: [member for member in members if is_array(member)],
        dict: [
            *(member for member in members if is_class(member)),
            *(member for member in members if is_map(member)),
        ],
    }


def _first_fit(candidates: list[Any], converter: Converter) -> Read:
    enums = [candidate for candidate in candidates if is_enum(candidate)]
    if enums:
        # A string that an enum lists is its member; any other is itself, since enums are open.
        listed = {member.value: member for enum in reversed(enums) for member in enum}
        return lambda value: listed.get(value, value)
    hooks = {candidate: hook_of(candidate, converter) for candidate in candidates}
    if len(hooks) == 1:
        ((only, hook),) = hooks.items()
        return lambda value: hook(value, only)
    tag, tagged = tags(candidates)
    names = ", ".join(name_of(candidate) for candidate in candidates)

    def read(value: Any) -> Any:
        named = tagged.get(tag_of(value, tag)) if tagged else None
        if named is not None:
            return hooks[named](value, named)
        fitting = list(_fitting(value, hooks.items()))
        if not fitting:
            raise Mismatch("anyOf", f"fits none of {names}")
        classes = [one for one in fitting if is_class(class_of(one))]
        return min(classes, key=count_extras) if classes else fitting[0]

    return read


def _fitting(value: Any, hooks: Iterable[tuple[Any, Hook]]) -> Iterator[Any]:
    for candidate, hook in hooks:
        try:
            yield hook(value, candidate)
        except FAILURES:
            continue


def tags(candidates: Iterable[Any]) -> tuple[str, dict[Any, Any]]:
    """Find the property that tells classes apart by a constant.

    Returns:
        Its JSON name and the class of each constant; no classes where nothing tells them apart.
    """
    constants = [
        {json: get_args(type_) for json, _, type_ in fields_of(candidate) if is_literal(type_)}
        for candidate in candidates
        if is_class(candidate)
    ]
    classes = list(candidates)
    if not constants or len(constants) < len(classes):
        return "", {}
    for tag in constants[0]:
        by_value = {
            value: candidate
            for candidate, of_class in zip(classes, constants, strict=True)
            for value in of_class.get(tag, ())
        }
        if all(tag in of_class for of_class in constants) and len(set(by_value.values())) == len(classes):
            return tag, by_value
    return "", {}


def tag_of(value: dict[str, Any], tag: str) -> Any:
    """The value by which `tags` tells a class, or None."""
    found = value.get(tag)
    return found if isinstance(found, (str, int)) else None
