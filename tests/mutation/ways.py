"""The two ways in which tests are run on mutants: on living functions in place, and on a module imported afresh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import attrs
import pytest

from tests.mutation import forks, fresh, replacing, running
from tests.mutation.finding import Mutant, path_of
from tests.mutation.mapping import Map, settle
from tests.mutation.replacing import Functions, NotInPlace
from tests.mutation.reporting import Results
from tests.mutation.running import Told, say
from tests.mutation.selection import own_of

FILES = 6
"""So many files of tests beside a module's own are collected for what is imported afresh."""
AFRESH = {"afresh": True}


@attrs.frozen(kw_only=True)
class Runner:
    """Runs tests on mutants, and keeps what became of each.

    Args:
        known: which tests run what.
        results: where it is kept, by module.
        budget: seconds of processor time for the tests of one mutant.
        jobs: how many forks at a time.
    """

    known: Map
    results: Mapping[str, Results]
    budget: float
    jobs: int

    def run(self, mutants: Sequence[Mutant]) -> None:
        """Run tests on mutants, which are in order of their modules: in place, and afresh where that does not do."""
        left = self._left(mutants)
        say(f"{len(left)} of {len(mutants)} mutants are left")
        if in_place := [one for one in left if not self.results[one.module].is_for_import(one)]:
            list(forks.side_by_side([("in place", partial(self._in_place, in_place))], 1, silent=False))
        for module, ones in groupby(left, key=lambda one: one.module):
            self.results[module].read()
            if afresh := self._left(list(ones)):
                self._afresh(module, afresh)

    def _left(self, mutants: Sequence[Mutant]) -> list[Mutant]:
        return [one for one in mutants if not self.results[one.module].settled(one, self.budget)]

    def _in_place(self, mutants: Sequence[Mutant]) -> None:
        """Collect tests once, and change the functions that live then, each time in a fork."""

        def act(session: pytest.Session) -> None:
            place = _Place({item.nodeid: item for item in session.items}, settle(session), self.known, self.budget)
            for module, ones in groupby(mutants, key=lambda one: one.module):
                some = list(ones)
                say(f"{module}: {len(some)} mutants")
                place.drop_what_fails(module)
                for mutant, ended in forks.side_by_side(((one, partial(place.on, one)) for one in some), self.jobs):
                    self._keep(mutant, ended)

        running.collect(self.known.files, act)

    def _keep(self, mutant: Mutant, ended: forks.Ended) -> None:
        at_import = self.known.at_import(mutant.module, mutant.line)
        kept = self.results[mutant.module]
        if ended.value == AFRESH:
            kept.add(mutant, Told(), self.budget, afresh=True, in_place=False)
        else:
            told = _told(ended)
            kept.add(mutant, told, self.budget, afresh=told.by is None and at_import)
            if not at_import:
                _name_survivor(mutant, told)

    def _afresh(self, module: str, mutants: Sequence[Mutant]) -> None:
        """Run a module's own tests on mutants, and on those that survive these also others."""
        say(f"{module}: {len(mutants)} mutants, imported afresh")
        left = dict.fromkeys(mutants, Told())
        for tests in self._rounds(module):
            work = ((one, partial(self._on_import, one, tests)) for one in [None, *left])
            for mutant, ended in forks.side_by_side(work, self.jobs):
                told = _told(ended)
                if mutant is None:
                    assert told.by is None, f"{module}: tests fail on the original: {told}"
                elif told.by is None:
                    left[mutant] = told
                else:
                    self._keep_of_import(mutant, told)
                    del left[mutant]
        for mutant, told in left.items():
            self._keep_of_import(mutant, told)

    def _keep_of_import(self, mutant: Mutant, told: Told) -> None:
        kept = self.results[mutant.module]
        kept.add(mutant, told, self.budget, in_place=not kept.is_for_import(mutant))
        _name_survivor(mutant, told)

    def _rounds(self, module: str) -> Iterator[list[str]]:
        every, own = self.known.using(module), tuple(own_of(module))
        others, lines = [test for test in every if not test.startswith(own)], dict[str, set[int]]()
        yield [test for test in every if test.startswith(own)]
        for test in others:
            lines.setdefault(test.partition("::")[0], set()).update(self.known.tests[test].lines.get(module, ()))
        chosen = sorted(lines, key=lambda file: -len(lines[file]))[:FILES]
        yield [test for test in others if test.partition("::")[0] in chosen]

    def _on_import(self, mutant: Mutant | None, tests: Sequence[str]) -> dict[str, Any]:
        return attrs.asdict(fresh.run(mutant, tests, self.known.usual(), self.budget) if tests else Told())


@attrs.frozen
class _Place:
    """Where tests and functions live."""

    items: Mapping[str, pytest.Item]
    functions: Functions
    known: Map
    budget: float

    def on(self, mutant: Mutant) -> dict[str, Any]:
        path = path_of(mutant.module)
        try:
            replacing.replace(path.read_text(encoding="utf-8"), mutant.changed, str(path), self.functions)
        except NotInPlace:
            return AFRESH
        return self._told(self.known.telling(mutant.module, mutant.line))

    def on_the_same(self, module: str) -> dict[str, Any]:
        """Tests on functions whose code was replaced by the same code."""
        path = path_of(module)
        replacing.renew(path.read_text(encoding="utf-8"), str(path), self.functions)
        return self._told(self.known.using(module))

    def drop_what_fails(self, module: str) -> None:
        """Leave out tests that fail though nothing is changed."""
        while True:
            ((_, ended),) = forks.side_by_side([(module, partial(self.on_the_same, module))], 1)
            failed = _told(ended).by
            if failed is None:
                return
            say(f"not run any more, since it fails on the original: {failed}")
            del self.known.tests[failed]

    def _told(self, tests: Sequence[str]) -> dict[str, Any]:
        return attrs.asdict(running.run([self.items[test] for test in tests], self.known.usual(), self.budget))


def _told(ended: forks.Ended) -> Told:
    return Told(by="time", ran=1) if ended.value is None else Told(**ended.value)


def _name_survivor(mutant: Mutant, told: Told) -> None:
    if told.by is None:
        say(f"  survived {told.ran} tests{' (cut)' * told.cut}: {mutant.line} {mutant.change}")
