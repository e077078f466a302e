"""Writing: models to JSON values, as they came."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, get_args

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from unijob.converter.shapes import (
    extras_of,
    fields_of,
    is_array,
    is_class,
    is_enum,
    is_literal,
    is_map,
    is_union,
)
from unijob.jsontypes import class_of, is_list, is_mapping, is_tuple
from unijob_models.runtime import NO_EXTRAS, UNSET, Unset

Write = Callable[[Any], Any]


def unstructure(value: Any) -> Any:
    """Write a generated model as a JSON value: JSON names, without what is UNSET, with what no schema lists.

    `unstructure(structure(value, model)) == value` for every value that the model's schema allows.

    Args:
        value: a model, or anything made of models and JSON values.
    """
    if value is None or type(value) in {str, int, float, bool}:
        return value
    if isinstance(value, Enum):
        return value if value is UNSET else value.value
    if is_list(value) or is_tuple(value):
        return [unstructure(item) for item in value]
    if is_mapping(value):
        return {key: unstructure(item) for key, item in value.items()}
    model = class_of(value)
    return _writer().get_unstructure_hook(model)(value) if attrs.has(model) else value


@cache
def _writer() -> Converter:
    converter = Converter()
    converter.register_unstructure_hook_factory(_is_leaf, _leaf_writer)
    converter.register_unstructure_hook_factory(is_array, _array_writer)
    converter.register_unstructure_hook_factory(is_map, _map_writer)
    converter.register_unstructure_hook_factory(is_union, _union_writer)
    converter.register_unstructure_hook_factory(is_class, _class_writer)
    converter.register_unstructure_hook_factory(_is_open, _open_writer)
    return converter


def _is_leaf(type_: Any) -> bool:
    return type_ in {str, int, float, bool, NoneType, Unset} or is_literal(type_)


def _is_open(type_: Any) -> bool:
    return type_ is Any or is_enum(type_)


def _same(value: Any) -> Any:
    return value


def _leaf_writer(_: Any) -> Write:
    return _same


def _open_writer(_: Any) -> Write:
    return unstructure


def _writer_of(type_: Any, converter: Converter) -> Write:
    """The writer of a type, or, where a type contains itself, one that looks at the value."""
    try:
        return converter.get_unstructure_hook(type_)
    except RecursionError:
        return unstructure


def _array_writer(type_: Any, converter: Converter) -> Write:
    write = _writer_of(get_args(type_)[0], converter)
    return list if write is _same else lambda value: [write(item) for item in value]


def _map_writer(type_: Any, converter: Converter) -> Write:
    write = _writer_of(get_args(type_)[1], converter)
    return dict if write is _same else lambda value: {key: write(item) for key, item in value.items()}


def _union_writer(type_: Any, converter: Converter) -> Write:
    some = [member for member in get_args(type_) if member not in {Unset, NoneType}]
    if all(_is_leaf(member) for member in some):
        return _same
    if len(some) > 1:
        return unstructure
    write = _writer_of(some[0], converter)
    if NoneType not in get_args(type_):
        return write
    return lambda value: None if value is None else write(value)


def _class_writer(model: Any, converter: Converter) -> Write:
    extras_field = extras_of(model)
    overrides: dict[str, Any] = {name: override(rename=json) for json, name, _ in fields_of(model) if json != name}
    overrides[extras_field] = override(omit=True)
    write_known: Write = make_dict_unstructure_fn(
        model, converter, _cattrs_omit_if_default=True, _cattrs_use_linecache=False, **overrides
    )

    def write_class(value: Any) -> Any:
        if value is UNSET:
            return value
        written: dict[str, Any] = write_known(value)
        if UNSET in written.values():  # a required property that a lenient reading could not read
            written = {key: item for key, item in written.items() if item is not UNSET}
        extras = getattr(value, extras_field)
        if extras is not NO_EXTRAS:
            written.update(unstructure(extras))
        return written

    return write_class
