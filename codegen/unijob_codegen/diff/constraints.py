"""Compares what constrains a type: bounds, lengths, patterns, formats, values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs

from unijob_codegen.diff.reading import TIME
from unijob_codegen.diff.shapes import Shape, Stated
from unijob_codegen.diff.words import shown


@attrs.frozen(kw_only=True)
class Turn:
    """A constraint that changed.

    Args:
        kind: of the table of levels.
        facet: which constraint, or the enum's value.
        old: what stated it before, or None.
        new: what states it now, or None.
        subject: the constraint or the value in words.
    """

    kind: str
    subject: str
    old: Stated | None
    new: Stated | None
    old_words: str | None = None
    new_words: str | None = None


def turns(old: Shape, new: Shape) -> Iterator[Turn]:
    """Find every constraint that two shapes of one type do not share."""
    for name in sorted(old.facets.keys() | new.facets.keys()):
        one, other = old.facets.get(name), new.facets.get(name)
        if name == "enum":
            yield from _values(one, other)
        elif one is None or other is None:
            if name != TIME:  # the project's own annotation: upstream documents know nothing of it
                yield _turn("widened" if other is None else "narrowed", name, one, other)
        elif _key(one.value) != _key(other.value):
            yield _turn(_direction(name, one.value, other.value), name, one, other)


def _turn(kind: str, name: str, old: Stated | None, new: Stated | None) -> Turn:
    return Turn(
        kind=kind,
        subject=name,
        old=old,
        new=new,
        old_words=None if old is None else shown(old.value),
        new_words=None if new is None else shown(new.value),
    )


def _values(old: Stated | None, new: Stated | None) -> Iterator[Turn]:
    if old is None or new is None:
        yield _turn("widened" if new is None else "narrowed", "enum", old, new)
        return
    before = {_key(value): value for value in old.value}
    after = {_key(value): value for value in new.value}
    if len(before) == len(after) == 1 and before.keys() != after.keys():
        yield _turn("const-changed", "const", old, new)
        return
    for key in sorted(before.keys() - after.keys()):
        yield Turn(kind="enum-value-removed", subject=_text(before[key]), old=old, new=new)
    for key in sorted(after.keys() - before.keys()):
        yield Turn(kind="enum-value-added", subject=_text(after[key]), old=old, new=new)


def _direction(name: str, old: Any, new: Any) -> str:
    if name in {"format", TIME}:
        return "format-changed"
    if name in {"minimum", "maximum"}:
        stricter = new > old if name == "minimum" else (new.value, not new.excluded) < (old.value, not old.excluded)
        return "narrowed" if stricter else "widened"
    if name == "multipleOf":
        if _is_multiple(new, old):
            return "narrowed"
        return "widened" if _is_multiple(old, new) else "constraint-changed"
    if name.startswith(("min", "max")):
        return "narrowed" if (new > old) == name.startswith("min") else "widened"
    return "constraint-changed"


def _is_multiple(value: float, of: float) -> bool:
    quotient = value / of
    return quotient == int(quotient)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
