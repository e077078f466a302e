"""How MKA1 behaves in the sandbox, in both of its revisions."""

from __future__ import annotations

from unijob.providers.mka1.sandbox import batches, errors, exports, runs, schedules
from unijob.sandbox.vendor import VendorSandbox

SANDBOX = VendorSandbox(
    handlers={**exports.HANDLERS, **batches.HANDLERS, **runs.HANDLERS, **schedules.HANDLERS},
    lives={
        exports.KIND: exports.LIFE,
        batches.KIND: batches.LIFE,
        runs.KIND: runs.LIFE,
        schedules.KIND: schedules.LIFE,
    },
    parents=(batches.STORE, runs.SUITE),
    error=errors.body,
    invalid=errors.invalid,
    headers=lambda _world, _now: {},
    catch_up=schedules.catch_up,
)
