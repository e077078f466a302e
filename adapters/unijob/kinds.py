"""What a job kind is: data, and one pure function that turns a generated model into a Job.

A kind names operations by id. Which of them exist, and what models they carry, each contract revision tells; so a new
revision is served without a change here, and a kind can do in one revision what it cannot in another.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs

from unijob.errors import InvalidArgument
from unijob.jsontypes import is_mapping
from unijob.ref import JobRef, ResultT_co, SourceT_co

if TYPE_CHECKING:
    from unijob.job import Job, JobState
    from unijob.reading import Reading
    from unijob.schedule import Schedule
    from unijob_models.runtime import Operation

PieceT_co = TypeVar("PieceT_co", covariant=True)


@attrs.frozen(kw_only=True)
class StatusTable:
    """What each wire value of one status field means.

    Args:
        enum: the name of the generated enum, the same in every revision; `make check` holds that all its members stand
            here.
        states: wire value to state; None for a value that says nothing (`UNKNOWN` where another signal decides).
        absent: wire values that mean there is no such job.
        stages: wire values that say more than their state does: a job's progress tells them as its stage.
    """

    enum: str
    states: Mapping[str, JobState | None]
    absent: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()

    def __contains__(self, value: object) -> bool:
        return value in self.states or value in self.absent

    def gaps(self, members: Iterable[str]) -> list[str]:
        """The members of an enum that this table does not list."""
        return [member for member in members if member not in self]


@attrs.frozen(kw_only=True)
class CursorPages:
    """Pages that follow a cursor: the last id of a page, which tells whether more follow, or a cursor that it gives."""

    cursor: str
    """The argument that takes the cursor."""
    size: str
    """The argument that takes the page size."""
    last: str = "last_id"
    """The property of a page that holds the cursor of the next; without it, the last item's id is that."""
    more: str | None = "has_more"
    """The property that says whether more follow; None where a cursor says so by being there."""
    item_id: str = "id"

    @property
    def turn(self) -> str:
        """The argument that asks for a further page."""
        return self.cursor

    def following(self, page: Mapping[str, Any], items: list[Any], current: Mapping[str, Any]) -> dict[str, Any] | None:
        """The arguments of the next page, or None after the last one."""
        cursor = page.get(self.last)
        if self.more is None:
            return {self.cursor: cursor} if _is_text(cursor) and cursor != current.get(self.cursor) else None
        if page.get(self.more) is not True or not items:
            return None
        if not _is_text(cursor):
            cursor = items[-1].get(self.item_id) if is_mapping(items[-1]) else None
        return {self.cursor: cursor} if _is_text(cursor) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


@attrs.frozen(kw_only=True)
class OffsetPages:
    """Pages that leave out so many items at the beginning."""

    offset: str
    """The argument that takes the number of items to leave out."""
    size: str
    """The argument that takes the page size."""
    more: str = "has_more"

    @property
    def turn(self) -> str:
        """The argument that asks for a further page."""
        return self.offset

    def following(self, page: Mapping[str, Any], items: list[Any], current: Mapping[str, Any]) -> dict[str, Any] | None:
        """The arguments of the next page, or None after the last one."""
        if page.get(self.more) is not True or not items:
            return None
        return {self.offset: current.get(self.offset, 0) + len(items)}


@attrs.frozen(kw_only=True)
class NumberedPages:
    """Pages by number.

    The upstream's link to a next page says only that there is one. It is never followed, since it may lead to another
    origin (or past a gateway), which must not get the token.
    """

    number: str
    size: str

    @property
    def turn(self) -> str:
        """The argument that asks for a further page."""
        return self.number

    def following(self, page: Mapping[str, Any], items: list[Any], current: Mapping[str, Any]) -> dict[str, Any] | None:
        """The arguments of the next page, or None after the last one."""
        number = current.get(self.number, 1)
        pages = _walk(page, "links", "pages")
        total = _walk(page, "meta", "pages")
        linked = is_mapping(pages) and bool(pages.get("next"))
        counted = isinstance(total, int) and not is_mapping(pages) and number < total
        return {self.number: number + 1} if items and (linked or counted) else None


