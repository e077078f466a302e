"""How DigitalOcean Gradient behaves in the sandbox."""

from __future__ import annotations

from unijob.providers.gradient.sandbox import errors, jobs, knowledge_bases, limits
from unijob.sandbox.vendor import VendorSandbox

SANDBOX = VendorSandbox(
    handlers={**jobs.HANDLERS, **knowledge_bases.HANDLERS},
    lives={jobs.KIND: jobs.LIFE},
    parents=(knowledge_bases.KIND,),
    error=errors.body,
    invalid=errors.invalid,
    headers=limits.headers,
    catch_up=lambda _world, _now: None,
)
