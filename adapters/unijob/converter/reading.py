"""Strict reading: a value fits its model, or every place where it does not is told."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from types import NoneType
from typing import Any, TypeVar, cast, get_args

from cattrs import Converter
from cattrs.errors import IterableValidationError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, override

from unijob.converter import leaves
from unijob.converter.failures import FAILURES, StructureError, violations, wrong_type
from unijob.converter.leaves import Hook
from unijob.converter.shapes import (
    extras_of,
    fields_of,
    is_array,
    is_class,
    is_enum,
    is_literal,
    is_map,
    is_union,
    name_of,
)
from unijob.converter.unions import hook_of, union_hook
from unijob.jsontypes import is_list, is_object

T = TypeVar("T")


def structure(value: Any, model: type[T]) -> T:
    """Read a decoded JSON value as a generated model, or as any type made of them; nothing is coerced.

    Args:
        value: what `loads` gives.
        model: a generated class, or a type expression as generated modules have them.

    Raises:
        StructureError: the value does not fit; lists all places.
    """
    try:
        return cast("T", read_or_raise(value, model))
    except FAILURES as error:
        found = list(violations(error))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    raise StructureError(f"the value does not fit {name_of(model)}: {found[0]}{more}", violations=found)


def read_or_raise(value: Any, type_: Any) -> Any:
    """Read a value; raises one of `FAILURES` where it does not fit."""
    return _reader().get_structure_hook(type_)(value, type_)


@cache
def _reader() -> Converter:
    converter = Converter(detailed_validation=True)
    converter.register_structure_hook(str, leaves.structure_str)
    converter.register_structure_hook(int, leaves.structure_int)
    converter.register_structure_hook(float, leaves.structure_float)
    converter.register_structure_hook(bool, leaves.structure_bool)
    converter.register_structure_hook(NoneType, leaves.structure_none)
    converter.register_structure_hook_func(lambda type_: type_ is Any, leaves.structure_any)
    converter.register_structure_hook_factory(is_enum, leaves.enum_hook)
    converter.register_structure_hook_factory(is_literal, leaves.literal_hook)
    converter.register_structure_hook_factory(is_array, _array_hook)
    converter.register_structure_hook_factory(is_map, _map_hook)
    converter.register_structure_hook_factory(is_union, union_hook)
    converter.register_structure_hook_factory(is_class, _class_hook)
    return converter


def _array_hook(type_: Any, converter: Converter) -> Hook:
    item = get_args(type_)[0]
    hook = hook_of(item, converter)

    def structure_array(value: Any, _: Any) -> Any:
        if not is_list(value):
            raise wrong_type("an array", value)
        try:
            return tuple([hook(one, item) for one in value])
        except FAILURES:
            raise _all_failures(enumerate(value), hook, item) from None

    return structure_array


def _map_hook(type_: Any, converter: Converter) -> Hook:
    item = get_args(type_)[1]
    hook = hook_of(item, converter)

    def structure_map(value: Any, _: Any) -> Any:
        if not is_object(value):
            raise wrong_type("an object", value)
        if item is Any:
            return value
        try:
            return {key: hook(one, item) for key, one in value.items()}
        except FAILURES:
            raise _all_failures(value.items(), hook, item) from None

    return structure_map


def _all_failures(items: Iterable[tuple[Any, Any]], hook: Hook, type_: Any) -> IterableValidationError:
    failures: list[Exception] = []
    for index, item in items:
        try:
            hook(item, type_)
        except FAILURES as error:
            error.add_note(IterableValidationNote("", index, type_))
            failures.append(error)
    group: Any = IterableValidationError  # pyright reads the constructor of ExceptionGroup
    raised: IterableValidationError = group("", failures, type_)
    return raised


def _class_hook(model: Any, converter: Converter) -> Hook:
    fields = fields_of(model)
    known = frozenset(json for json, _, _ in fields)
    extras_field = extras_of(model)
    overrides: dict[str, Any] = {name: override(rename=json) for json, name, _ in fields if json != name}
    overrides[extras_field] = override(omit=True)
    structure_known = cast("Hook", make_dict_structure_fn(model, converter, _cattrs_use_linecache=False, **overrides))

    def structure_class(value: Any, _: Any) -> Any:
        if not is_object(value):
            raise wrong_type("an object", value)
        found = structure_known(value, model)
        if not value.keys() <= known:
            # The model is frozen, but nobody has seen it yet.
            object.__setattr__(found, extras_field, {key: value[key] for key in value if key not in known})
        return found

    return structure_class
