"""What a model keeps without knowing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pydantic

from tests.witnesses.vendor.shapes import is_list, is_object


def unknown(value: Any, kept: tuple[type, ...], path: tuple[str | int, ...] = ()) -> Iterator[list[str | int]]:
    """Give the places of undeclared properties, of values of a `kept` type, and of alternatives that no model fits."""
    if isinstance(value, kept) or getattr(value, "is_unknown", False) is True:
        yield [*path]
    elif isinstance(value, pydantic.BaseModel):
        for name in value.model_extra or ():
            yield [*path, name]
        for name, field in type(value).model_fields.items():
            yield from unknown(getattr(value, name), kept, (*path, field.alias or name))
    elif is_object(value):
        for key, item in value.items():
            yield from unknown(item, kept, (*path, key))
    elif is_list(value):
        for index, item in enumerate(value):
            yield from unknown(item, kept, (*path, index))
