"""The tests that every provider passes, for whoever writes one.

In a test module of the provider's package, with it installed (its entry point is how it is found):

    from unijob.testing.suite import ProviderSuite

    class TestAcme(ProviderSuite):
        provider = "acme"

pytest then runs, for each contract revision, operation, kind and outcome that the provider has: its status tables are
total; its models lose nothing of an answer; every answer that a contract allows is a Job or a Schedule, and one defect
is told where it is; requests are built if and only if the contract allows them; its sandbox answers what the contract
allows, and its lives end as scripted. A new kind or revision needs no new test. Payloads are drawn by Hypothesis, as
many as its settings say. Needs `unijob[testing]`.
"""

from __future__ import annotations

import pytest

# What is asserted there is told as if it stood in a test module.
_MODULES = ("holds", "lives", "precision", "readings", "requests", "round_trips", "served", "tables")
pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in _MODULES))

from unijob.testing.suite.lives import Lives  # noqa: E402
from unijob.testing.suite.precision import Precision  # noqa: E402
from unijob.testing.suite.readings import Readings  # noqa: E402
from unijob.testing.suite.requests import BuiltRequests  # noqa: E402
from unijob.testing.suite.round_trips import RoundTrips  # noqa: E402
from unijob.testing.suite.served import Served  # noqa: E402
from unijob.testing.suite.tables import Tables  # noqa: E402

__all__ = ["ProviderSuite"]


class ProviderSuite(Tables, RoundTrips, Readings, Precision, BuiltRequests, Served, Lives):
    """Everything that holds for every provider.

    Attributes:
        provider: the provider's name.
        ends: by kind and outcome: the state in which it ends, where the outcome is not named after it.
    """
