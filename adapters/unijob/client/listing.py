"""Walks the pages of a listing."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import attrs

from unijob.errors import ContractViolation, InvalidArgument, UnijobError, UnsupportedOperation
from unijob.jsontypes import is_list, is_mapping
from unijob.kinds import Pieces
from unijob.parsing import CheckedAnswer, models_of, read_each, read_items
from unijob.request import path_arguments

if TYPE_CHECKING:
    from unijob.client.connection import Connection
    from unijob.client.replies import Reply
    from unijob.kinds import AnyKind, JobKind, Listing
    from unijob.ref import JobRef
    from unijob_models.runtime import Operation

logger = logging.getLogger("unijob")

_OF_AN_ID = re.compile(r"_(uu)?id$")


@attrs.frozen(kw_only=True)
class Page:
    """One page.

    Args:
        items: what it lists, in the upstream's order: jobs, schedules, or pieces of a job as generated models.
        reply: the answer that it came in.
    """

    items: tuple[Any, ...]
    reply: Reply


@attrs.frozen(kw_only=True)
class Walk:
    """A listing that was asked for.

    Args:
        connection: the account.
        kind: what is listed, or whose pieces are.
        listing: the operation and how it pages.
        arguments: filters, by name.
        role: what the caller asked for, for an error.
        attempts: how often each page is asked for at most, in place of the client's policy.
        seconds: the time-out of each request, in place of the client's.
        deadline: when, on the monotonic clock, pages are of no use any more.
        tolerant: leave out items that cannot be read.
    """

    connection: Connection
    kind: AnyKind
    listing: Listing
    arguments: Mapping[str, Any]
    role: str
    attempts: int | None = None
    seconds: float | None = None
    deadline: float | None = None
    tolerant: bool = False

    async def pages(self) -> AsyncGenerator[Page, None]:
        """Fetch page after page. Links to further pages are never followed: the key goes to the base URL only.

        Raises:
            ContractViolation: the upstream gave one page twice, or a page with an item without identity or status.
        """
        arguments, before = dict(self.arguments), None
        while True:
            request = self.connection.request(self.kind, self.role, self.listing.operation, arguments)
            reply = await self.connection.send(
                request, attempts=self.attempts, seconds=self.seconds, deadline=self.deadline
            )
            answer = self.connection.interpret(reply)
            if not is_mapping(answer.payload) or self._has_no_items(answer):
                message = f"the answer to {request} has no readable {self.listing.items or 'content'}"
                raise ContractViolation(message, violations=answer.violations, revision=answer.revision)
            items = self._items(answer)
            known = [getattr(item, "ref", item) for item in items]
            if known and known == before:
                raise ContractViolation(f"{request.operation.id} gave one page twice", revision=answer.revision)
            yield Page(items=items, reply=reply)
            following = self._following(answer.payload, arguments, request.operation)
            if following is None:
                return
            arguments, before = {**arguments, **following}, known

    def _has_no_items(self, answer: CheckedAnswer) -> bool:
        place = f"/{self.listing.items}" if self.listing.items is not None else ""
        return any(violation.target == place for violation in answer.violations)

    def _items(self, answer: CheckedAnswer) -> tuple[Any, ...]:
        account = self.connection.account.name
        if self.role != "pieces" and not self.tolerant:
            return tuple(read_items(self.kind, self.listing, answer, account=account))
        if self.role != "pieces":
            read = read_each(self.kind, self.listing, answer, account=account)
            return tuple(item for item in read if not isinstance(item, UnijobError))
        for violation in answer.violations:
            logger.warning("%s, read all the same: %s", answer.operation.id, violation)
        return models_of(self.listing, answer)

    def _following(
        self, page: Mapping[str, Any], arguments: Mapping[str, Any], operation: Operation
    ) -> dict[str, Any] | None:
        listed = page.get(self.listing.items or "")
        items = listed if is_list(listed) else []
        following = self.listing.following(page, items, arguments)
        if following is None or set(following) <= set(filters_of(operation)):
            return following
        logger.warning("%s has further pages, and no parameter that asks for them", operation.id)
        return None


def filters_of(operation: Operation) -> tuple[str, ...]:
    """What a listing may be asked with: the arguments of its path and query."""
    return tuple(one.argument for one in operation.parameters if one.location in {"path", "query"})


def path_names(operation: Operation) -> tuple[str, ...]:
    """The arguments of an operation's path."""
    return tuple(one.argument for one in operation.parameters if one.location == "path")


