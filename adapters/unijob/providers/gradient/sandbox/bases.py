"""Which knowledge bases are there: any id, unless a scenario says otherwise or it was deleted."""

from __future__ import annotations

from typing import Any

from unijob.sandbox.clock import START
from unijob.sandbox.scripts import Life, Script, Setting
from unijob.sandbox.vendor import Call, Refusal
from unijob.sandbox.world import Record, World

KIND = "gradient:knowledge_base"

LIFE = Life(
    settings={"creating": Setting(default=2.0, type=float, about="seconds until the database of a new one is online")}
)


def is_gone(world: World, uuid: str, now: float) -> bool:
    """Whether there is no such knowledge base."""
    record = world.find(KIND, uuid, now)
    return world.is_absent(KIND, uuid) or (record is not None and record.data["deleted"])


def check(call: Call, uuid: str) -> str:
    """The id of a knowledge base that is there.

    Raises:
        Refusal: there is none.
    """
    if is_gone(call.world, uuid, call.now):
        raise Refusal("not_found", "knowledge base not found")
    return uuid


def kept(call: Call, uuid: str) -> Record:
    """What is kept of a knowledge base that is there; one that nobody created has been there from the start."""
    check(call, uuid)
    found = call.world.find(KIND, uuid, call.now)
    if found is not None:
        return found
    start = START.timestamp()
    script = Script(KIND, {"creating": 0.0})
    return call.world.create(KIND, uuid, min(start, call.now), new(), script)


def new() -> dict[str, Any]:
    """What is kept of a new one."""
    return {"fields": {}, "updated_at": None, "deleted": False}
