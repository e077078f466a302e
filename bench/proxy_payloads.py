"""What the proxy's benchmarks send and hold it against: eval runs of MKA1, and contracts small and large."""

from __future__ import annotations

from typing import Any

import orjson

from unijob import registry

REVISION = "2026-10"
RUN_PATH = "/api/v1/llm/evals/runs/run_0"
LIST_PATH = "/api/v1/llm/evals/runs"
_FILLING = 8


def contract(paths: int = 0) -> dict[str, Any]:
    """Give the packed contract of MKA1, made up to a number of paths, with schemas of their own, about 1.5 kB each.

    Args:
        paths: how many paths at least.
    """
    document: dict[str, Any] = registry.package("mka1", REVISION).document()
    schemas = document["components"]["schemas"]
    for n in range(paths - len(document["paths"])):
        schemas[f"Filling{n}"] = _filling(n)
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/Filling{n}"}}}
        parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        document["paths"][f"/api/v1/{_section(n)}/{{id}}/part{n}"] = {
            "parameters": [parameter],
            "get": {"operationId": f"getFilling{n}", "responses": {"200": {"description": "", "content": content}}},
        }
    return document


def run(n: int = 0) -> dict[str, Any]:
    """Give an eval run of about 2 kB."""
    return {
        "id": f"run_{n}",
        "object": "eval.run",
        "org_id": "org_4f1d2c3b5a69788716253443",
        "team_id": "team_91827364555463728190",
        "suite_id": "suite_customer_support_answers",
        "suite_version": 14,
        "suite_version_id": "suite_customer_support_answers@14",
        "status": "in_progress",
        "models": ["mka1-large-2026-06", "mka1-small-2026-06", "other/model-70b-instruct"],
        "task_ids": [f"task_{one:04}_quoting_of_sources" for one in range(_FILLING)],
        "judge_model": "mka1-judge-2026-05",
        "embedding_model": None,
        "agent_name": "support-agent",
        "agent_version": "3.4.1",
        "agent_effort": "medium",
        "generation": {},
        "request_counts": {"total": 400, "completed": 180 + n % 100, "failed": 3},
        "cost_usd": 1.25,
        "tokens": {"input": 812_345, "output": 91_230, "cached": 40_000, "reasoning": None},
        "metrics": {f"metric_{one}": {"mean": 0.5 + one / 100, "count": 180, "deviation": 0.125} for one in range(9)},
        "error": None,
        "artifact_file_ids": [f"file_artifact_{one:08}" for one in range(_FILLING)],
        "metadata": {f"label_{one}": "a value as people write them" for one in range(_FILLING)},
        "created_at": 1_790_000_000 + n,
        "started_at": 1_790_000_060 + n,
        "completed_at": None,
        "cancelled_at": None,
        "failed_at": None,
    }


def run_body() -> bytes:
    """Give a single run."""
    return orjson.dumps(run())


def list_body(items: int) -> bytes:
    """Give a list of runs."""
    data = [run(n) for n in range(items)]
    edges = {"first_id": data[0]["id"], "last_id": data[-1]["id"]}
    return orjson.dumps({"object": "list", "data": data, "has_more": False, **edges})


def list_target(items: int) -> str:
    """Give the target under which the upstream has a list."""
    return f"{LIST_PATH}?after=of_{items}"


def _section(n: int) -> str:
    return f"section{n % 50}/group{n % 7}"


def _filling(n: int) -> dict[str, Any]:
    """Make a schema as vendors write them: texts, numbers, times, an enum, a pattern, a list of others, prose."""
    prose = "What a vendor says of it, in a sentence or two."
    texts = {f"text_{n}_{one}": {"type": "string", "description": prose} for one in range(_FILLING)}
    numbers = {f"count_{one}": {"type": ["integer", "null"], "format": "int64", "minimum": 0} for one in range(3)}
    return {
        "type": "object",
        "description": prose,
        "required": [f"text_{n}_0", "state"],
        "properties": {
            **texts,
            **numbers,
            "state": {"type": "string", "enum": ["queued", "running", "done", "failed"], "description": prose},
            "slug": {"type": "string", "maxLength": 64, "pattern": "^[a-z0-9-]*$"},
            "created_at": {"type": "string", "format": "date-time"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "parts": {"type": "array", "items": {"$ref": f"#/components/schemas/Filling{n - n % 10}"}},
            "owner": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}}},
        },
    }
