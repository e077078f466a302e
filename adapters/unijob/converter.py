"""JSON bytes to generated models and back, strictly or leniently, losing nothing.

cattrs compiles a hook for a class when it is first met. Its defaults coerce (`"5"` to 5); every hook here replaces
one of them by one that takes a value as it is or says what is wrong with it. Unions, open enums and properties that no
schema lists are this module's own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

import attrs
import orjson
from cattrs import Converter
from cattrs.errors import (
    AttributeValidationNote,
    ClassValidationError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from unijob_models.runtime import NO_EXTRAS, UNSET, Unset

from unijob.errors import ContractViolation, InvalidArgument, Violation

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]
Writer = Callable[[Any], Any]

_UNREADABLE: Final = object()
_LIMIT_OF_64_BITS: Final = 2.0**64
_JSON_NAMES: Final = {
    NoneType: "null",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
}


class StructureError(ContractViolation):
    """A JSON value does not fit a model; `violations` has every place, by JSON pointer."""


class _Mismatch(Exception):
    """One value does not fit; says so without quoting it."""

    def __init__(self, keyword: str, message: str) -> None:
        super().__init__(message)
        self.keyword = keyword


_FAILURES: Final = (_Mismatch, ClassValidationError, IterableValidationError, RecursionError)


# --- Bytes ---------------------------------------------------------------------------------------------------------


def loads(data: bytes | bytearray | memoryview | str) -> Any:
    """Decode JSON.

    Raises:
        ContractViolation: it is no JSON (RFC 8259); NaN and Infinity are none either.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        message = f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        violation = Violation(place="response.body", pointer="", keyword="parse", message=message)
        raise ContractViolation(f"the body is {message}", violations=[violation]) from None


def dumps(value: Any) -> bytes:
    """Encode JSON; generated models are taken too.

    Raises:
        InvalidArgument: something in it cannot be JSON: NaN, an integer beyond 64 bits, an object of another type.
    """
    try:
        data = orjson.dumps(value, default=_encodable)
    except TypeError as error:
        raise InvalidArgument(f"cannot be written as JSON: {error}", argument="") from None
    if b"null" in data:  # orjson writes NaN as null
        _refuse_not_finite(value, "")
    return data


