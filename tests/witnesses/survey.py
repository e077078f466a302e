"""Everything that the cover finds: the same in every run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.witnesses.answers import answer_of_ours, answer_of_theirs
from tests.witnesses.case import Case, Told
from tests.witnesses.cover import Cover, mended
from tests.witnesses.found import Found
from tests.witnesses.requests import arguments_of, request_of_ours, request_of_theirs
from unijob.testing.strategies import answers

Ask = Callable[[Any], Told]
ATTEMPTS = 4


def survey(case: Case, operation: str = "*") -> tuple[frozenset[Found], list[str]]:
    """Give what is found, and the questions that no value was of use for.

    Args:
        case: contract and witness.
        operation: which to ask about, all if not said.
    """
    found, useless = set(case.lacking()), list[str]()
    for question, values, ask in questions(case, operation):
        told = [one for value in values for one in _mending(value, values[0], ask)]
        found |= {one for answer in told for one in answer.found}
        useless += [] if any(one.usable for one in told) else [question]
    return frozenset(found), useless


def questions(case: Case, only: str = "*") -> Iterator[tuple[str, list[Any], Ask]]:
    """Each question with the values to put, and how to put one."""
    cover = Cover(case.document)
    asked = [operation for operation in case.methods if only in {"*", operation}]
    for answer in answers(case.document):
        operation, status = answer.operation, answer.status
        if operation in asked:
            ask = _bound(answer_of_ours, case, operation, status)
            yield f"{case.name} {operation} {status}: our answer", cover.of(answer.schema), ask
    for operation in asked:
        theirs = case.described(operation)
        gives, takes = (Cover(theirs[one]).of(theirs[one]) for one in ("gives", "takes"))
        ours = cover.of(arguments_of(case, operation))
        name = f"{case.name} {operation}"
        yield f"{name}: their answer", gives, _bound(answer_of_theirs, case, operation)
        yield f"{name}: their request", takes, _bound(request_of_theirs, case, operation)
        yield f"{name}: our request", ours, _bound(request_of_ours, case, operation)


def _bound(function: Callable[..., Told], *arguments: Any) -> Ask:
    return lambda value: function(*arguments, value)


def _mending(value: Any, plain: Any, ask: Ask) -> Iterator[Told]:
    """Ask, and where some places are refused, again with plain ones there: so the rest is heard too."""
    for _ in range(ATTEMPTS):
        told = ask(value)
        yield told
        if not told.refused:
            return
        value = mended(value, plain, told.refused)
