"""The client holds, whatever is done to it and to its upstream."""

from __future__ import annotations

from hypothesis import settings

from tests.stateful.machine import JobMachine

EXAMPLES = {50: 100}
"""Of the fast profile's fifty this makes a hundred, each of twenty steps; of the thorough one's, a fifth."""

TestJobMachine = JobMachine.TestCase
TestJobMachine.settings = settings(
    max_examples=EXAMPLES.get(settings().max_examples, settings().max_examples // 5), stateful_step_count=20
)