def _encodable(value: Any) -> Any:
    if attrs.has(type(value)) or isinstance(value, Mapping):
        return unstructure(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _refuse_not_finite(value: Any, pointer: str) -> None:
    if isinstance(value, float) and not _is_finite(value):
        raise InvalidArgument("NaN and Infinity cannot be written as JSON", argument=pointer)
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Any]", value).items():
            _refuse_not_finite(item, f"{pointer}/{_escape(str(key))}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(cast("Iterable[Any]", value)):
            _refuse_not_finite(item, f"{pointer}/{index}")
    elif attrs.has(type(value)):
        _refuse_not_finite(unstructure(value), pointer)


# --- The three ways ------------------------------------------------------------------------------------------------


def structure(value: Any, model: type[T]) -> T:
    """Read a decoded JSON value as a generated model, or as any type made of them; nothing is coerced.

    Args:
        value: what `loads` gives.
        model: a generated class, or a type expression as generated modules have them.

    Raises:
        StructureError: the value does not fit; lists all places.
    """
    try:
        return cast("T", _reader().get_structure_hook(model)(value, model))
    except _FAILURES as error:
        violations = tuple(_violations(error, ""))
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    message = f"the value does not fit {_name(model)}: {violations[0]}{more}"
    raise StructureError(message, violations=violations)


def structure_leniently(value: Any, model: type[T]) -> T:
    """Read whatever can be read of a decoded JSON value.

    What is missing or cannot be read becomes what its type allows and says least: UNSET where it may be absent, None
    where it may be null, a blank model, an empty array or map. A required leaf has nothing of the kind and becomes
    UNSET, as does a model that contains itself. A list keeps a blank model for an unreadable item, so that indexes
    stay, and leaves an unreadable leaf out.

    Args:
        value: what `loads` gives.
        model: a generated class, or a type expression as generated modules have them.
    """
    try:
        return cast("T", _reader().get_structure_hook(model)(value, model))
    except _FAILURES:
        pass
    try:
        found = _read(value, model)
    except RecursionError:
        found = _UNREADABLE
    return cast("T", _blank(model) if found is _UNREADABLE else found)


def unstructure(value: Any) -> Any:
    """Write a generated model as a JSON value: JSON names, without what is UNSET, with what no schema lists.

    `unstructure(structure(value, model)) == value` for every value that the model's schema allows.
    """
    return _plain(value)


# --- Types ---------------------------------------------------------------------------------------------------------


def _is_union(type_: Any) -> bool:
    return get_origin(type_) in {Union, UnionType}


def _members(type_: Any) -> tuple[Any, ...]:
    return get_args(type_) if _is_union(type_) else (type_,)


def _is_class(type_: Any) -> bool:
    return isinstance(type_, type) and get_origin(type_) is None and attrs.has(type_)


def _is_array(type_: Any) -> bool:
    return get_origin(type_) is tuple


def _is_map(type_: Any) -> bool:
    return get_origin(type_) is Mapping


def _is_literal(type_: Any) -> bool:
    return get_origin(type_) is Literal


def _is_enum(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, Enum) and type_ is not Unset


@cache
def _fields(model: type) -> tuple[tuple[str, str, Any], ...]:
    """The properties of a generated class as JSON name, attribute and type."""
    attrs.resolve_types(model, globalns=vars(sys.modules[model.__module__]), localns={})
    return tuple(
        (field.metadata.get("json", field.name), field.name, field.type)
        for field in attrs.fields(model)
        if field.default is not NO_EXTRAS
    )


@cache
def _extras_field(model: type) -> str:
    return next(field.name for field in attrs.fields(model) if field.default is NO_EXTRAS)


def _name(type_: Any) -> str:
    return type_.__name__ if isinstance(type_, type) and get_origin(type_) is None else str(type_)


def _escape(segment: str) -> str:
    return segment.replace("~", "~0").replace("/", "~1")


# --- Reading strictly ----------------------------------------------------------------------------------------------


@cache
def _reader() -> Converter:
    converter = Converter(detailed_validation=True)
    converter.register_structure_hook(str, _structure_str)
    converter.register_structure_hook(int, _structure_int)
    converter.register_structure_hook(float, _structure_float)
    converter.register_structure_hook(bool, _structure_bool)
    converter.register_structure_hook(NoneType, _structure_none)
    converter.register_structure_hook_func(lambda type_: type_ is Any, _structure_any)
    converter.register_structure_hook_factory(_is_enum, _enum_hook)
    converter.register_structure_hook_factory(_is_literal, _literal_hook)
    converter.register_structure_hook_factory(_is_array, _array_hook)
    converter.register_structure_hook_factory(_is_map, _map_hook)
    converter.register_structure_hook_factory(_is_union, _union_hook)
    converter.register_structure_hook_factory(_is_class, _class_hook)
    return converter


def _wrong_type(expected: str, value: Any) -> _Mismatch:
    found = next((name for type_, name in _JSON_NAMES.items() if type(value) is type_), "something that is not JSON")
    return _Mismatch("type", f"expected {expected}, found {found}")


def _is_finite(value: float) -> bool:
    return value - value == 0


def _structure_str(value: Any, _: Any) -> Any:
    if isinstance(value, str):
        return value
    raise _wrong_type("a string", value)


def _structure_int(value: Any, _: Any) -> Any:
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        # 1.0 is an integer (JSON Schema 2020-12, section 4.2.3), but what orjson could not hold is not known exactly.
        if abs(value) < _LIMIT_OF_64_BITS:
            return value
        raise _Mismatch("type", "expected an integer of at most 64 bits, found a larger one")
    raise _wrong_type("an integer", value)


def _structure_float(value: Any, _: Any) -> Any:
    if type(value) is int or (isinstance(value, float) and _is_finite(value)):
        return value
    raise _wrong_type("a number", value)


def _structure_bool(value: Any, _: Any) -> Any:
    if isinstance(value, bool):
        return value
    raise _wrong_type("a boolean", value)


def _structure_none(value: Any, _: Any) -> Any:
    if value is None:
        return None
    raise _wrong_type("null", value)


def _structure_any(value: Any, _: Any) -> Any:
    return value


def _enum_hook(type_: type[Enum]) -> Hook:
    members = {member.value: member for member in type_}

    def structure_enum(value: Any, _: Any) -> Any:
        if isinstance(value, str):
            return members.get(value, value)
        raise _wrong_type("a string", value)

    return structure_enum


def _literal_hook(type_: Any) -> Hook:
    allowed: tuple[Any, ...] = get_args(type_)
    keyword = "const" if len(allowed) == 1 else "enum"
    message = f"expected {' or '.join(orjson.dumps(value).decode() for value in allowed)}"

    def structure_literal(value: Any, _: Any) -> Any:
        for one in allowed:
            if value == one and isinstance(value, bool) == isinstance(one, bool):
                return value
        raise _Mismatch(keyword, message)

    return structure_literal


def _array_hook(type_: Any, converter: Converter) -> Hook:
    item = get_args(type_)[0]
    hook = _hook_of(item, converter)

    def structure_array(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            raise _wrong_type("an array", value)
        items = cast("list[Any]", value)
        try:
            return tuple([hook(one, item) for one in items])
        except _FAILURES:
            raise _all_failures(enumerate(items), hook, item) from None

    return structure_array


def _map_hook(type_: Any, converter: Converter) -> Hook:
    item = get_args(type_)[1]
    hook = _hook_of(item, converter)

    def structure_map(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise _wrong_type("an object", value)
        items = cast("dict[str, Any]", value)
        if item is Any:
            return items
        try:
            return {key: hook(one, item) for key, one in items.items()}
        except _FAILURES:
            raise _all_failures(items.items(), hook, item) from None

    return structure_map


def _hook_of(type_: Any, converter: Converter) -> Hook:
    """The hook of a type, or where it contains itself, one that looks it up when called."""
    try:
        return converter.get_structure_hook(type_)
    except RecursionError:
        return converter.structure


def _all_failures(items: Iterable[tuple[Any, Any]], hook: Hook, type_: Any) -> IterableValidationError:
    failures: list[Exception] = []
    for index, item in items:
        try:
            hook(item, type_)
        except _FAILURES as error:
            error.add_note(IterableValidationNote("", index, type_))
            failures.append(error)
    return IterableValidationError("", failures, cast("type", type_))


def _class_hook(model: type, converter: Converter) -> Hook:
    fields = _fields(model)
    known = frozenset(json for json, _, _ in fields)
    extras_field = _extras_field(model)
    renamed = {name: override(rename=json) for json, name, _ in fields if json != name}
    structure_known: Hook = make_dict_structure_fn(
        model, converter, _cattrs_use_linecache=False, **renamed, **{extras_field: override(omit=True)}
    )

    def structure_class(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise _wrong_type("an object", value)
        found = structure_known(value, model)
        if not value.keys() <= known:
            _keep_extras(found, extras_field, {key: value[key] for key in value if key not in known})
        return found

    return structure_class


def _keep_extras(model: Any, field: str, extras: Mapping[str, Any]) -> None:
    """Give a frozen model, which nobody has seen yet, the properties that its schema does not list."""
    object.__setattr__(model, field, extras)


# --- Unions --------------------------------------------------------------------------------------------------------


def _union_hook(type_: Any, converter: Converter) -> Hook:
    members = tuple(member for member in get_args(type_) if member is not Unset)
    if Any in members:
        return _structure_any
    if len(members) == 1:
        only, hook = members[0], _hook_of(members[0], converter)
        return hook if hook is not converter.structure else lambda value, _: hook(value, only)
    by_json_type = _by_json_type(members, converter)
    expected = " or ".join(dict.fromkeys(_JSON_NAMES[type_] for type_ in _JSON_NAMES if type_ in by_json_type))

    def structure_union(value: Any, _: Any) -> Any:
        read = by_json_type.get(type(value))
        if read is None:
            raise _wrong_type(expected, value)
        return read(value)

    return structure_union


def _by_json_type(members: tuple[Any, ...], converter: Converter) -> dict[type, Writer]:
    """How a union reads each type that JSON has."""
    classes = tuple(member for member in members if _is_class(member))
    candidates: dict[type, tuple[Any, ...]] = {
        NoneType: tuple(member for member in members if member is NoneType),
        bool: tuple(member for member in members if member is bool or _has_literal(member, bool)),
        int: tuple(member for member in members if member in {int, float} or _has_literal(member, int)),
        float: tuple(member for member in members if member in {int, float} or _has_literal(member, int)),
        str: _of_strings(members),
        list: tuple(member for member in members if _is_array(member)),
        dict: (*classes, *(member for member in members if _is_map(member))),
    }
    return {type_: _first_fit(some, converter) for type_, some in candidates.items() if some}


def _has_literal(member: Any, type_: type) -> bool:
    return _is_literal(member) and any(type(value) is type_ for value in get_args(member))


def _of_strings(members: tuple[Any, ...]) -> tuple[Any, ...]:
    """Enums first: a string that one of them lists is its member, any other is itself."""
    enums = tuple(member for member in members if _is_enum(member))
    rest = tuple(member for member in members if member is str or _has_literal(member, str))
    return (*enums, *(() if len(enums) == 1 else rest))


def _first_fit(candidates: tuple[Any, ...], converter: Converter) -> Writer:
    hooks = tuple((candidate, _hook_of(candidate, converter)) for candidate in candidates)
    if len(hooks) == 1:
        only, hook = hooks[0]
        return lambda value: hook(value, only)
    if all(_is_enum(candidate) or candidate is str for candidate in candidates):
        listed = {member.value: member for enum in reversed(candidates) if enum is not str for member in enum}
        return lambda value: listed.get(value, value)
    tag, tagged = _tags(candidates)
    names = ", ".join(map(_name, candidates))

    def read(value: Any) -> Any:
        named = tagged.get(_tag_of(value, tag)) if tag is not None else None
        if named is not None:
            return dict(hooks)[named](value, named)
        fitting = list(_fitting(value, hooks))
        if not fitting:
            raise _Mismatch("anyOf", f"fits none of {names}")
        return min(fitting, key=_count_extras)

    return read


def _tags(candidates: tuple[Any, ...]) -> tuple[str | None, dict[Any, Any]]:
    """The property that tells classes apart by a constant, with the class of each constant."""
    if not all(_is_class(candidate) for candidate in candidates):
        return None, {}
    constants = [
        {json: get_args(type_) for json, _, type_ in _fields(candidate) if _is_literal(type_)}
        for candidate in candidates
    ]
    for tag in constants[0]:
        by_value = {
            value: candidate
            for candidate, of_class in zip(candidates, constants, strict=True)
            for value in of_class.get(tag, ())
        }
        if all(tag in of_class for of_class in constants) and len(by_value) == len(candidates):
            return tag, by_value
    return None, {}


def _tag_of(value: Any, tag: str) -> Any:
    found = value.get(tag)
    return found if isinstance(found, (str, int, bool)) else None


def _fitting(value: Any, hooks: Iterable[tuple[Any, Hook]]) -> Iterator[Any]:
    for candidate, hook in hooks:
        try:
            yield hook(value, candidate)
        except _FAILURES:
            continue


def _count_extras(value: Any) -> int:
    """How many properties, at any depth, a model holds without knowing them."""
    if attrs.has(type(value)):
        extras = _extras_field(type(value))
        known = (getattr(value, name) for _, name, _ in _fields(type(value)))
        return len(getattr(value, extras)) + sum(map(_count_extras, known))
    if isinstance(value, tuple):
        return sum(map(_count_extras, cast("tuple[Any, ...]", value)))
    return 0


# --- What went wrong -----------------------------------------------------------------------------------------------


def _violations(error: BaseException, pointer: str) -> Iterator[Violation]:
    if isinstance(error, ClassValidationError):
        names = {name: json for json, name, _ in _fields(error.cl)}
        for inner in error.exceptions:
            json = _noted(inner, AttributeValidationNote, "name")
            json = names.get(str(json), str(json))
            if isinstance(inner, KeyError):
                yield _violation(pointer, "required", f"the property {json!r} is missing", missing=json)
            else:
                yield from _violations(inner, f"{pointer}/{_escape(json)}")
    elif isinstance(error, IterableValidationError):
        for inner in error.exceptions:
            index = _noted(inner, IterableValidationNote, "index")
            yield from _violations(inner, f"{pointer}/{_escape(str(index))}")
    elif isinstance(error, _Mismatch):
        yield _violation(pointer, error.keyword, str(error))
    else:
        yield _violation(pointer, "type", "nested too deeply to be read")


def _noted(error: BaseException, note_type: type, attribute: str) -> Any:
    notes = [note for note in getattr(error, "__notes__", ()) if isinstance(note, note_type)]
    return getattr(notes[-1], attribute)


def _violation(pointer: str, keyword: str, message: str, *, missing: str | None = None) -> Violation:
    return Violation(place="response.body", pointer=pointer, keyword=keyword, message=message, missing=missing)


# --- Reading leniently ---------------------------------------------------------------------------------------------


def _read(value: Any, type_: Any) -> Any:
    members = tuple(member for member in _members(type_) if member is not Unset)
    if isinstance(value, dict):
        return _read_object(cast("dict[str, Any]", value), members)
    if isinstance(value, list):
        arrays = [member for member in members if _is_array(member)]
        if arrays:
            return _read_array(cast("list[Any]", value), get_args(arrays[0])[0])
    return _read_strictly(value, type_)


def _read_strictly(value: Any, type_: Any) -> Any:
    try:
        return _reader().get_structure_hook(type_)(value, type_)
    except _FAILURES:
        return _UNREADABLE


def _read_object(value: dict[str, Any], members: tuple[Any, ...]) -> Any:
    if Any in members:
        return value
    classes = tuple(member for member in members if _is_class(member))
    maps = [member for member in members if _is_map(member)]
    if len(classes) > 1:
        found = _read_strictly(value, Union[(*classes, *maps)])
        if found is not _UNREADABLE:
            return found
        tag, tagged = _tags(classes)
        named = tagged.get(_tag_of(value, tag)) if tag is not None else None
        classes = classes if named is None else (named,)
    if classes:
        return min((_read_class(value, model) for model in classes), key=_count_extras)
    if maps:
        item = get_args(maps[0])[1]
        read = {key: _read_item(one, item) for key, one in value.items()}
        return {key: one for key, one in read.items() if one is not _UNREADABLE}
    return _UNREADABLE


def _read_class(value: dict[str, Any], model: type) -> Any:
    fields = _fields(model)
    known: dict[str, Any] = {}
    for json, name, type_ in fields:
        found = _read(value[json], type_) if json in value else _UNREADABLE
        known[name] = _blank(type_, (model,)) if found is _UNREADABLE else found
    listed = {json for json, _, _ in fields}
    extras = {key: one for key, one in value.items() if key not in listed}
    return model(**known, **({_extras_field(model): extras} if extras else {}))


def _read_array(value: list[Any], item: Any) -> tuple[Any, ...]:
    read = (_read_item(one, item) for one in value)
    return tuple(one for one in read if one is not _UNREADABLE)


def _read_item(value: Any, type_: Any) -> Any:
    found = _read(value, type_)
    if found is not _UNREADABLE:
        return found
    blank = _blank(type_)
    return _UNREADABLE if blank is UNSET or blank is None else blank


def _blank(type_: Any, inside: tuple[type, ...] = ()) -> Any:
    """What a type allows and says least.

    Args:
        type_: the type of a property, an item, or a whole value.
        inside: the classes that are being made blank around it.
    """
    members = _members(type_)
    if Unset in members:
        return UNSET
    if NoneType in members:
        return None
    for member in members:
        if _is_class(member):
            if member in inside:
                return UNSET
            return member(**{name: _blank(one, (*inside, member)) for _, name, one in _fields(member)})
        if _is_array(member):
            return ()
        if _is_map(member):
            return {}
    return UNSET


# --- Writing -------------------------------------------------------------------------------------------------------


@cache
def _writer() -> Converter:
    converter = Converter()
    converter.register_unstructure_hook_factory(_is_leaf, lambda _: _same)
    converter.register_unstructure_hook_factory(_is_array, _array_writer)
    converter.register_unstructure_hook_factory(_is_map, _map_writer)
    converter.register_unstructure_hook_factory(_is_union, _union_writer)
    converter.register_unstructure_hook_factory(_is_class, _class_writer)
    converter.register_unstructure_hook_factory(_is_open, lambda _: _plain)
    return converter


def _is_leaf(type_: Any) -> bool:
    return type_ in {str, int, float, bool, NoneType} or _is_literal(type_)


def _is_open(type_: Any) -> bool:
    return type_ is Any or _is_enum(type_)


def _same(value: Any) -> Any:
    return value


def _plain(value: Any) -> Any:
    """Write a value by what it is, where its type does not tell."""
    if value is None or type(value) in {str, int, float, bool}:
        return value
    if isinstance(value, Enum):
        return value if value is UNSET else value.value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in cast("Iterable[Any]", value)]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if attrs.has(type(value)):
        return _writer().get_unstructure_hook(type(value))(value)
    return value


def _writer_of(type_: Any, converter: Converter) -> Writer:
    try:
        return converter.get_unstructure_hook(type_)
    except RecursionError:
        return _plain


def _array_writer(type_: Any, converter: Converter) -> Writer:
    write = _writer_of(get_args(type_)[0], converter)
    return list if write is _same else lambda value: [write(item) for item in value]


def _map_writer(type_: Any, converter: Converter) -> Writer:
    write = _writer_of(get_args(type_)[1], converter)
    return dict if write is _same else lambda value: {key: write(item) for key, item in value.items()}


def _union_writer(type_: Any, converter: Converter) -> Writer:
    members = tuple(member for member in get_args(type_) if member not in {Unset, NoneType})
    if all(_is_leaf(member) for member in members):
        return _same
    if len(members) > 1:
        return _plain
    write = _writer_of(members[0], converter)
    if NoneType not in get_args(type_):
        return write
    return lambda value: None if value is None else write(value)


def _class_writer(model: type, converter: Converter) -> Writer:
    fields = _fields(model)
    extras_field = _extras_field(model)
    renamed = {name: override(rename=json) for json, name, _ in fields if json != name}
    write_known: Writer = make_dict_unstructure_fn(
        model,
        converter,
        _cattrs_omit_if_default=True,
        _cattrs_use_linecache=False,
        **renamed,
        **{extras_field: override(omit=True)},
    )

    def write_class(value: Any) -> Any:
        if value is UNSET:
            return value
        written: dict[str, Any] = write_known(value)
        if UNSET in written.values():  # a required property that a lenient reading could not read
            written = {key: item for key, item in written.items() if item is not UNSET}
        extras = getattr(value, extras_field)
        if extras is not NO_EXTRAS:
            written.update(_plain(extras))
        return written

    return write_class
