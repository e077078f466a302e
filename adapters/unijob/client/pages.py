"""Reading the states of many jobs a page at a time."""

from __future__ import annotations

import typing
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from unijob import registry
from unijob.client.listing import walk
from unijob.errors import InvalidArgument, UnsupportedOperation
from unijob.jsontypes import class_of
from unijob_models.runtime import Unset

if TYPE_CHECKING:
    from unijob.client.connection import Connection
    from unijob.job import Job
    from unijob.kinds import JobKind

_PAGE = 100
"""Jobs a page: the most that lists commonly give; where one gives fewer, its pages count as they are."""


@attrs.frozen(kw_only=True)
class Sheet:
    """One page of jobs that could be read, and the seconds that the upstream asks to wait."""

    jobs: tuple[Job[Any, Any], ...]
    hint: float | None


@attrs.frozen(kw_only=True)
class Pages:
    """The list of a kind, or of that part of it which lies under one parent.

    Args:
        connection: the account.
        kind: what is listed.
        parents: the ids above the jobs' own, which a list may ask for.
    """

    connection: Connection
    kind: JobKind
    parents: Sequence[str] = ()

    def exist(self) -> bool:
        """Whether there is such a list."""
        try:
            self._walk()
        except (UnsupportedOperation, InvalidArgument):
            return False
        return True

    async def read(self, deadline: float | None) -> AsyncGenerator[Sheet, None]:
        """Read page after page, each with one request.

        Args:
            deadline: when, on the monotonic clock, pages are of no use any more.

        Raises:
            TransportError, UpstreamError, ContractViolation: a page cannot be had.
        """
        walked = attrs.evolve(self._walk(), attempts=1, deadline=deadline, tolerant=True)
        async with aclosing(walked.pages()) as pages:
            async for page in pages:
                yield Sheet(jobs=page.items, hint=page.reply.hint)

    def _walk(self) -> Any:
        filters = dict(zip(self.kind.ids, self.parents, strict=False))
        return walk(self.connection, self.kind, filters, page_size=_PAGE, role="list")


def is_whole(kind: JobKind, job: Job[Any, Any]) -> bool:
    """Whether a listed job is all that the kind's `get` would give: of the same model, and nothing left out of it."""
    model = class_of(job.source)
    if model is not _model_of_get(kind.name, job.revision):
        return False
    return not any(isinstance(getattr(job.source, field.name), Unset) for field in attrs.fields(model))


@cache
def _model_of_get(kind_name: str, revision: str) -> Any:
    kind = registry.kind(kind_name)
    operation = registry.package(kind.provider, revision).operations.get(kind.get)
    if operation is None:
        return None
    model = operation.success.model
    if kind.envelope is None:
        return model
    hint = typing.get_type_hints(model)[kind.envelope]
    return next((part for part in typing.get_args(hint) or (hint,) if attrs.has(part)), None)
