"""Python names for wire names: one rule each for fields, enum members, constants and classes.

Every table of names is total, free of collisions and independent of the order of what it names.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable

_ACRONYM_END = re.compile(r"([A-Z]+)([A-Z][a-z])")
_WORD_END = re.compile(r"([a-z0-9])([A-Z])")
_NOT_IN_NAMES = re.compile(r"\W+")

RESERVED_FIELDS = frozenset({"self", "str", "int", "float", "bool", "tuple"})
"""Field names that would shadow what a generated class body or its `__init__` needs."""

RESERVED_CLASSES = frozenset(
    {*dir(builtins), *keyword.kwlist, "Any", "Final", "Literal", "Mapping", "StrEnum", "TypeAlias", "UNSET", "Unset"}
    | {"NO_EXTRAS"}
)
"""Class names that a generated module uses otherwise."""


def words(text: str) -> str:
    """Split a wire name into lower-case words joined by `_`; may be empty or start with a digit."""
    text = unicodedata.normalize("NFKC", text)
    text = _WORD_END.sub(r"\1_\2", _ACRONYM_END.sub(r"\1_\2", text))
    return re.sub(r"_+", "_", _NOT_IN_NAMES.sub("_", text)).strip("_").lower()


def snake_case(text: str) -> str:
    """Give a Python attribute name: `startTime` and `start_time` both give `start_time`, `class` gives `class_`."""
    name = words(text)
    if not name.isidentifier():
        name = f"field_{name}".rstrip("_")
    return f"{name}_" if keyword.iskeyword(name) or name in RESERVED_FIELDS else name


def constant_case(text: str, *, prefix: str) -> str:
    """Give an upper-case name: `getEvalRun` gives `GET_EVAL_RUN`, `2fa` gives `<prefix>_2FA`."""
    name = words(text).upper()
    return name if name.isidentifier() else f"{prefix}_{name}".rstrip("_")


def pascal_case(text: str) -> str:
    """Give a class name: `genai_list_jobs` gives `GenaiListJobs`, `getEvalRun` gives `GetEvalRun`."""
    parts = [part for part in _NOT_IN_NAMES.sub("_", unicodedata.normalize("NFKC", text)).split("_") if part]
    name = "".join(part[0].upper() + part[1:] for part in parts)
    return name if name.isidentifier() else f"Model{name}"


def class_name(component: str) -> str:
    """Give a component's class name: the very same, where Python allows it."""
    name = _NOT_IN_NAMES.sub("_", component).strip("_")
    if not name.isidentifier():
        name = f"Model{name}"
    return f"{name}_" if name in RESERVED_CLASSES else name


def unique(wanted: str, taken: Collection[str]) -> str:
    """Give the wanted name, or the first of `name_2`, `name_3`, … that is free."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted.rstrip('_')}_{number}", number + 1
    return name


def name_table(wire_names: Iterable[str], names: dict[str, str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Give every wire name its own Python name, in the order given.

    A wire name that already is its Python name keeps it, or one that only gets a `_`; of several others, the
    alphabetically first does.

    Args:
        wire_names: what to name.
        names: the Python name that each would have alone.
        taken: Python names that none may have.
    """
    order = list(dict.fromkeys(wire_names))
    used = set(taken)
    table: dict[str, str] = {}
    for wire in sorted(order, key=lambda wire: (names[wire] != wire, names[wire].rstrip("_") != wire, wire)):
        table[wire] = unique(names[wire], used)
        used.add(table[wire])
    return {wire: table[wire] for wire in order}


def field_names(properties: Iterable[str], classes: Collection[str] = ()) -> dict[str, str]:
    """Name the fields of a class by their JSON names.

    Args:
        properties: the JSON names.
        classes: the names of the module's classes, which a field called like one would hide from type checkers.
    """
    properties = list(properties)
    names = {name: snake_case(name) for name in properties}
    return name_table(properties, {name: f"{own}_" if own in classes else own for name, own in names.items()})


def member_names(values: Iterable[str]) -> dict[str, str]:
    """Name the members of an enum by their values."""
    values = list(values)
    return name_table(values, {value: constant_case(value, prefix="VALUE") if value else "EMPTY" for value in values})


def operation_names(operation_ids: Iterable[str]) -> dict[str, str]:
    """Name the constants of operations by their ids."""
    ids = list(operation_ids)
    wanted = {name: constant_case(name, prefix="OPERATION") for name in ids}
    return name_table(ids, wanted, taken=("OPERATIONS", "CONTRACT"))


def class_names(components: Iterable[str]) -> dict[str, str]:
    """Name the classes of components."""
    names = list(components)
    return name_table(names, {name: class_name(name) for name in names})


def argument_names(parameters: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Name the keyword arguments of an operation's parameters, each given as location and name."""
    keys = list(parameters)
    joined = {f"{name}\n{location}": (location, name) for location, name in keys}
    table = name_table(joined, {key: snake_case(name) for key, (_, name) in joined.items()})
    return {joined[key]: argument for key, argument in table.items()}
