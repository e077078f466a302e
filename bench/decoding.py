"""Bytes to a typed result, for one indexing job: unijob beside the vendor's own client."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradient._models import construct_type
from gradient.types.knowledge_bases import IndexingJobRetrieveResponse
from rich.console import Console
from rich.table import Table

import unijob

PAYLOAD = Path(__file__).parent.parent / "tests" / "data" / "seeds" / "indexing_job.json"
ROUNDS = 15
CALLS = 300


def by_unijob(data: bytes) -> Any:
    """Decode, check against the contract, structure, normalise."""
    return unijob.parse("gradient:indexing_job", data)


def by_vendor_client(data: bytes) -> Any:
    """What the vendor's client does with an answer: decode, then construct without validation."""
    return construct_type(value=json.loads(data), type_=IndexingJobRetrieveResponse)


def by_vendor_model(data: bytes) -> Any:
    """The vendor's own model with pydantic's validation."""
    return IndexingJobRetrieveResponse.model_validate_json(data)


def micros(function: Callable[[bytes], Any], data: bytes) -> float:
    """The time of one call, in µs, as the mean of one round."""
    started = time.perf_counter()
    for _ in range(CALLS):
        function(data)
    return (time.perf_counter() - started) / CALLS * 1e6


def main() -> None:
    """Print the medians, in turns."""
    data = PAYLOAD.read_bytes()
    ways = (by_unijob, by_vendor_client, by_vendor_model)
    samples: dict[str, list[float]] = {way.__name__: [] for way in ways}
    for way in ways:
        micros(way, data)
    for _ in range(ROUNDS):
        for way in ways:
            samples[way.__name__].append(micros(way, data))
    base = statistics.median(samples["by_unijob"])
    table = Table(
        "way",
        "µs, median",
        "min",
        "max",
        "x unijob",
        title=f"{len(data)} bytes to a typed job, {ROUNDS} x {CALLS} calls",
    )
    for name, times in samples.items():
        middle = statistics.median(times)
        table.add_row(name, f"{middle:.1f}", f"{min(times):.1f}", f"{max(times):.1f}", f"{middle / base:.2f}")
    Console().print(table)
