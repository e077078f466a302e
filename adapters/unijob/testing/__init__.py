"""For tests of code that uses unijob: a real server in place of the vendors', and clocks that nobody waits for.

The pytest plugin that comes with unijob gives the fixture `unijob_sandbox`, a `RunningSandbox`.
"""

from unijob.sandbox import Fault, Received, Script
from unijob.testing.clock import FakeClock
from unijob.testing.running import RunningSandbox

__all__ = ["FakeClock", "Fault", "Received", "RunningSandbox", "Script"]
