"""Scripts of lives."""

from __future__ import annotations

from typing import Any

import pytest

from unijob.errors import InvalidArgument
from unijob.sandbox.scripts import Life, Scripts, Setting

LIFE = Life(
    outcomes=("succeeded", "failed"),
    settings={
        "items": Setting(default=3, type=int, maximum=10, about=""),
        "duration": Setting(default=1.0, type=float, about=""),
        "color": Setting(default=None, type=str, choices=("red", "blue"), about=""),
        "loud": Setting(default=False, type=bool, about=""),
        "message": Setting(default="", type=str, about=""),
    },
)


@pytest.fixture
def scripts() -> Scripts:
    return Scripts({"a:job": LIFE, "a:plan": Life(settings={})})


def test_scripts_are_used_up_in_turn(scripts: Scripts) -> None:
    """Those for the next few come first, in order; then the standing one; then the defaults again."""
    scripts.add("a:job", {"items": 1})
    scripts.add("a:job", {"items": 9}, times=None)
    scripts.add("a:job", {"items": 2}, times=2)
    assert [scripts.take("a:job")["items"] for _ in range(5)] == [1, 2, 2, 9, 9]
    scripts.clear()
    assert scripts.take("a:job").settings == {
        "outcome": "succeeded",
        "items": 3,
        "duration": 1.0,
        "color": None,
        "loud": False,
        "message": "",
    }


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"outcome": "lost"}, "`outcome` must be one of succeeded, failed"),
        ({"color": "green"}, "one of red, blue"),
        ({"items": 11}, "a whole number from 0 to 10"),
        ({"items": 1.5}, "a whole number from 0 to 10"),
        ({"items": True}, "a whole number"),
        ({"items": None}, "a whole number"),
        ({"duration": -1}, "a number from 0"),
        ({"duration": "1"}, "a number from 0"),
        ({"loud": 1}, "true or false"),
        ({"message": 1}, "text"),
        ({"colour": "red"}, "it may have outcome, items, duration, color, loud, message"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(scripts: Scripts, values: dict[str, Any], wanted: str) -> None:
    """Each wrong setting is named, and the error says what it takes."""
    with pytest.raises(InvalidArgument, match=wanted) as caught:
        scripts.add("a:job", values)
    assert caught.value.argument == next(iter(values))


def test_an_unknown_kind_and_a_wrong_number_of_times(scripts: Scripts) -> None:
    """The error names the kinds there are, and what `times` takes."""
    with pytest.raises(InvalidArgument, match="it may be a:job, a:plan"):
        scripts.add("a:nothing", {})
    for times in (0, True, 1.5):
        with pytest.raises(InvalidArgument, match="`times`"):
            scripts.add("a:job", {}, times=times)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="no setting 'outcome'"):
        scripts.add("a:plan", {"outcome": "succeeded"})


def test_plain_forms(scripts: Scripts) -> None:
    """Those in force are listed with the jobs they are still for; the settings describe themselves."""
    scripts.add("a:job", {"items": 1}, times=2)
    assert [(each["kind"], each["times"]) for each in scripts.to_plain()] == [
        ("a:job", 2),
        ("a:job", None),
        ("a:plan", None),
    ]
    described = scripts.describe()["a:job"]
    assert described["outcomes"] == ["succeeded", "failed"]
    assert described["settings"]["items"] == {"default": 3, "is": "a whole number from 0 to 10", "about": ""}
