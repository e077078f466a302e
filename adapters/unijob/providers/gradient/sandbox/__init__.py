"""How DigitalOcean Gradient behaves in the sandbox."""

from __future__ import annotations

from unijob.providers.gradient.sandbox import (
    agent_runs,
    bases,
    data_sources,
    errors,
    jobs,
    judging,
    knowledge_bases,
    limits,
    model_runs,
    schedules,
    uploads,
)
from unijob.sandbox.vendor import VendorSandbox

SANDBOX = VendorSandbox(
    handlers={
        **agent_runs.HANDLERS,
        **data_sources.HANDLERS,
        **jobs.HANDLERS,
        **knowledge_bases.HANDLERS,
        **model_runs.HANDLERS,
        **schedules.HANDLERS,
    },
    lives={
        agent_runs.KIND: agent_runs.LIFE,
        bases.KIND: bases.LIFE,
        jobs.KIND: jobs.LIFE,
        judging.KIND: model_runs.LIFE,
        schedules.KIND: schedules.LIFE,
    },
    parents=(bases.KIND, agent_runs.TEST_CASE, model_runs.DATASET),
    error=errors.body,
    invalid=errors.invalid,
    headers=limits.headers,
    catch_up=schedules.catch_up,
    place=uploads.receive,
)
