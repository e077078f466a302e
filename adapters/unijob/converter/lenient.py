"""Lenient reading: whatever can be read is read, and the rest says as little as its type allows."""

from __future__ import annotations

from types import NoneType
from typing import Any, Final, TypeVar, Union, cast, get_args

from unijob.converter.failures import FAILURES
from unijob.converter.reading import read_or_raise
from unijob.converter.shapes import (
    count_extras,
    extras_of,
    fields_of,
    is_array,
    is_class,
    is_map,
    members,
)
from unijob.converter.unions import tag_of, tags
from unijob.jsontypes import is_list, is_object
from unijob_models.runtime import UNSET, Unset

T = TypeVar("T")

_UNREADABLE: Final = object()


def structure_leniently(value: Any, model: type[T]) -> T:
    """Read whatever can be read of a decoded JSON value; never raises for one.

    What is missing or cannot be read becomes what its type allows and says least: UNSET where it may be absent, None
    where it may be null, else a blank model, an empty array or an empty map. A required leaf has nothing of the kind
    and becomes UNSET, as does a model that must hold itself. An array keeps a blank model for an unreadable item, so
    that indexes stay, and leaves an unreadable leaf out.

    Args:
        value: what `loads` gives.
        model: a generated class, or a type expression as generated modules have them.
    """
    found = _read_strictly(value, model)
    if found is _UNREADABLE:
        try:
            found = _read(value, model)
        except RecursionError:
            found = _UNREADABLE
    return cast("T", _blank(model) if found is _UNREADABLE else found)


def _read_strictly(value: Any, type_: Any) -> Any:
    try:
        return read_or_raise(value, type_)
    except FAILURES:
        return _UNREADABLE


def _read(value: Any, type_: Any) -> Any:
    some = tuple(member for member in members(type_) if member is not Unset)
    if is_object(value):
        return _read_object(value, some)
    arrays = [member for member in some if is_array(member)]
    if is_list(value) and arrays:
        return _read_array(value, get_args(arrays[0])[0])
    return _read_strictly(value, type_)


def _read_object(value: dict[str, Any], some: tuple[Any, ...]) -> Any:
    if Any in some:
        return value
    classes = [member for member in some if is_class(member)]
    maps = [member for member in some if is_map(member)]
    if len(classes) > 1:
        found = _read_strictly(value, Union[(*classes, *maps)])
        if found is not _UNREADABLE:
            return found
        tag, tagged = tags(classes)
        named = tagged.get(tag_of(value, tag))
        classes = classes if named is None else [named]
    if classes:
        return min((_read_class(value, model) for model in classes), key=count_extras)
    return _read_map(value, get_args(maps[0])[1]) if maps else _UNREADABLE


def _read_class(value: dict[str, Any], model: Any) -> Any:
    fields = fields_of(model)
    known: dict[str, Any] = {}
    for json, name, type_ in fields:
        found = _read(value[json], type_) if json in value else _UNREADABLE
        known[name] = _blank(type_, (model,)) if found is _UNREADABLE else found
    listed = {json for json, _, _ in fields}
    extras = {key: one for key, one in value.items() if key not in listed}
    return model(**known, **({extras_of(model): extras} if extras else {}))


def _read_map(value: dict[str, Any], item: Any) -> dict[str, Any]:
    read = {key: _read_item(one, item) for key, one in value.items()}
    return {key: one for key, one in read.items() if one is not _UNREADABLE}


def _read_array(value: list[Any], item: Any) -> tuple[Any, ...]:
    read = (_read_item(one, item) for one in value)
    return tuple(one for one in read if one is not _UNREADABLE)


def _read_item(value: Any, type_: Any) -> Any:
    found = _read(value, type_)
    if found is not _UNREADABLE:
        return found
    blank = _blank(type_)
    return _UNREADABLE if blank is UNSET or blank is None else blank


def _blank(type_: Any, inside: tuple[Any, ...] = ()) -> Any:
    """What a type allows and says least.

    Args:
        type_: the type of a property, of an item, or of the whole value.
        inside: the classes that are being made blank around it.
    """
    some = members(type_)
    if Unset in some:
        return UNSET
    if NoneType in some:
        return None
    return next((_blank_part(member, inside) for member in some if _has_parts(member)), UNSET)


def _has_parts(type_: Any) -> bool:
    return is_class(type_) or is_array(type_) or is_map(type_)


def _blank_part(type_: Any, inside: tuple[Any, ...]) -> Any:
    if is_array(type_):
        return ()
    if is_map(type_):
        return {}
    if type_ in inside:
        return UNSET
    return type_(**{name: _blank(one, (*inside, type_)) for _, name, one in fields_of(type_)})
