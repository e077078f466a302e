"""Draws what stood on a terminal's screen as SVG, moving where there are several frames; it fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from io import StringIO

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from docs.tools.terminal import Frame

_BACKGROUND, _TEXT = (27, 31, 39), (214, 219, 228)
_NORMAL = (
    *(_BACKGROUND, (255, 123, 114), (126, 211, 133), (229, 192, 96)),
    *((110, 168, 254), (219, 148, 240), (86, 200, 216), _TEXT),
)
_BRIGHT = (
    *((139, 148, 164), (255, 150, 142), (150, 225, 156), (240, 208, 120)),
    *((140, 190, 255), (230, 170, 246), (120, 220, 232), (255, 255, 255)),
)
_THEME = TerminalTheme(_BACKGROUND, _TEXT, [*_NORMAL], [*_BRIGHT])
_FONT = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace'
_MOTION = "@media (prefers-reduced-motion: no-preference)"
_LINE, _MARGIN, _BAR = 24.4, 14, 38
"""Pixels: what rich takes for a line, around the screen, and above it."""
_HOLD = 4.0
"""Seconds that the end of a film stays."""
_FORMAT = "{styles}\n---\n{backgrounds}\n{matrix}\n---\n{terminal_width}"
_NEEDLESS = re.compile(r' clip-path="url\(#[^"]*\)"|<text [^>]*>\n</text>')
"""The window clips, and the ends of lines show nothing."""


def draw(frames: Sequence[Frame], *, title: str, told: str, columns: int) -> str:
    """Draw frames, one below the other behind a window that moves from one to the next.

    Args:
        frames: at least one; where several, they take as long as their times say.
        title: of the window.
        told: what it shows, for those who do not see it.
        columns: the screen's width.
    """
    height = max(len(frame.lines) for frame in frames)
    styles, matrix, width = _strip(frames, height=height, columns=columns)
    motion = _motion(frames, height) if len(frames) > 1 else ""
    tall = height * _LINE
    end = (len(frames) - 1) * tall
    whole, high = width + 2 * _MARGIN, tall + _BAR + _MARGIN
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole:g} {high:g}" role="img" aria-labelledby="title">
<title id="title">{escape(told)}</title>
<style>
.s-matrix {{ font-family: {_FONT}; font-size: 20px; white-space: pre }}
.title {{ font-family: system-ui, sans-serif; font-size: 16px; fill: #8b94a4; text-anchor: middle }}
.film {{ transform: translateY({-end:g}px) }}
{styles}
{motion}</style>
<rect x=".5" y=".5" width="{whole - 1:g}" height="{high - 1:g}" rx="8" fill="#1b1f27" stroke="#4a5162"/>
<circle cx="20" cy="19" r="6" fill="#ff5f57"/>
<circle cx="40" cy="19" r="6" fill="#febc2e"/>
<circle cx="60" cy="19" r="6" fill="#28c840"/>
<text class="title" x="{whole / 2:g}" y="25">{escape(title)}</text>
<svg x="{_MARGIN}" y="{_BAR}" width="{width:g}" height="{tall:g}">
<g class="film"><g class="s-matrix">
{matrix}
</g></g>
</svg>
</svg>
"""


def _strip(frames: Sequence[Frame], *, height: int, columns: int) -> tuple[str, str, float]:
    """All frames below each other, as rich draws them: the styles, the letters, and the width."""
    console = Console(
        file=StringIO(),
        width=columns,
        record=True,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    for frame in frames:
        for line in (*frame.lines, *[Text()] * (height - len(frame.lines))):
            console.print(line, soft_wrap=True, highlight=False)
    drawn = console.export_svg(theme=_THEME, code_format=_FORMAT, unique_id="s")
    styles, matrix, width = drawn.split("\n---\n")
    lines = (line for line in _NEEDLESS.sub("", matrix).splitlines() if line.strip())
    return styles.strip(), "\n".join(lines), float(width)


def _motion(frames: Sequence[Frame], height: int) -> str:
    """Keyframes for the times of the frames; who wants no motion sees the last one."""
    began = frames[0].at
    lasts = frames[-1].at - began + _HOLD
    steps = "\n".join(
        f"{(frame.at - began) / lasts:.2%} {{ transform: translateY({-index * height * _LINE:g}px) }}"
        for index, frame in enumerate(frames)
    )
    film = f"{{ .film {{ animation: film {lasts:g}s step-end infinite }} }}"
    return f"{_MOTION} {film}\n@keyframes film {{\n{steps}\n}}\n"
