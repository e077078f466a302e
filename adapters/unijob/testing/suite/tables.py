"""Status tables."""

from __future__ import annotations

from unijob import tables
from unijob.testing.suite.cases import Cases


class Tables(Cases):
    """Holds status tables against the enums of the contracts."""

    def test_kinds_are_found(self) -> None:
        """The provider is installed, and each of its kinds is one, named after its provider."""
        assert self.revisions()
        assert self.kinds()

    def test_status_tables_are_total(self) -> None:
        """Each member of a status's enum, in any revision, stands in its table; and nothing else does."""
        assert tables.gaps(self.kinds()) == []
        assert tables.leftovers(self.kinds()) == []

    def test_operations_are_there(self) -> None:
        """Each operation that a kind names exists in one revision at least."""
        operations = {name for each in self.revisions() for name in each.package.operations}
        for kind in self.kinds():
            missing = {operation for _, operation in kind.roles()} - operations
            assert not missing, f"{kind.name} names operations that no revision has: {', '.join(sorted(missing))}"
