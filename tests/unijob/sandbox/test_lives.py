"""What the suite for authors of providers leaves open of a life: that one which failed says why."""

from __future__ import annotations

import asyncio

import pytest

from unijob import registry
from unijob.job import JobState
from unijob.kinds import JobKind
from unijob.sandbox import installed
from unijob.testing.suite.cases import Lived, revision
from unijob.testing.suite.lives import living

SILENT = frozenset({"mka1:file_batch"})
"""Kinds whose answer has no place for a reason: their pieces have it."""
FAILED = frozenset({"failed", "error"})


def failing() -> list[Lived]:
    """Every life that ends as failed, in every revision that can start it."""
    return [
        Lived(revision(kind.provider, name), kind, outcome)
        for kind in map(registry.kind, registry.kind_names())
        if isinstance(kind, JobKind) and kind.name not in SILENT
        for name in registry.revisions(kind.provider)
        if kind.start in registry.package(kind.provider, name).operations
        for outcome in sorted(FAILED & set(installed.lives(kind.provider, name)[kind.name].outcomes))
    ]


@pytest.mark.parametrize("lived", failing(), ids=repr)
def test_a_life_that_failed_says_why(lived: Lived) -> None:
    """Its job has an error with something to read, and had none before."""

    async def story() -> None:
        async with living(lived.revision) as life:
            life.sandbox.script(lived.kind.name, outcome=lived.outcome)
            *before, last = await life.seen(await life.start(lived.kind))
            assert last.state is JobState.FAILED
            assert last.error is not None
            assert last.error.message or last.error.code
            assert before[0].error is None

    asyncio.run(story())