def _walk(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if is_mapping(value) else None
    return value


@attrs.frozen(kw_only=True)
class Listing:
    """An operation that lists.

    Args:
        operation: its id.
        items: the property of its answer that holds the items; None where the answer is the one item.
        pages: how it pages; None where all comes at once.
    """

    operation: str
    items: str | None = None
    pages: CursorPages | OffsetPages | NumberedPages | None = None

    @property
    def size(self) -> str | None:
        """The argument that takes the page size."""
        return self.pages.size if self.pages is not None else None

    def following(self, page: Mapping[str, Any], items: list[Any], current: Mapping[str, Any]) -> dict[str, Any] | None:
        """The arguments of the next page, or None after the last one."""
        return self.pages.following(page, items, current) if self.pages is not None else None


@attrs.frozen(kw_only=True)
class Pieces(Listing, Generic[PieceT_co]):
    """What belongs to one job and is read apart from it: its files, its events, the address of its report.

    A piece is the generated model that the operation lists. The operation's path takes the ids of the job's reference.

    Args:
        name: what callers call them, `files`.
    """

    name: str


@attrs.frozen(kw_only=True)
class Answer:
    """A success answer of an operation, read."""

    operation: Operation
    revision: str
    payload: Any
    """The decoded JSON."""
    model: Any
    """The generated model."""


@attrs.frozen(kw_only=True)
class Started:
    """What a start made, and what stood in its place before (which a wait must not take for it)."""

    job: Job[Any, Any]
    before: Job[Any, Any] | None = None


class Api(Protocol):
    """What a kind's own flow may do with its upstream; the client implements it."""

    async def find(self, ref: JobRef) -> Job[Any, Any] | None:
        """Read a job of this account, or None where there is none; the reference names no account."""
        ...

    async def start(self, operation: str, arguments: Mapping[str, Any]) -> Answer:
        """Send a request that starts something: never sent twice."""
        ...

    def reading(self, answer: Answer) -> Reading:
        """A reading of an answer's model, for a Job made from it."""
        ...


StartFlow = Callable[[Api, Mapping[str, Any]], Awaitable[Started]]


def _kept(answer: Mapping[str, Any]) -> str | None:
    return "it is not deleted" if answer.get("deleted") is False else None


@attrs.frozen(kw_only=True)
class Kind:
    """What job kinds and schedule kinds have in common.

    Args:
        name: the full name, `mka1:eval_run`.
        title: what a person calls it.
        ids: what a reference names, outermost first: the path parameters of `get`, unless `singleton`.
        singleton: there is one per account, `get` takes no id, and a reference may have none ("the latest").
        get: the operation that reads one.
        envelope: the property of `get`'s answer that holds the model, or None where it is the answer.
        vital: the JSON names, within the model, of identity and status: a breach of them is an error, of others not.
        lists: the operations that list, the general one first.
        delete: the operation that deletes one.
        delete_id: the attribute of the model with the id that `delete` takes, where a reference does not hold it: one
            is read before it is deleted.
        kept: why a success answer of `delete` (decoded) says that nothing was deleted; None where it was.
        tables: its status tables.
    """

    name: str
    title: str
    ids: tuple[str, ...]
    singleton: bool = False
    get: str
    envelope: str | None = None
    vital: tuple[str, ...]
    lists: tuple[Listing, ...] = ()
    delete: str | None = None
    delete_id: str | None = None
    kept: Callable[[Mapping[str, Any]], str | None] = _kept
    tables: tuple[StatusTable, ...] = ()

    @property
    def provider(self) -> str:
        """The provider's name."""
        return self.name.partition(":")[0]

    @property
    def type(self) -> str:
        """The name within the provider."""
        return self.name.partition(":")[2]

    def check(self, ref: JobRef) -> None:
        """Hold a reference against this kind.

        Raises:
            InvalidArgument: it is of another kind, or has too few or too many ids.
        """
        ids = len(ref.ids)
        if ref.kind != self.name or (ids != len(self.ids) and not (ids == 0 and self.singleton)):
            shape = "".join(f"/{{{name}}}" for name in self.ids)
            raise InvalidArgument(f"{str(ref)!r} is not a {self.name}: write '{self.name}{shape}'", argument="ref")

    def _ref(self, ids: tuple[str, ...], account: str | None) -> JobRef:
        ref = JobRef(self.provider, self.type, ids, account)
        self.check(ref)
        return ref

    def _parsed(self, text: str) -> JobRef:
        ref = JobRef.parse(text)
        self.check(ref)
        return ref

    def roles(self) -> Iterator[tuple[str, str]]:
        """Every operation that it names, each with what for; `get` is the first."""
        raise NotImplementedError

    def capabilities(self, operations: Mapping[str, Operation]) -> frozenset[str]:
        """What it can do with a revision's operations."""
        return frozenset(role for role, operation in self.roles() if operation in operations)


@attrs.frozen(kw_only=True)
class JobKind(Kind, Generic[SourceT_co, ResultT_co]):
    """A kind of job; `normalize` tells a type checker what its jobs are read from, and what they result in.

    Args:
        start: the operation that starts one.
        start_flow: where starting takes more than that operation: the kind's own way.
        cancel: the operation that cancels one.
        pause: the operation that halts one until it is resumed.
        resume: the operation that lets a paused one go on.
        retry: the operation that runs a job again in place.
        retry_failed_items: the operation that runs only its failed items again, in place.
        pieces: what belongs to one and is read apart from it.
        normalize: the generated model, of any revision, to a Job.
    """

    start: str | None = None
    start_flow: StartFlow | None = None
    cancel: str | None = None
    pause: str | None = None
    resume: str | None = None
    retry: str | None = None
    retry_failed_items: str | None = None
    pieces: tuple[Pieces[Any], ...] = ()
    normalize: Callable[[Any, Reading], Job[SourceT_co, ResultT_co]]

    def ref(self, *ids: str, account: str | None = None) -> JobRef[SourceT_co, ResultT_co]:
        """The reference of one of its jobs.

        Raises:
            InvalidArgument: too few or too many ids, or one that no reference can hold.
        """
        return self._ref(ids, account)

    def parse(self, text: str) -> JobRef[SourceT_co, ResultT_co]:
        """Read a reference of one of its jobs.

        Raises:
            InvalidArgument: it is none, or one of another kind.
        """
        return self._parsed(text)

    def roles(self) -> Iterator[tuple[str, str]]:
        """Every operation that it names, each with what for; `get` is the first."""
        yield "get", self.get
        yield from (("list", listing.operation) for listing in self.lists)
        yield from (("pieces", pieces.operation) for pieces in self.pieces)
        for role in ("start", "cancel", "pause", "resume", "retry", "retry_failed_items", "delete"):
            operation: str | None = getattr(self, role)
            if operation is not None:
                yield role, operation


@attrs.frozen(kw_only=True)
class ScheduleKind(Kind, Generic[SourceT_co]):
    """A kind of schedule; `normalize` tells a type checker what its schedules are read from.

    Args:
        create: the operation that creates one.
        trigger: the operation that fires it now.
        runs: the operation that lists the jobs it made, with the schedule's ids as path parameters.
        run_kind: the kind of those jobs.
        normalize: the generated model, of any revision, to a Schedule.
    """

    create: str | None = None
    trigger: str | None = None
    runs: Listing | None = None
    run_kind: str | None = None
    normalize: Callable[[Any, Reading], Schedule[SourceT_co]]

    def ref(self, *ids: str, account: str | None = None) -> JobRef[SourceT_co]:
        """The reference of one of its schedules.

        Raises:
            InvalidArgument: too few or too many ids, or one that no reference can hold.
        """
        return self._ref(ids, account)

    def parse(self, text: str) -> JobRef[SourceT_co]:
        """Read a reference of one of its schedules.

        Raises:
            InvalidArgument: it is none, or one of another kind.
        """
        return self._parsed(text)

    def roles(self) -> Iterator[tuple[str, str]]:
        """Every operation that it names, each with what for; `get` is the first."""
        yield "schedule", self.get
        yield from (("schedules", listing.operation) for listing in self.lists)
        runs = self.runs.operation if self.runs is not None else None
        named = {"create_schedule": self.create, "trigger": self.trigger, "delete": self.delete, "runs": runs}
        yield from ((role, operation) for role, operation in named.items() if operation is not None)

    def capabilities(self, operations: Mapping[str, Operation]) -> frozenset[str]:
        """What it can do with a revision's operations; its runs are listed as jobs of their own kind."""
        return super().capabilities(operations) - {"runs"}


AnyKind = JobKind | ScheduleKind
