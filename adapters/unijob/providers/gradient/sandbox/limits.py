"""The rate limit that every success answer tells of."""

from __future__ import annotations

from collections.abc import Mapping

from unijob.sandbox.world import World

LIMIT = 5_000
WINDOW = 3_600
_NOTE = "rate limit"


def headers(world: World, now: float) -> Mapping[str, str]:
    """What is left in the hour that began with its first request. The sandbox itself refuses nothing."""
    begun, used = world.notes.get(_NOTE, (now, 0))
    if now >= begun + WINDOW:
        begun, used = now, 0
    world.notes[_NOTE] = (begun, used + 1)
    return {
        "ratelimit-limit": str(LIMIT),
        "ratelimit-remaining": str(max(0, LIMIT - used - 1)),
        "ratelimit-reset": str(int(begun) + WINDOW),
    }
