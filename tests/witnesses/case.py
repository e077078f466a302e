"""A vendor's client beside the contract that it is a witness of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import attrs

from tests.witnesses import schemas
from tests.witnesses.found import Found, Path, Side, pointer
from tests.witnesses.process import Process
from unijob import registry
from unijob.contract import Contract
from unijob.errors import Violation
from unijob.testing.strategies import answers
from unijob.testing.strategies.documents import METHODS
from unijob_models.runtime import ContractPackage


@attrs.frozen(kw_only=True)
class Told:
    """What both sides said of one value.

    Attributes:
        found: what they disagree on.
        usable: whether the side that was to make something of the value could.
        refused: the places in the value that were refused.
    """

    found: frozenset[Found] = frozenset()
    usable: bool = True
    refused: tuple[Path, ...] = ()


class Case:
    """One contract and its witness.

    Args:
        provider: its name.
        revision: of its contract.
        process: the vendor's client.
        document: what is held against the client in place of the provider's own contract.
    """

    def __init__(
        self, provider: str, revision: str, process: Process, document: Mapping[str, Any] | None = None
    ) -> None:
        self.name = f"{provider}@{revision}"
        self.provider, self.revision = provider, revision
        self.package: ContractPackage = registry.package(provider, revision)
        self.document: Mapping[str, Any] = schemas.closed(document or self.package.document())
        self.contract = Contract(document) if document else registry.contract(provider, revision)
        self.process = process
        self._described: dict[str, dict[str, Any]] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """All properties that the contract declares somewhere."""
        return frozenset(schemas.names(self.document))

    @cached_property
    def methods(self) -> dict[str, str]:
        """The vendor's method behind each operation: the one whose request leads there."""
        found: dict[str, str] = {}
        paths = sorted({path.partition("{")[0] for path in self.document["paths"]})
        for name, told in self.process.ask("methods", paths=paths).items():
            if "sent" in told:
                match = self.contract.route(told["sent"]["method"], told["sent"]["path"])
                if match.operation is not None:
                    found.setdefault(match.operation.id, name)
        return found

    @cached_property
    def operations(self) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Every operation with its path's item."""
        items: Iterable[Mapping[str, Any]] = self.document["paths"].values()
        return {one["operationId"]: (item, one) for item in items for method, one in item.items() if method in METHODS}

    @cached_property
    def schemas(self) -> dict[tuple[str, str], Any]:
        """What each answer holds, by operation and status."""
        return {(answer.operation, answer.status): answer.schema for answer in answers(self.document)}

    def ask(self, do: str, operation: str, **question: Any) -> Any:
        """Ask the vendor's method behind an operation."""
        return self.process.ask(do, method=self.methods[operation], **question)

    def described(self, operation: str) -> dict[str, Any]:
        """What the vendor's method takes and gives, as JSON schemas."""
        if operation not in self._described:
            told = self.ask("describe", operation)
            self._described[operation] = {
                which: schemas.closed(schemas.narrowed(schema)) for which, schema in told.items()
            }
        return self._described[operation]

    def lacking(self) -> frozenset[Found]:
        """The operations that the vendor's client does not have."""
        lacking = self.operations.keys() - self.methods.keys()
        return frozenset(self.found("operation", one, "/", "no method") for one in lacking)

    def found(self, side: Side, operation: str, where: str, what: str) -> Found:
        """Write down a disagreement."""
        return Found(contract=self.name, side=side, operation=operation, where=where, what=what)

    def at(self, side: Side, operation: str, path: Path, what: str) -> Found:
        """Write down a disagreement at a place in a body."""
        return self.found(side, operation, pointer(path, self.names), what)


def rule(violation: Violation) -> str:
    """Name what our contract has against something."""
    return f"{violation.keyword} (drift)" if violation.drift else violation.keyword
