"""The scenes that pictures show: what is typed, and what happened before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import attrs

from docs.tools.stage import Stage
from unijob.sync import JobClient

_KNOWLEDGE_BASE = "20cd8434-6ea1-11f0-bf8f-4e013e2ddde4"
_OF: dict[str, dict[str, Any]] = {
    "mka1:eval_run": {"suite_id": "eval_suite_mmlu", "models": ["auto"]},
    "mka1:file_batch": {"vector_store_id": "vs_handbook", "file_ids": ["file_1", "file_2"]},
    "gradient:indexing_job": {"knowledge_base_uuid": _KNOWLEDGE_BASE},
}


@attrs.frozen(kw_only=True)
class Scene:
    """What a picture shows.

    Args:
        title: of its window.
        told: what it shows, for those who do not see it.
        play: does it.
        columns: the terminal's width.
        moves: whether the picture moves, or shows the end alone.
    """

    title: str
    told: str
    play: Callable[[Stage], None]
    columns: int = 80
    moves: bool = False


def _start(stage: Stage, kind: str, **life: Any) -> str:
    """Start a job that lives as told, and give its reference."""
    stage.sandbox.script(kind, **life)
    with JobClient(stage.sandbox.accounts(), clock=stage.sandbox.clock) as client:
        return str(client.start(kind, **_OF[kind]).ref)


def _watch(stage: Stage) -> None:
    """Jobs of both vendors, and an end of each sort."""
    refs = [
        _start(stage, "mka1:eval_run", items=240, duration=18),
        _start(stage, "gradient:indexing_job", items=8, duration=14, outcome="partial"),
        _start(stage, "mka1:file_batch", items=60, duration=8),
        _start(stage, "mka1:eval_run", items=40, duration=20, outcome="failed"),
    ]
    stage.unijob(
        f"watch --every 1 {' '.join(refs)}",
        typed="unijob watch --every 1 $EVAL $INDEX $FILES $OTHER_EVAL",
    )


def _one(stage: Stage) -> None:
    """One job, from its start to its end."""
    stage.sandbox.script("mka1:eval_run", items=20, duration=8)
    stage.unijob("start mka1:eval_run suite_id=eval_suite_mmlu 'models:=[\"auto\"]' --wait")


def _list(stage: Stage) -> None:
    """Runs of which each has ended otherwise."""
    for outcome, duration in (
        ("succeeded", 30),
        ("partial", 95),
        ("failed", 60),
        ("succeeded", 600),
    ):
        _start(stage, "mka1:eval_run", items=40, outcome=outcome, duration=duration)
        stage.sandbox.advance(300)
    stage.unijob("list mka1:eval_run")


def _partial(stage: Stage) -> None:
    """What there is to know of a job that left something behind."""
    ref = _start(stage, "gradient:indexing_job", items=4, duration=90, outcome="partial")
    stage.sandbox.advance(200)
    stage.unijob(f"get {ref}")


def _kinds(stage: Stage) -> None:
    """What there is."""
    stage.unijob("kinds")


def _drift(stage: Stage) -> None:
    """A proxy that has passed answers which no contract allows for, asked what it has seen."""
    stage.sandbox.fault("extra_field", operation="getEvalRun", name="region", times=3)
    stage.sandbox.fault("unknown_value", operation="getEvalRun", value="warming_up", times=2)
    stage.sandbox.fault(
        "extra_field", operation="genai_get_indexing_job", pointer="/job", name="eta"
    )
    refs = [_start(stage, "mka1:eval_run"), _start(stage, "gradient:indexing_job")]
    with (
        stage.proxy() as (accounts, admin),
        JobClient(accounts, clock=stage.sandbox.clock) as client,
    ):
        for ref in [refs[0], refs[1], refs[0], refs[0], refs[0]]:
            stage.sandbox.advance(40)
            client.get(ref)
        stage.unijob(f"drift {admin}", typed="unijob drift")


def _errors(stage: Stage) -> None:
    """What goes wrong, and what to do next."""
    stage.unijob("start mka1:eval_run suite_id=eval_suite_mmlu models=auto")
    stage.unijob("get mka1:eval_run/eval_run_nope")
    stage.unijob("retry gradient:indexing_job/123e4567-e89b-12d3-a456-426614174000")


def _demo(stage: Stage) -> None:
    """What `make demo` shows."""
    from examples import demo  # noqa: PLC0415  it looks at its terminal as it is imported

    with stage.in_place_of("examples.demo.Sandbox", "examples.demo.Progress"):
        stage.clock.step = 60
        stage.prompt("make demo")
        asyncio.run(demo.main())


SCENES = {
    "watch": Scene(
        title="unijob watch",
        told="Four jobs of two vendors, watched to their ends",
        play=_watch,
        moves=True,
    ),
    "one": Scene(
        title="unijob start --wait", told="A job, from its start to its end", play=_one, moves=True
    ),
    "list": Scene(title="unijob list", told="A table of eval runs, at 80 columns", play=_list),
    "partial": Scene(title="unijob get", told="A job that ended in part", play=_partial),
    "kinds": Scene(title="unijob kinds", told="The kinds of jobs, at 80 columns", play=_kinds),
    "drift": Scene(
        title="unijob drift",
        told="What a proxy saw that no contract knows",
        play=_drift,
        columns=100,
    ),
    "demo": Scene(title="make demo", told="Jobs of two vendors, from start to end", play=_demo),
    "errors": Scene(title="unijob", told="Three errors, each with what to do next", play=_errors),
}
