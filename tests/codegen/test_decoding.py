"""Large documents are read fast, and as small ones are."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.codegen.intake.samples import ROOT, own
from unijob_codegen import decoding
from unijob_codegen.errors import CodegenError
from unijob_codegen.intake import writing

SPECS = sorted(path.relative_to(ROOT / "specs").as_posix() for path in (ROOT / "specs").glob("*/2*.yaml"))
ODD = [
    "yes",
    "no",
    "on",
    "null",
    "~",
    "1e3",
    "-0",
    "0o7",
    "1_0",
    "2026-11-01",
    "12:30",
    "=",
    "<<",
    "",
    "- a",
    "#",
    "*a",
]
text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(ODD)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | text
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3))


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("yes", "yes"),
        ("NO", "NO"),
        ("1_000", "1_000"),
        ("012", "012"),
        ("0x1F", "0x1F"),
        ("1e3", 1000.0),
        ("-1.5", -1.5),
        ("7", 7),
        ("2026-11-01", "2026-11-01"),
        ("12:30:00", "12:30:00"),
        ("~", None),
        ("Null", None),
        ("", None),
        ("True", True),
    ],
)
def test_scalars_are_those_of_json(scalar: str, value: object) -> None:
    """What YAML 1.1 takes for a date, an octal or a truth value is text."""
    read = decoding.parse(f"openapi: 3.1.0\nx: {scalar}\n".encode(), shown="x")["x"]
    assert (type(read), read) == (type(value), value)


@given(st.dictionaries(text, values, min_size=1, max_size=4))
def test_what_is_written_is_read(content: dict[str, Any]) -> None:
    """Any JSON value survives being written as YAML."""
    data = writing.dump({"openapi": "3.1.0", "x": content}, comment="A comment\nof two lines")
    assert decoding.parse(data, shown="x")["x"] == content


def test_json_and_yaml_are_one() -> None:
    """A document reads the same in both forms, with a byte order mark or without."""
    content = own("mka1/2026-10.yaml")
    as_json = json.dumps(content).encode()
    assert decoding.parse(as_json, shown="x") == decoding.parse(b"\xef\xbb\xbf" + as_json, shown="x") == content
    assert decoding.parse(yaml.safe_dump(content).encode(), shown="x") == content


def test_aliases_do_not_blow_up() -> None:
    """A few lines that stand for a billion values are refused."""
    lines = ["openapi: 3.1.0", "a0: &a0 [" + ", ".join(["x"] * 20) + "]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 20)}]" for n in range(1, 8)]
    with pytest.raises(CodegenError, match="more than"):
        decoding.parse("\n".join(lines).encode(), shown="x")
