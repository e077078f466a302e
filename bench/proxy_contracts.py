"""What a contract costs by itself: routing, checking a body, getting ready. No network."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import attrs
import jsonschema_rs
import orjson
from rich.console import Console
from rich.table import Table

from bench import proxy_payloads as payloads
from unijob.contract import Contract

BODIES = {
    "2 kB": ("getEvalRun", "EvalRun", payloads.run_body()),
    "100 items": ("listEvalRuns", "EvalRunList", payloads.list_body(100)),
    "1,000 items": ("listEvalRuns", "EvalRunList", payloads.list_body(1000)),
}
ROUNDS = 9
ROUTES = 20_000


def cpu_ms(function: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """The CPU time of one call, the least of some rounds, in ms."""
    times: list[float] = []
    for _ in range(rounds):
        started = time.process_time()
        function()
        times.append(time.process_time() - started)
    return min(times) * 1e3


@attrs.frozen
class Costs:
    """The CPU time that a body costs, in ms."""

    size: int
    """Of the body, in bytes."""
    parse: float
    validate: float
    check: float


def costs() -> dict[str, Costs]:
    """Measure one parse, one validation and one check of each body, in this process."""
    document = payloads.contract()
    contract = Contract(document)
    found: dict[str, Costs] = {}
    for name, (operation, schema, body) in BODIES.items():
        root = {**document, "$ref": f"#/components/schemas/{schema}"}
        validator = jsonschema_rs.Draft202012Validator(root, validate_formats=True)
        if contract.check_response_bytes(operation, 200, body) or not validator.is_valid(orjson.loads(body)):
            raise AssertionError(operation)
        calls = range(max(1, 200_000 // len(body)))
        value = orjson.loads(body)
        parse = partial(orjson.loads, body)
        validate = partial(validator.is_valid, value)
        check = partial(contract.check_response_bytes, operation, 200, body)
        times = [cpu_ms(lambda: [one() for _ in calls]) / len(calls) for one in (parse, validate, check)]  # noqa: B023
        found[name] = Costs(len(body), *times)
    return found


def print_checks(measured: Mapping[str, Costs]) -> None:
    """Print what a check of a body costs beside one parse and one validation of the same bytes."""
    table = Table("body", "kB", "parse ms", "validate ms", "check ms", "x both", "ms per MB", title="CPU of a check")
    for name, one in measured.items():
        cells = (f"{one.size / 1e3:.0f}", f"{one.parse:.3f}", f"{one.validate:.3f}", f"{one.check:.3f}")
        both = one.parse + one.validate
        table.add_row(name, *cells, f"{one.check / both:.2f}", f"{one.check / one.size * 1e6:.2f}")
    Console().print(table)


def print_routes() -> None:
    """Print what finding an operation costs, by the number of paths."""
    table = Table("paths", "µs a route", title="Routing")
    for paths in (15, 200, 2000):
        contract = Contract(payloads.contract(paths))
        taken = cpu_ms(lambda: [contract.route("GET", payloads.RUN_PATH) for _ in range(ROUTES)], 3)  # noqa: B023
        table.add_row(f"{paths:,}", f"{taken / ROUTES * 1e3:.2f}")
    Console().print(table)


def print_ready() -> None:
    """Print how long contracts take until each validator is compiled, and with how much memory."""
    table = Table(
        "paths", "MB of JSON", "parse s", "ready s", "CPU s", "MB of process", title="A contract, parsed and compiled"
    )
    for paths in (15, 2000):
        command = [sys.executable, "-m", "bench.proxy_contracts", str(paths)]
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        cells = [f"{told[key]:.2f}" for key in ("size", "parse", "ready", "cpu")]
        table.add_row(f"{paths:,}", *cells, f"{told['memory']:.0f}")
    Console().print(table)


def main() -> None:
    """Print the tables; with a number of paths, measure one contract and print that as JSON."""
    if len(sys.argv) > 1 and sys.argv[1].isdecimal():
        print(json.dumps(_measure(int(sys.argv[1]))))
        return
    print_checks(costs())
    print_routes()
    print_ready()


def _measure(paths: int) -> dict[str, float]:
    body = _document(paths)
    started, used = time.perf_counter(), time.process_time()
    document = orjson.loads(body)
    parsed = time.perf_counter()
    Contract(document).compile()
    return {
        "size": len(body) / 1e6,
        "parse": parsed - started,
        "ready": time.perf_counter() - started,
        "cpu": time.process_time() - used,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def _document(paths: int) -> bytes:
    """Make a document in another process, so that its making is not in this one's memory."""
    code = "import orjson, sys; from bench.proxy_payloads import contract"
    code += f"; sys.stdout.buffer.write(orjson.dumps(contract({paths})))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout


if __name__ == "__main__":
    main()
