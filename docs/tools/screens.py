"""Makes the pictures of the pages: docs/pictures/*.svg, each of a scene that is really played in a terminal.

`make screens` runs it: `python -m docs.tools.screens`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from docs.tools.drawing import draw
from docs.tools.scenes import SCENES, Scene
from docs.tools.terminal import Frame, record

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
_LINES = 60
_EACH = 1.0
"""Seconds between two frames of a film."""


def picture(name: str) -> str:
    """Play a scene, and draw what stood on its screen."""
    scene = SCENES[name]
    frames = played(name, scene)
    shown = frames if scene.moves else frames[-1:]
    return draw(shown, title=scene.title, told=scene.told, columns=scene.columns)


def played(name: str, scene: Scene) -> list[Frame]:
    """The frames of a scene: one a second where something changed, and the last."""
    with tempfile.TemporaryDirectory() as home:
        seen = record(
            [sys.executable, "-m", "docs.tools.stage", name],
            columns=scene.columns,
            lines=_LINES,
            environment=_environment(home),
        )
    frames = seen[:1]
    for frame in seen[1:-1]:
        if frame.at - frames[-1].at >= _EACH and frame.text != frames[-1].text:
            frames.append(frame)
    return [*frames, seen[-1]]


def _environment(home: str) -> dict[str, str]:
    """A clean environment, so that the picture depends on nobody's settings."""
    paths = (ROOT, ROOT / "adapters", ROOT / "generated")
    return {
        "HOME": home,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "TERM": "xterm-256color",
        "UNIJOB_CONFIG": os.devnull,
        "UNIJOB_RECENT": "off",
        "no_proxy": "127.0.0.1",
    }


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for each in SCENES:
        (PICTURES / f"{each}.svg").write_text(picture(each), encoding="utf-8")
