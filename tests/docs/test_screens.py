"""The pictures of the pages: what commands really show, readable wherever they stand, and nothing fetched for them."""

from __future__ import annotations

import re
import sys

import pytest
from rich.text import Text

from docs.tools import drawing, screens, terminal
from docs.tools.scenes import SCENES

_STYLE = re.compile(r"^\.(s-r\d+) \{ fill: (#[0-9a-f]{6})", re.MULTILINE)
_TEXT = re.compile(r'<text class="(s-r\d+)"[^>]*>([^<]*)</text>')
_BACKGROUND = "#1b1f27"
_READABLE = 4.5
"""The contrast that WCAG 2.2 asks of text (1.4.3)."""


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_shows_what_is_printed_now(name: str) -> None:
    """Played anew, a scene gives the same bytes; else `make screens` draws it as it is now."""
    shown = (screens.PICTURES / f"{name}.svg").read_text(encoding="utf-8")
    assert screens.picture(name) == shown, f"docs/pictures/{name}.svg shows something else: make screens"


def test_every_picture_has_its_scene() -> None:
    """None is left from a scene that is no more."""
    assert {path.stem for path in screens.PICTURES.iterdir()} == set(SCENES)


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_can_be_read(name: str) -> None:
    """Each text stands out from its background, a title says what it is, and nothing is fetched."""
    shown = (screens.PICTURES / f"{name}.svg").read_text(encoding="utf-8")
    colours = dict(_STYLE.findall(shown))
    written = {style for style, text in _TEXT.findall(shown) if re.search(r"\w", text)}
    assert written
    for style in written:
        contrast = (luminance(colours[style]) + 0.05) / (luminance(_BACKGROUND) + 0.05)
        assert contrast >= _READABLE, (style, colours[style], contrast)
    assert f">{SCENES[name].told}</title>" in shown
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg\")[^\s\"<]*(?=[\"')])|url\(|@import|href", shown) == []


def test_a_screen_is_looked_at_where_it_is_marked() -> None:
    """What was drawn over is gone, colours and faint letters are kept, and the time is the command's own."""
    code = r"""
import sys
sys.stdout.write("\x1b[31mred\x1b[0m \x1b[2mfaint\x1b[0m\x1b]777;1.50\x07\r\x1b[2Kdone\n\x1b]777;2.00\x07")
"""
    environment = {"TERM": "xterm"}
    first, last = terminal.record([sys.executable, "-c", code], columns=40, lines=5, environment=environment)
    assert (first.at, first.text) == (1.5, ("red faint",))
    assert [(first.lines[0].plain[span.start : span.end], span.style) for span in first.lines[0].spans] == [
        ("red", "red"),
        (" ", "default"),
        ("faint", "bright_black"),
    ]
    assert (last.at, last.text) == (2.0, ("done",))


def test_what_goes_wrong_on_the_stage_is_told() -> None:
    """With all that was written."""
    with pytest.raises(RuntimeError, match="ended with 3:\noops"):
        terminal.record([sys.executable, "-c", "print('oops'); exit(3)"], columns=40, lines=5, environment={})


def test_who_wants_no_motion_sees_the_end() -> None:
    """The last frame stands still, unless the reader has nothing against motion."""
    frames = [terminal.Frame(at=at, lines=(Text("a"), Text("b"))) for at in (0.0, 1.0, 5.0)]
    drawn = drawing.draw(frames, title="t", told="t", columns=10)
    before, _, after = drawn.partition("@media (prefers-reduced-motion: no-preference) {")
    assert ".film { transform: translateY(-97.6px) }" in before  # two frames of two lines above the last
    assert "animation:" not in before
    assert re.findall(r"([\d.]+)% { transform: translateY\(-?([\d.]+)px\)", after) == [
        ("0.00", "0"),
        ("11.11", "48.8"),
        ("55.56", "97.6"),
    ]
