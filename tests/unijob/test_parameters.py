"""Parameters are written in their style, and read back by the contract engine as they were."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unijob.errors import InvalidArgument
from unijob.parameters import header_text, path_text, query_pairs, query_string
from unijob_models.runtime import Location, Parameter


def parameter(location: Location, style: str, *, explode: bool = False) -> Parameter:
    return Parameter(name="p", argument="p", location=location, required=True, style=style, explode=explode)


COLOURS, POINT = ["blue", "black"], {"R": 100, "G": 200}

PATHS: list[tuple[str, bool, Any, str]] = [
    ("simple", False, "blue", "blue"),
    ("simple", False, COLOURS, "blue,black"),
    ("simple", False, POINT, "R,100,G,200"),
    ("simple", True, POINT, "R=100,G=200"),
    ("label", False, "blue", ".blue"),
    ("label", False, COLOURS, ".blue,black"),
    ("label", True, COLOURS, ".blue.black"),
    ("label", False, POINT, ".R,100,G,200"),
    ("label", True, POINT, ".R=100.G=200"),
    ("matrix", False, "blue", ";p=blue"),
    ("matrix", False, COLOURS, ";p=blue,black"),
    ("matrix", True, COLOURS, ";p=blue;p=black"),
    ("matrix", False, POINT, ";p=R,100,G,200"),
    ("matrix", True, POINT, ";R=100;G=200"),
]


@pytest.mark.parametrize(("style", "explode", "value", "text"), PATHS)
def test_paths_are_written_in_their_style(style: str, explode: bool, value: Any, text: str) -> None:  # noqa: FBT001
    """As the table of OpenAPI's styles has it."""
    assert path_text(parameter("path", style, explode=explode), value) == text


QUERIES: list[tuple[str, bool, Any, str]] = [
    ("form", True, "blue", "p=blue"),
    ("form", True, COLOURS, "p=blue&p=black"),
    ("form", False, COLOURS, "p=blue,black"),
    ("form", True, POINT, "R=100&G=200"),
    ("form", False, POINT, "p=R,100,G,200"),
    ("spaceDelimited", False, COLOURS, "p=blue%20black"),
    ("pipeDelimited", False, COLOURS, "p=blue%7Cblack"),
    ("deepObject", True, POINT, "p%5BR%5D=100&p%5BG%5D=200"),
    ("form", True, "a&b=c d+é", "p=a%26b%3Dc%20d%2B%C3%A9"),
]


@pytest.mark.parametrize(("style", "explode", "value", "text"), QUERIES)
def test_queries_are_written_in_their_style(style: str, explode: bool, value: Any, text: str) -> None:  # noqa: FBT001
    """As the table of OpenAPI's styles has it, all but the delimiters percent-encoded."""
    assert query_string(query_pairs(parameter("query", style, explode=explode), value)) == text


class Colour(StrEnum):
    BLUE = "blue"


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (3, "3"), (0.5, "0.5"), (Colour.BLUE, "blue")])
def test_scalars_are_written_as_json_would(value: Any, text: str) -> None:
    """Booleans are lower-case, enums their value."""
    assert query_pairs(parameter("query", "form", explode=True), value) == [("p", text)]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text not in {".", ".."}))
def test_any_id_is_one_safe_segment(text: str) -> None:
    """Slashes, dots, percent signs and control characters in an id stay in its segment."""
    written = path_text(parameter("path", "simple"), text)
    assert unquote(written) == text
    assert written.isascii()
    assert not set(written) & set("/?#\r\n ")


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_an_id_that_would_be_resolved_away_is_refused(text: str) -> None:
    """Empty, `.` and `..` never go into a path, in whatever encoding."""
    with pytest.raises(InvalidArgument, match=r"must not be empty"):
        path_text(parameter("path", "simple"), text)


@pytest.mark.parametrize("text", ["a\r\nb", "a\nb", "é", "\x00"])
def test_headers_hold_no_line_breaks(text: str) -> None:
    """What could end a header is refused."""
    with pytest.raises(InvalidArgument, match="printable ASCII"):
        header_text(parameter("header", "simple"), text)


def test_headers_are_written_in_their_style() -> None:
    """Lists and objects are joined by commas."""
    assert header_text(parameter("header", "simple"), COLOURS) == "blue,black"
    assert header_text(parameter("header", "simple"), POINT) == "R,100,G,200"
    assert header_text(parameter("header", "simple", explode=True), POINT) == "R=100,G=200"


@pytest.mark.parametrize("value", [None, object(), "\ud800"])
def test_what_no_parameter_can_be_is_refused(value: Any) -> None:
    """Objects of other types and broken Unicode are an InvalidArgument, not a crash."""
    with pytest.raises(InvalidArgument):
        path_text(parameter("path", "simple"), value)
