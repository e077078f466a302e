"""The sandbox: every installed provider's API, with state, for demonstrations, for tests, and for users' own tests."""

from unijob.sandbox.clock import RunningClock, SteppedClock
from unijob.sandbox.faults import Fault
from unijob.sandbox.messages import Received
from unijob.sandbox.sandbox import TOKEN, Sandbox, SandboxError, run
from unijob.sandbox.scripts import Script

__all__ = ["TOKEN", "Fault", "Received", "RunningClock", "Sandbox", "SandboxError", "Script", "SteppedClock", "run"]
