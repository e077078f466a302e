"""Runs tests, the likeliest to tell first, until one fails or they have taken too long."""

from __future__ import annotations

import importlib
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, settings

LOADED = ("aiohttp.web", "attrs", "cattrs", "hypothesis.strategies", "jsonschema_rs", "openapi_core", "orjson", "rich")
OPTIONS = (
    *("-q", "-p", "no:cacheprovider", "--assert=plain", "--no-header", "--tb=no", "--capture=sys"),
    *("-o", "tmp_path_retention_policy=failed"),
)
PROFILE = "mutants"
TIMES, GRACE = 4, 5
"""A test may take so many times what it takes on the original, and so many seconds of processor time more."""


@attrs.frozen(kw_only=True)
class Told:
    """What tests told of a mutant.

    Args:
        by: the test that failed; None where none did.
        ran: how many were run.
        cut: whether more would have been run, had there been time.
    """

    by: str | None = None
    ran: int = 0
    cut: bool = False


class Collected:
    """A plugin that hands over what was collected, instead of running it."""

    def __init__(self, act: Callable[[pytest.Session], None]) -> None:
        self._act = act

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Collect, hand over, and let nothing else run."""
        assert threading.active_count() == 1, f"no thread lives on in a fork: {threading.enumerate()}"
        self._act(session)
        return True


class _Failures:
    def __init__(self) -> None:
        self.first: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.first is None:
            self.first = report.nodeid


def preload() -> None:
    """Load what no mutant changes, once for all forks, and choose how many examples properties draw."""
    for name in LOADED:
        importlib.import_module(name)
    settings.register_profile(
        PROFILE,
        derandomize=True,
        max_examples=50,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    os.environ["HYPOTHESIS_PROFILE"] = PROFILE


def collect(files: Sequence[str], act: Callable[[pytest.Session], None]) -> int:
    """Collect tests in this process, and do something with them.

    Returns:
        pytest's code.
    """
    with TemporaryDirectory() as folder:  # pytest's own is removed as other runs of pytest begin
        return int(pytest.main([*OPTIONS, f"--basetemp={folder}/tests", *files], plugins=[Collected(act)]))


def run(items: Sequence[pytest.Item], usual: Mapping[str, float], budget: float) -> Told:
    """Run tests in this process.

    Args:
        items: the tests, in order.
        usual: seconds of processor time that each takes on the original.
        budget: seconds of processor time after which no further test is begun.
    """
    failures, began = _Failures(), time.process_time()
    for ran, (item, following) in enumerate(zip_longest(items, items[1:])):
        if time.process_time() - began > budget:
            return Told(ran=ran, cut=True)
        _limit(TIMES * usual.get(item.nodeid, 0.0) + GRACE)
        manager: Any = item.config.pluginmanager
        manager.register(failures, "failures")
        try:
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        finally:
            manager.unregister(failures)
        if failures.first is not None:
            return Told(by=failures.first, ran=ran + 1)
    return Told(ran=len(items))


def say(what: str) -> None:
    """Print, also while pytest keeps what is printed."""
    print(what, file=sys.__stdout__, flush=True)


def _limit(seconds: float) -> None:
    """End this process when it has worked for so much longer."""
    soft = int(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
