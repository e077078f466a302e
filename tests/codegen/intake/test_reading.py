"""Large documents are read fast, and as small ones are."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from codegen import documents
from codegen.errors import CodegenError
from codegen.intake import reading, writing
from tests.codegen.intake.samples import ROOT, own

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


@pytest.mark.parametrize("file", SPECS)
def test_the_specs_read_the_same(file: str) -> None:
    """The fast reader and the generator's give the same document."""
    data = (ROOT / "specs" / file).read_bytes()
    assert reading.parse(data, shown=file) == documents.parse(data, shown=file)


@given(st.sampled_from(["yes", "NO", "1_000", "012", "0x1F", "1e3", "-1.5", "2026-11-01", "12:30:00", "~", "Null", ""]))
def test_scalars_read_the_same(scalar: str) -> None:
    """What looks odd is text, a number or null for both readers alike."""
    data = f"openapi: 3.1.0\nx: {scalar}\n".encode()
    assert reading.parse(data, shown="x") == documents.parse(data, shown="x")


@given(st.dictionaries(text, values, min_size=1, max_size=4))
def test_what_is_written_is_read(content: dict[str, Any]) -> None:
    """Any JSON value survives being written as YAML, for both readers."""
    data = writing.dump({"openapi": "3.1.0", "x": content}, comment="A comment\nof two lines")
    assert reading.parse(data, shown="x")["x"] == content
    assert documents.parse(data, shown="x")["x"] == content


def test_json_and_yaml_are_one() -> None:
    """A document reads the same in both forms, with a byte order mark or without."""
    content = own("mka1/2026-10.yaml")
    as_json = json.dumps(content).encode()
    assert reading.parse(as_json, shown="x") == reading.parse(b"\xef\xbb\xbf" + as_json, shown="x") == content
    assert reading.parse(yaml.safe_dump(content).encode(), shown="x") == content


def test_aliases_do_not_blow_up() -> None:
    """A few lines that stand for a billion values are refused."""
    lines = ["openapi: 3.1.0", "a0: &a0 [" + ", ".join(["x"] * 20) + "]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 20)}]" for n in range(1, 8)]
    with pytest.raises(CodegenError, match="more than"):
        reading.parse("\n".join(lines).encode(), shown="x")
