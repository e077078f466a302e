"""The payloads of `tests/data`, each read anew so that a test may change its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from unijob import registry
from unijob.job import Job

NEWEST = registry.revisions("mka1")[-1]
DATA = Path(__file__).parents[2] / "data"


def load(name: str) -> Any:
    """Decode one payload: `seeds/file_batch`."""
    return json.loads(text(name))


def result_of(job: Job[Any, Any]) -> Any:
    """Give the result of a job that has one."""
    assert job.result is not None
    return job.result


def is_read_as(job: Job[Any, Any], revision: str) -> bool:
    """Tell whether a payload of one revision was read as what it is; newer ones may fit as well."""
    return (job.revision == "2026-07") == (revision == "2026-07")


def text(name: str) -> str:
    """Read one payload as it stands in its file."""
    return (DATA / f"{name}.json").read_text(encoding="utf-8")
