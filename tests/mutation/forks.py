"""Runs tests on a changed module: in a fork, so that nothing is loaded twice and no file is touched."""

from __future__ import annotations

import importlib
import os
import resource
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType

import attrs
import pytest

from tests.mutation.finding import Mutant, path_of

LOADED = ("aiohttp.web", "attrs", "cattrs", "hypothesis.strategies", "jsonschema_rs", "openapi_core", "orjson", "rich")
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "--no-header", "--tb=no")
PATIENCE = 1200
"""Seconds on the wall after which a run that waits for something is broken off."""


@attrs.frozen
class Ended:
    """How a run of tests ended: pytest's code, or None where it was broken off; and its seconds of processor time."""

    code: int | None
    seconds: float

    @property
    def killed(self) -> bool:
        """Whether the tests saw that something is wrong."""
        return self.code != pytest.ExitCode.OK


class _Loader(SourceFileLoader):
    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(path_of(mutant.module)))
        self._source = mutant.source()

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        code: CodeType = compile(self._source, self.path, "exec", dont_inherit=True)
        return code


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        return spec_from_file_location(fullname, path_of(fullname), loader=_Loader(self._mutant))


def preload() -> None:
    """Load what no mutant changes, once for all forks."""
    for name in LOADED:
        importlib.import_module(name)
    loaded = [name for name in sys.modules if name.split(".")[0] in {"unijob", "unijob_models"}]
    assert not loaded, f"already loaded, so that no mutant would be: {', '.join(loaded)}"


def run(work: Iterable[tuple[Mutant | None, Sequence[str], float]], jobs: int) -> Iterator[tuple[Mutant | None, Ended]]:
    """Run tests on mutants, so many at a time, and tell of each as it ends.

    Args:
        work: mutants (None for the original), each with the tests to run on it and the processor time it may take.
        jobs: how many at a time.
    """
    running: dict[int, Mutant | None] = {}
    for mutant, tests, seconds in work:
        while len(running) >= jobs:
            yield _ended(running)
        running[_start(mutant, tests, seconds)] = mutant
    while running:
        yield _ended(running)


def _ended(running: dict[int, Mutant | None]) -> tuple[Mutant | None, Ended]:
    process, status, usage = os.wait3(0)
    code = os.waitstatus_to_exitcode(status)
    return running.pop(process), Ended(code if code >= 0 else None, usage.ru_utime + usage.ru_stime)


def _start(mutant: Mutant | None, tests: Sequence[str], seconds: float) -> int:
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
        signal.alarm(PATIENCE)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        if mutant is not None:
            sys.meta_path.insert(0, _Finder(mutant))
        code = int(pytest.main([*OPTIONS, *tests]))
    finally:
        os._exit(code)