def walk(
    connection: Connection, kind: AnyKind, filters: Mapping[str, Any], *, page_size: int | None, role: str
) -> Walk:
    """Choose the listing of a kind that the filters call for.

    Args:
        connection: the account.
        kind: what to list.
        filters: query and path arguments; None is left out. Path arguments choose the listing, and may go without
            their `_id` or `_uuid`.
        page_size: items a page, where the listing takes that.
        role: what the caller asked for, for an error.

    Raises:
        UnsupportedOperation: the kind has no listing.
        InvalidArgument: no listing takes these filters; names those that are.
    """
    given = {name: value for name, value in filters.items() if value is not None}
    operations = [(listing, operation) for listing in kind.lists if (operation := _find(connection, kind, listing))]
    if not operations:
        connection.operation(kind, role, None)
    for listing, operation in operations:
        names = filters_of(operation)
        parents = path_names(operation)
        chosen = _by_argument(given, parents)
        if set(parents) <= set(chosen) <= set(names):
            arguments = {**_sized(listing, names, page_size), **chosen}
            return Walk(connection=connection, kind=kind, listing=listing, arguments=arguments, role=role)
    raise _no_listing(kind, given, [operation for _, operation in operations])


def _no_listing(kind: AnyKind, given: Mapping[str, Any], operations: list[Operation]) -> InvalidArgument:
    """Why no listing can be asked like that: what there is not, or what is missing."""
    taken = [filters_of(operation) for operation in operations]
    unknown = next((name for name in given if not any(name in names for names in taken)), None)
    choices = "; or ".join(", ".join(names) for names in taken)
    if unknown is not None or len(operations) > 1:
        told = f"{kind.name} cannot be listed by {', '.join(given)}: it may be {choices}"
        return InvalidArgument(told, argument=unknown or next(iter(given), "filters"))
    missing = [name for name in path_names(operations[0]) if name not in given]
    return InvalidArgument(f"{kind.name} is listed by its {', '.join(missing)}: say which", argument=missing[0])


def _by_argument(given: Mapping[str, Any], parents: Iterable[str]) -> dict[str, Any]:
    """The filters with a parent under the argument of its id, `suite_id` where it was given as `suite`."""
    short = {_OF_AN_ID.sub("", parent): parent for parent in parents if parent not in given}
    return {short.get(name, name): value for name, value in given.items()}


def walk_pieces(
    connection: Connection,
    kind: JobKind,
    ref: JobRef,
    wanted: str | Pieces[Any] | None,
    filters: Mapping[str, Any],
    *,
    page_size: int | None,
) -> Walk:
    """Choose some pieces of a job.

    Args:
        connection: the account.
        kind: the job's kind.
        ref: which job.
        wanted: which pieces; None where the kind has pieces of one name only.
        filters: query arguments; None is left out.
        page_size: items a page, where the listing takes that.

    Raises:
        UnsupportedOperation: the kind has no pieces.
        InvalidArgument: there are none of that name, or they do not take these filters; names those that there are.
    """
    chosen = _chosen(connection, kind, wanted)
    _, operation = connection.operation(kind, "pieces", chosen.operation)
    ids = path_arguments(operation, ref.ids)
    names = tuple(name for name in filters_of(operation) if name not in ids)
    given = {name: value for name, value in filters.items() if value is not None}
    unknown = [name for name in given if name not in names]
    if unknown:
        choices = ", ".join(names) or "nothing"
        raise InvalidArgument(
            f"{chosen.name} of {kind.name} cannot be listed by {', '.join(unknown)}: it may be {choices}",
            argument=unknown[0],
        )
    arguments = {**_sized(chosen, names, page_size), **given, **ids}
    return Walk(connection=connection, kind=kind, listing=chosen, arguments=arguments, role="pieces")


def _chosen(connection: Connection, kind: JobKind, wanted: str | Pieces[Any] | None) -> Pieces[Any]:
    if not kind.pieces:
        connection.operation(kind, "pieces", None)
    fitting = [one for one in kind.pieces if wanted is None or wanted in (one.name, one)]
    if len(fitting) == 1:
        return fitting[0]
    named = wanted.name if isinstance(wanted, Pieces) else wanted
    told = f"say which pieces of {kind.name}" if wanted is None else f"{kind.name} has no pieces called {named!r}"
    choices = ", ".join(one.name for one in kind.pieces)
    raise InvalidArgument(f"{told}: it may be {choices}", argument="name")


def _sized(listing: Listing, names: tuple[str, ...], page_size: int | None) -> dict[str, Any]:
    return {listing.size: page_size} if page_size is not None and listing.size in names else {}


async def items_of(walked: Walk) -> AsyncGenerator[Any, None]:
    """What a walk lists, item by item: jobs of a job kind, schedules of a schedule kind."""
    async with aclosing(walked.pages()) as pages:
        async for page in pages:
            for item in page.items:
                yield item


def _find(connection: Connection, kind: AnyKind, listing: Listing) -> Operation | None:
    try:
        return connection.operation(kind, "list", listing.operation)[1]
    except UnsupportedOperation:
        return None
