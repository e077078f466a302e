"""What there is to be tested of a provider: parametrizes tests by the names of their arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

import attrs
import orjson
import pytest
from hypothesis import HealthCheck, settings

from unijob import registry
from unijob.contract import Contract
from unijob.job import JobState
from unijob.kinds import AnyKind, JobKind, ScheduleKind
from unijob.sandbox import installed
from unijob.testing.strategies import Answer, Defects, Payloads, Requests, answers
from unijob_models.runtime import ContractPackage, Operation

drawn = settings(deadline=None, suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow])
"""The tests are methods that several classes inherit, and run on machines of any speed."""


class Case:
    """Told by what it is, not by all that it holds."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002, FBT001  as Hypothesis calls it
        printer.text(repr(self))


@attrs.frozen(eq=False, repr=False)
class Revision(Case):
    """One contract revision of a provider, with what draws from it."""

    package: ContractPackage
    document: Mapping[str, Any]
    contract: Contract
    payloads: Payloads
    defects: Defects
    requests: Requests

    def __repr__(self) -> str:
        return f"{self.package.provider} {self.package.revision}"

    def operation(self, name: str) -> Operation:
        """Give an operation by its id."""
        return self.package.operations[name]


@cache
def revision(provider: str, name: str) -> Revision:
    """Give a revision of a provider."""
    package = registry.package(provider, name)
    document = package.document()
    return Revision(
        package,
        document,
        registry.contract(provider, name),
        Payloads(document),
        Defects(document),
        Requests(document),
    )


@attrs.frozen(eq=False, repr=False)
class Answered(Case):
    """A documented answer of an operation."""

    revision: Revision
    answer: Answer

    def __repr__(self) -> str:
        return f"{self.revision} {self.answer.operation} {self.answer.status}"

    @property
    def status(self) -> int:
        """A status that leads to it."""
        return _status(self.answer)


def _status(answer: Answer) -> int:
    return int(answer.status) if answer.status.isdecimal() else 599


@attrs.frozen(eq=False, repr=False)
class Read(Case):
    """A kind, read by a revision."""

    revision: Revision
    kind: AnyKind

    def __repr__(self) -> str:
        return f"{self.kind.name} {self.revision.package.revision}"

    @property
    def answer(self) -> Answer:
        """The success answer of its `get`."""
        wanted = self.kind.get, self.revision.operation(self.kind.get).success.status
        found = answers(self.revision.document)
        return next(answer for answer in found if (answer.operation, answer.status) == wanted)

    @property
    def status(self) -> int:
        """The HTTP status of that answer."""
        return _status(self.answer)


@attrs.frozen(eq=False, repr=False)
class Called(Case):
    """An operation of a revision."""

    revision: Revision
    operation: Operation

    def __repr__(self) -> str:
        return f"{self.revision} {self.operation.id}"


@attrs.frozen(eq=False, repr=False)
class Lived(Case):
    """A life of a kind in the sandbox, by the outcome that its script asks for."""

    revision: Revision
    kind: JobKind
    outcome: str

    def __repr__(self) -> str:
        return f"{self.kind.name} {self.revision.package.revision} {self.outcome}"


class Cases:
    """Finds the cases of a provider.

    Attributes:
        provider: the provider's name.
        ends: by kind and outcome: the state in which it ends.
    """

    provider: ClassVar[str]
    ends: ClassVar[Mapping[str, Mapping[str, JobState]]] = {}

    @classmethod
    def revisions(cls) -> list[Revision]:
        """Give the provider's revisions, oldest first."""
        return [revision(cls.provider, name) for name in registry.revisions(cls.provider)]

    @classmethod
    def kinds(cls) -> list[AnyKind]:
        """Give the provider's kinds."""
        return [registry.kind(name) for name in registry.kind_names() if name.partition(":")[0] == cls.provider]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a test once for each case that it asks for."""
        for name, find in FINDERS.items():
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, found := list(find(type(self))), ids=list(map(repr, found)))


def _revisions(suite: type[Cases]) -> Sequence[Revision]:
    return suite.revisions()


def _answered(suite: type[Cases]) -> Iterator[Answered]:
    """Give every answer; of those that say the same, one a revision."""
    for each in suite.revisions():
        seen: set[bytes] = set()
        for answer in answers(each.document):
            schema = orjson.dumps(answer.schema)
            if schema not in seen:
                seen.add(schema)
                yield Answered(each, answer)


def _read(suite: type[Cases]) -> Iterator[Read]:
    for kind in suite.kinds():
        yield from (Read(each, kind) for each in suite.revisions() if kind.get in each.package.operations)


def _called(suite: type[Cases]) -> Iterator[Called]:
    for each in suite.revisions():
        yield from (Called(each, operation) for operation in each.package.operations.values())


def _lived(suite: type[Cases]) -> Iterator[Lived]:
    for each in suite.revisions():
        lives = installed.lives(suite.provider, each.package.revision)
        for kind in suite.kinds():
            if isinstance(kind, JobKind) and kind.name in lives and kind.start in each.package.operations:
                yield from (Lived(each, kind, outcome) for outcome in lives[kind.name].outcomes)


def _scheduled(suite: type[Cases]) -> Iterator[Read]:
    for case in _read(suite):
        if isinstance(case.kind, ScheduleKind) and case.kind.create in case.revision.package.operations:
            yield case


FINDERS: Mapping[str, Callable[[type[Cases]], Sequence[Any] | Iterator[Any]]] = {
    "revision": _revisions,
    "answered": _answered,
    "read": _read,
    "called": _called,
    "lived": _lived,
    "scheduled": _scheduled,
}
"""By the name of a test's argument: what it may be."""
