"""From what cattrs collected to one violation for each place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cattrs.errors import (
    AttributeValidationNote,
    ClassValidationError,
    IterableValidationError,
    IterableValidationNote,
)

from unijob.converter.shapes import JSON_NAMES, escape, fields_of
from unijob.errors import ContractViolation, Violation
from unijob.jsontypes import class_of


class StructureError(ContractViolation):
    """A JSON value does not fit a model; `violations` has every place, by JSON pointer."""


class Mismatch(Exception):
    """One value does not fit; the message does not quote it.

    Args:
        keyword: the JSON Schema keyword that it breaks.
        message: what was expected.
    """

    def __init__(self, keyword: str, message: str) -> None:
        super().__init__(message)
        self.keyword = keyword


FAILURES: Final = (Mismatch, ClassValidationError, IterableValidationError, RecursionError)
"""What a hook raises for a value that does not fit."""


def wrong_type(expected: str, value: Any) -> Mismatch:
    """A value of another JSON type than expected."""
    found = JSON_NAMES.get(class_of(value), "something that JSON does not have")
    return Mismatch("type", f"expected {expected}, found {found}")


def violations(error: BaseException, pointer: str = "") -> Iterator[Violation]:
    """Give every place that an error of a hook knows, with the wire's names.

    Args:
        error: what the hook raised.
        pointer: the JSON pointer of the value that it was called for.
    """
    if isinstance(error, ClassValidationError):
        names = {name: json for json, name, _ in fields_of(error.cl)}
        for inner in error.exceptions:
            attribute = str(_noted(inner, AttributeValidationNote, "name"))
            yield from _of_property(inner, pointer, names.get(attribute, attribute))
    elif isinstance(error, IterableValidationError):
        for inner in error.exceptions:
            index = str(_noted(inner, IterableValidationNote, "index"))
            yield from violations(inner, f"{pointer}/{escape(index)}")
    elif isinstance(error, Mismatch):
        yield _violation(pointer, error.keyword, str(error))
    else:
        yield _violation(pointer, "type", "nested too deeply to be read")


def _of_property(error: BaseException, pointer: str, json: str) -> Iterator[Violation]:
    if isinstance(error, KeyError):
        yield _violation(pointer, "required", f"the property {json!r} is missing", missing=json)
    else:
        yield from violations(error, f"{pointer}/{escape(json)}")


def _noted(error: BaseException, kind: type, attribute: str) -> Any:
    notes = [note for note in getattr(error, "__notes__", ()) if isinstance(note, kind)]
    return getattr(notes[-1], attribute)


def _violation(pointer: str, keyword: str, message: str, *, missing: str | None = None) -> Violation:
    return Violation(place="response.body", pointer=pointer, keyword=keyword, message=message, missing=missing)
