"""Walks the pages of a listing."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import attrs

from unijob.errors import ContractViolation, InvalidArgument, UnsupportedOperation
from unijob.jsontypes import is_list, is_mapping
from unijob.parsing import CheckedAnswer, read_items

if TYPE_CHECKING:
    from unijob.client.connection import Connection
    from unijob.client.replies import Reply
    from unijob.job import Job
    from unijob.kinds import AnyKind, Listing
    from unijob.schedule import Schedule
    from unijob_models.runtime import Operation

logger = logging.getLogger("unijob")


@attrs.frozen(kw_only=True)
class Page:
    """One page: what it lists, in the upstream's order, and the answer that it came in."""

    items: tuple[Job[Any, Any] | Schedule[Any], ...]
    reply: Reply


@attrs.frozen(kw_only=True)
class Walk:
    """A listing that was asked for.

    Args:
        connection: the account.
        kind: what is listed.
        listing: the operation and how it pages.
        arguments: filters, by name.
        role: what the caller asked for, for an error.
        attempts: how often each page is asked for at most, in place of the client's policy.
        seconds: the time-out of each request, in place of the client's.
    """

    connection: Connection
    kind: AnyKind
    listing: Listing
    arguments: Mapping[str, Any]
    role: str
    attempts: int | None = None
    seconds: float | None = None

    async def pages(self) -> AsyncGenerator[Page, None]:
        """Fetch page after page. Links to further pages are never followed: the key goes to the base URL only.

        Raises:
            ContractViolation: the upstream gave one page twice, or a page with an item without identity or status.
        """
        arguments, before = dict(self.arguments), None
        while True:
            request = self.connection.request(self.kind, self.role, self.listing.operation, arguments)
            reply = await self.connection.send(request, attempts=self.attempts, seconds=self.seconds)
            answer = self.connection.interpret(reply)
            if not is_mapping(answer.payload) or self._has_no_items(answer):
                message = f"the answer to {request} has no readable {self.listing.items}"
                raise ContractViolation(message, violations=answer.violations, revision=answer.revision)
            account = self.connection.account.name
            items = tuple(read_items(self.kind, self.listing, answer, account=account))
            refs = [item.ref for item in items]
            if refs and refs == before:
                raise ContractViolation(f"{request.operation.id} gave one page twice", revision=answer.revision)
            yield Page(items=items, reply=reply)
            following = self._following(answer.payload, arguments, request.operation)
            if following is None:
                return
            arguments, before = {**arguments, **following}, refs

    def _has_no_items(self, answer: CheckedAnswer) -> bool:
        return any(violation.target == f"/{self.listing.items}" for violation in answer.violations)

    def _following(
        self, page: Mapping[str, Any], arguments: Mapping[str, Any], operation: Operation
    ) -> dict[str, Any] | None:
        listed = page.get(self.listing.items)
        items = listed if is_list(listed) else []
        following = self.listing.pages.following(page, items, arguments)
        if following is None or set(following) <= set(filters_of(operation)):
            return following
        logger.warning("%s has further pages, and no parameter that asks for them", operation.id)
        return None


def filters_of(operation: Operation) -> tuple[str, ...]:
    """What a listing may be asked with: the arguments of its path and query."""
    return tuple(one.argument for one in operation.parameters if one.location in {"path", "query"})


def walk(
    connection: Connection, kind: AnyKind, filters: Mapping[str, Any], *, page_size: int | None, role: str
) -> Walk:
    """Choose the listing of a kind that the filters call for.

    Args:
        connection: the account.
        kind: what to list.
        filters: query and path arguments; None is left out. Path arguments choose the listing.
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
        needed = {one.argument for one in operation.parameters if one.location == "path"}
        if needed <= set(given) <= set(names):
            if page_size is not None and listing.pages.size in names:
                given = {listing.pages.size: page_size, **given}
            return Walk(connection=connection, kind=kind, listing=listing, arguments=given, role=role)
    taken = [filters_of(operation) for _, operation in operations]
    unknown = next((name for name in given if not any(name in names for names in taken)), next(iter(given), role))
    choices = "; or ".join(", ".join(names) for names in taken)
    raise InvalidArgument(f"{kind.name} cannot be listed by {', '.join(given)}: it may be {choices}", argument=unknown)


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
