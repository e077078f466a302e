"""The page of settings names each, with its default."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from unijob import JobClient, Poll, Retry

PAGE = Path(__file__).parents[3] / "docs" / "client.md"
_ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<default>[^|]+) \|", re.MULTILINE)
NOT_SETTINGS = {"accounts", "env", "clock", "random"}
"""What a client is given to work with."""


def defaults(type_: type) -> dict[str, Any]:
    """Each argument's default."""
    return {name: one.default for name, one in inspect.signature(type_).parameters.items() if name not in NOT_SETTINGS}


@pytest.mark.parametrize(("type_", "heading"), [(JobClient, "argument"), (Retry, "of `Retry`"), (Poll, "of `Poll`")])
def test_each_setting_stands_there(type_: type, heading: str) -> None:
    """None more, none less, and the defaults are true."""
    text = PAGE.read_text(encoding="utf-8")
    table = text[text.index(f"| {heading}") :].split("\n\n")[0]
    told = {row["name"]: row["default"].strip() for row in _ROW.finditer(table)}
    real = {name: default for name, default in defaults(type_).items() if default is not None}
    made = {"retry": "`Retry()`", "hooks": "`Hooks()`"}
    assert told.keys() == defaults(type_).keys()
    assert {name: told[name] for name in made.keys() & told.keys()} == {k: v for k, v in made.items() if k in told}
    for name, default in real.items():
        assert float(told[name].replace("False", "0")) == default, name
