"""Both clients have the same methods, with the same parameters and words."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

import unijob
import unijob.sync

HERE_ONLY = {"close"}
"""The other client is closed by `async with` alone."""


def methods(type_: type) -> dict[str, Callable[..., Any]]:
    """The public methods of a class, its own and inherited ones, as functions."""
    found = {name: inspect.getattr_static(type_, name) for name in dir(type_) if not name.startswith("_")}
    return {name: getattr(one, "__func__", one) for name, one in found.items()}


ASYNC, SYNC = methods(unijob.JobClient), methods(unijob.sync.JobClient)


def without_async(annotation: object) -> str:
    """How an annotation reads where nothing is asynchronous."""
    return re.sub(r"AsyncGenerator\[(.*), None\]", r"Generator[\1, None, None]", str(annotation))


def test_every_method_is_in_both() -> None:
    """None more, none less."""
    assert set(SYNC) - HERE_ONLY == set(ASYNC)


@pytest.mark.parametrize("name", ["__init__", *ASYNC])
def test_parameters_are_the_same(name: str) -> None:
    """Their names, kinds, defaults and types, and what is returned."""
    ours, theirs = (inspect.signature(getattr(type_, name)) for type_ in (unijob.sync.JobClient, unijob.JobClient))
    assert list(ours.parameters.values()) == list(theirs.parameters.values())
    assert ours.return_annotation == without_async(theirs.return_annotation)


@pytest.mark.parametrize("name", ASYNC)
def test_docstrings_are_the_same(name: str) -> None:
    """But for the one word that tells how to leave early."""
    expected = inspect.getdoc(ASYNC[name])
    assert expected is not None
    assert inspect.getdoc(SYNC[name]) == expected.replace("contextlib.aclosing", "contextlib.closing")


@pytest.mark.parametrize("name", SYNC)
def test_nothing_here_is_asynchronous(name: str) -> None:
    """An ordinary function that returns when it is done, or an ordinary generator."""
    assert not inspect.iscoroutinefunction(SYNC[name])
    assert not inspect.isasyncgenfunction(SYNC[name])


def test_arguments_of_the_clients_are_told_alike() -> None:
    """The class docstrings differ in how a client is used only."""
    ours, theirs = (str(inspect.getdoc(type_)) for type_ in (unijob.sync.JobClient, unijob.JobClient))
    assert ours[ours.index("Args:") :] == theirs[theirs.index("Args:") :]
