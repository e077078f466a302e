"""Settings that all tests share."""

from __future__ import annotations

import os
import signal
from collections import Counter
from math import ceil
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A job in a shell's background begins with Ctrl-C ignored, and so do its children: tests of Ctrl-C need it back.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "fast", derandomize=True, max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough",
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "10_000")),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # it says more of the machine than of the strategies
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

EACH_CASE = 100
"""What a case of a property is drawn at least, in the thorough profile."""
USED = "_hypothesis_internal_use_settings"
"""Where Hypothesis keeps what `@settings` said of a test."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The thorough profile's count is a property's: its cases share it."""
    if os.environ.get("HYPOTHESIS_PROFILE") != "thorough":
        return
    cases = Counter[Any](map(_property, items))
    for test, count in cases.items():
        if count > 1 and hasattr(test, "hypothesis"):
            said: settings = getattr(test, USED, None) or settings()
            examples = max(min(EACH_CASE, said.max_examples), ceil(said.max_examples / count))
            setattr(test, USED, settings(said, max_examples=examples))


def _property(item: pytest.Item) -> object:
    """The function that a test is a case of; one of a class is shared by what inherits it."""
    test = getattr(item, "obj", item)
    return getattr(test, "__func__", test)
