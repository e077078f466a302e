"""Which tests run which lines, and how long each takes: found once, each test in a fork of its own."""

from __future__ import annotations

import ast
import gc
import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from coverage import Coverage

from tests.mutation import forks, replacing, running
from tests.mutation.finding import ROOT, path_of
from tests.mutation.replacing import Functions
from tests.mutation.running import say
from tests.mutation.selection import modules, own_of

LONGEST = 10.0
"""Seconds of processor time; a test that takes longer is no help in telling mutants."""


@attrs.frozen
class Traced:
    """What one test runs: lines by module, and its seconds of processor time."""

    seconds: float
    lines: Mapping[str, frozenset[int]]


@attrs.frozen
class Map:
    """Which tests run which lines.

    Args:
        files: of tests.
        digest: of all these.
        tests: what each runs, by its id.
        imported: the lines of each module that run as tests are collected.
        dropped: tests that are of no use here, and why.
    """

    files: Sequence[str]
    digest: str
    tests: dict[str, Traced]
    imported: dict[str, list[int]]
    dropped: dict[str, str]

    def usual(self) -> dict[str, float]:
        """The seconds that each test takes."""
        return {test: traced.seconds for test, traced in self.tests.items()}

    def at_import(self, module: str, line: int) -> bool:
        """Whether a statement runs as modules are imported."""
        return not _statement(module, line).isdisjoint(self.imported.get(module, ()))

    def telling(self, module: str, line: int) -> list[str]:
        """The tests that run a line's statement, the likeliest to tell of a change first."""
        statement = _statement(module, line)
        return self._ordered(
            module,
            (test for test, traced in self.tests.items() if not statement.isdisjoint(traced.lines.get(module, ()))),
        )

    def using(self, module: str) -> list[str]:
        """The tests that run anything of a module, the likeliest to tell of a change first."""
        own = tuple(own_of(module))
        return self._ordered(
            module, (test for test, one in self.tests.items() if module in one.lines or test.startswith(own))
        )

    def _ordered(self, module: str, tests: Iterable[str]) -> list[str]:
        """A module's own tests first, then one case of each other test, then the rest; the quickest first."""
        own, seen, found = tuple(own_of(module)), Counter[str](), list[tuple[bool, int, float, str]]()
        for test in sorted(tests, key=lambda one: self.tests[one].seconds):
            name = test.partition("[")[0]
            is_own = test.startswith(own)
            found.append((not is_own, 0 if is_own else min(seen[name], 1), self.tests[test].seconds, test))
            seen[name] += 1
        return [test for *_, test in sorted(found)]


def mapped(kept: Path, files: Sequence[str], jobs: int) -> Map:
    """The map, of which only that is found anew which may have changed."""
    path = kept / "map.json"
    digests = {file: _digest([Path(file)]) for file in files}
    old: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {"sources": None}
    if old["sources"] != sources():
        old = {"digests": {}, "tests": {}, "dropped": {}, "imported": {}}
    known = {file for file, digest in old["digests"].items() if digests.get(file) == digest}
    tests: dict[str, Any] = {test: one for test, one in old["tests"].items() if test.partition("::")[0] in known}
    dropped: dict[str, str] = {test: why for test, why in old["dropped"].items() if test.partition("::")[0] in known}
    imported: dict[str, list[int]] = old["imported"]
    if new := [file for file in digests if file not in known]:
        say(f"tracing the tests of {len(new)} files")
        ((_, ended),) = forks.side_by_side([("map", lambda: _found(new, jobs))], 1, silent=False)
        tests, dropped = tests | ended.value["tests"], dropped | ended.value["dropped"]
        imported = {name: sorted({*lines, *imported.get(name, ())}) for name, lines in ended.value["imported"].items()}
        kept.mkdir(parents=True, exist_ok=True)
        rows = {"tests": tests, "dropped": dropped, "imported": imported}
        path.write_text(json.dumps({"sources": sources(), "digests": digests, **rows}))
    traced = {
        test: Traced(one["seconds"], {name: frozenset(lines) for name, lines in one["lines"].items()})
        for test, one in tests.items()
    }
    return Map(files, _digest(map(Path, digests)), traced, imported, dropped)


