"""How MKA1 behaves in the sandbox, in both of its revisions."""

from __future__ import annotations

from unijob.providers.mka1.sandbox import (
    agent_runs,
    batches,
    compute_jobs,
    errors,
    exports,
    fine_tuning,
    request_batches,
    runs,
    schedules,
)
from unijob.sandbox.vendor import VendorSandbox

_KINDS = (exports, batches, runs, schedules, request_batches, fine_tuning, agent_runs, compute_jobs)

SANDBOX = VendorSandbox(
    handlers={operation: handler for module in _KINDS for operation, handler in module.HANDLERS.items()},
    lives={module.KIND: module.LIFE for module in _KINDS},
    parents=(batches.STORE, runs.SUITE, agent_runs.AGENT),
    error=errors.body,
    invalid=errors.invalid,
    headers=lambda _world, _now: {},
    catch_up=schedules.catch_up,
)
