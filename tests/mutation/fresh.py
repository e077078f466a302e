"""Imports a mutant in place of its module, where nothing was imported before, and runs tests on it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType

import pytest

from tests.mutation import running
from tests.mutation.finding import Mutant, compiled, path_of
from tests.mutation.running import Told


class _Loader(SourceFileLoader):
    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(path_of(mutant.module)))
        self._source = mutant.changed

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        return compiled(self._source, self.path)


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        return spec_from_file_location(fullname, path_of(fullname), loader=_Loader(self._mutant))


def run(mutant: Mutant | None, tests: Sequence[str], usual: Mapping[str, float], budget: float) -> Told:
    """Run tests on a mutant, or on the original, in this process.

    Args:
        mutant: what is imported; None for the original.
        tests: their ids, in order.
        usual: seconds of processor time that each takes on the original.
        budget: seconds of processor time after which no further test is begun.
    """
    loaded = [name for name in sys.modules if name.split(".")[0] in {"unijob", "unijob_models"}]
    assert not loaded, f"already loaded, so that no mutant would be: {', '.join(loaded)}"
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
    told = list[Told]()

    def act(session: pytest.Session) -> None:
        if session.testsfailed:
            told.append(Told(by="collecting"))
            return
        items = {item.nodeid: item for item in session.items}
        told.append(running.run([items[test] for test in tests if test in items], usual, budget))

    code = running.collect(list(dict.fromkeys(test.partition("::")[0] for test in tests)), act)
    return told[0] if told else Told(by=f"collecting ({code})")