@cache
def sources() -> str:
    """A digest of all that tests run, beside tests themselves."""
    root = ROOT.parent
    files = [file for folder in ("adapters", "generated", "tests") for file in sorted((root / folder).rglob("*.py"))]
    return _digest(file for file in files if not file.name.startswith("test_") and file.parent.name != "mutation")


def _digest(files: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.read_bytes())
    return whole.hexdigest()


def _found(files: Sequence[str], jobs: int) -> dict[str, Any]:
    coverage, found = _coverage(), dict[str, Any]()
    coverage.start()

    def act(session: pytest.Session) -> None:
        coverage.stop()
        settle(session)
        found.update(_all(session.items, jobs), imported=_lines(coverage))

    code = running.collect(files, act)
    assert found, f"pytest collects nothing ({code})"
    return found


def settle(session: pytest.Session) -> Functions:
    """Make ready for forks: caches empty, one folder for all temporary files, memory shared.

    Returns:
        The functions there are, which cannot be found any more once memory is shared.
    """
    assert not session.testsfailed, "tests cannot be collected"
    whole: Any = session.config
    whole._tmp_path_factory.getbasetemp()
    replacing.forget()
    gc.collect()
    functions = replacing.living()
    gc.freeze()
    return functions


def _all(items: Sequence[pytest.Item], jobs: int) -> dict[str, Any]:
    tests, dropped = dict[str, Any](), dict[str, str]()
    work = ((item.nodeid, lambda item=item: _trace(item)) for item in items)
    began = time.monotonic()
    for count, (test, ended) in enumerate(forks.side_by_side(work, jobs)):
        if ended.value is None:
            dropped[test] = "does not end"
        elif why := ended.value.pop("why"):
            dropped[test] = why
        elif ended.value["lines"]:
            tests[test] = ended.value
        if not count % 200:
            say(f"  {count} of {len(items)} after {time.monotonic() - began:.0f} s")
    return {"tests": tests, "dropped": dropped}


def _trace(item: pytest.Item) -> dict[str, Any]:
    coverage, began = _coverage(), time.process_time()
    coverage.start()
    told = running.run([item], {item.nodeid: LONGEST}, LONGEST)
    coverage.stop()
    seconds = time.process_time() - began
    why = "fails on the original" if told.by else f"takes {seconds:.0f} s" if seconds > LONGEST else None
    return {"seconds": round(seconds, 3), "lines": _lines(coverage), "why": why}


def _coverage() -> Coverage:
    one = Coverage(data_file=None, config_file=False, include=[str(path_of(name)) for name in modules()])
    one.set_option("run:disable_warnings", ["no-data-collected"])
    return one


def _lines(coverage: Coverage) -> dict[str, list[int]]:
    data, names = coverage.get_data(), {str(path_of(name)): name for name in modules()}
    return {names[file]: sorted(data.lines(file) or ()) for file in data.measured_files() if data.lines(file)}


@cache
def _statement(module: str, line: int) -> frozenset[int]:
    """The lines of the innermost statement around a line, without those of statements within."""
    spans = [span for span in _spans(module) if span[0] <= line <= span[1]]
    first, last = max(spans, default=(line, line), key=lambda span: (span[0], -span[1]))
    return frozenset(range(first, last + 1))


@cache
def _spans(module: str) -> tuple[tuple[int, int], ...]:
    return tuple(_heads(ast.parse(path_of(module).read_text(encoding="utf-8"))))


def _heads(tree: ast.Module) -> Iterator[tuple[int, int]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt | ast.match_case | ast.ExceptHandler):
            continue
        first = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
        within: list[Any] = getattr(node, "body", None) or getattr(node, "cases", [])
        inner = [one.pattern.lineno if isinstance(one, ast.match_case) else one.lineno for one in within]
        yield first, max(first, min(inner) - 1) if inner else getattr(node, "end_lineno", first)
