"""Checks of what users ask of the sandbox, in process or as JSON: all say what would be right."""

from __future__ import annotations

from collections.abc import Iterable

from unijob.errors import InvalidArgument


def choice(name: str, value: object, choices: Iterable[str], *, optional: bool = False) -> None:
    """Refuse what is not one of some names."""
    if not (value is None and optional) and value not in list(choices):
        raise InvalidArgument(f"`{name}` must be one of {', '.join(sorted(choices))}", argument=name)


def whole(name: str, value: object, least: int) -> None:
    """Refuse what is neither None nor a whole number of at least so much."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
        raise InvalidArgument(f"`{name}` must be a whole number, {least} or more", argument=name)


def share(name: str, value: object) -> None:
    """Refuse what is neither None nor a number from 0 to 1."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1):
        raise InvalidArgument(f"`{name}` must be a number from 0 to 1", argument=name)


def text(name: str, value: object) -> None:
    """Refuse what is no text, or empty."""
    if not isinstance(value, str) or not value:
        raise InvalidArgument(f"`{name}` must be text, and not empty", argument=name)
