"""Changes living functions in place: to their code of a mutant's source."""

from __future__ import annotations

import functools
import gc
import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType

from tests.mutation.finding import compiled

Functions = dict[tuple[str, CodeType], list[FunctionType]]
"""The living functions by their file and code."""


class NotInPlace(Exception):
    """The change is not one of functions alone, or of functions that do not live."""


def living() -> Functions:
    """Every function there is."""
    found: Functions = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType):
            found.setdefault((one.__code__.co_filename, one.__code__), []).append(one)
    return found


def forget() -> None:
    """Empty every cache of functions, so that what they give is found anew."""
    kind = type(functools.cache(forget))
    for one in gc.get_objects():
        if isinstance(one, kind):
            one.cache_clear()


def replace(original: str, changed: str, path: str, functions: Functions) -> int:
    """Give living functions the code of changed source.

    Args:
        original: the source that they have their code of.
        changed: the same, changed within functions.
        path: its file.
        functions: those that may have to be changed.

    Returns:
        How many functions were changed.

    Raises:
        NotInPlace: where that cannot be done.
    """
    before = compiled(original, path)
    after = compiled(changed, path)
    pairs = [(one, new) for old, new in differing(before, after) for one in functions.get((path, old), [])]
    for one, new in pairs:
        if len(one.__code__.co_freevars) != len(new.co_freevars):
            raise NotInPlace(f"{new.co_qualname} sees other names")
    if not pairs:
        raise NotInPlace("no living function is changed")
    for one, new in pairs:
        one.__code__ = new
    return len(pairs)


def renew(source: str, path: str, functions: Functions) -> None:
    """Give living functions the code that they have, compiled anew.

    Args:
        source: the source that they have their code of.
        path: its file.
        functions: those that may have to be changed.
    """
    for code in _nested(compiled(source, path)):
        for one in functions.get((path, code), []):
            one.__code__ = code


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _nested(one)


def differing(before: CodeType, after: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The code of functions that a change is in: of the innermost, and of those around it.

    Raises:
        NotInPlace: where it is also in a module or in the body of a class.
    """
    if before == after:
        return
    if before.co_flags & inspect.CO_NEWLOCALS and before.co_flags & inspect.CO_OPTIMIZED:
        yield before, after
    elif _own(before) != _own(after):
        raise NotInPlace(f"{before.co_qualname} runs when it is imported")
    inner = [[one for one in code.co_consts if isinstance(one, CodeType)] for code in (before, after)]
    if len(inner[0]) == len(inner[1]):
        for old, new in zip(*inner, strict=True):
            yield from differing(old, new)


def _own(code: CodeType) -> CodeType:
    """Code without what is nested in it, and without its places, among which is where a function ends."""
    return code.replace(
        co_consts=tuple(one for one in code.co_consts if not isinstance(one, CodeType)), co_linetable=b""
    )
