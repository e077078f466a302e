"""An environment on top of the running one, with projects installed in it that unijob's own tests do without.

`python -m tests.providers.environment FOLDER PROJECT…`
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

COMMANDS = {"pip": "pip", "pytest": "pytest", "unijob": "unijob.cli", "unijob-codegen": "unijob_codegen"}
OFFLINE = {"PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
"""What is built is built with what is there. (pip reads that 0 as "no isolation".)"""


def make(folder: Path) -> Path:
    """Make an environment that has all that the running one has.

    Returns:
        Its commands' folder.
    """
    venv.create(folder, clear=True, with_pip=False)
    places = {"base": str(folder), "platbase": str(folder)}
    below = sysconfig.get_path("purelib")
    packages = Path(sysconfig.get_path("purelib", vars=places))
    (packages / "below.pth").write_text(f"import site; site.addsitedir({below!r})\n", encoding="utf-8")
    scripts = Path(sysconfig.get_path("scripts", vars=places))
    for name, module in COMMANDS.items():
        script = scripts / name
        script.write_text(f'#!/bin/sh\nexec "{scripts.resolve()}/python" -m {module} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return scripts


def main(folder: Path, projects: list[str]) -> None:
    """Make an environment, and install projects in it."""
    scripts = make(folder)
    for project in projects:
        command = [str(scripts / "python"), "-m", "pip", "install", "--quiet", "--editable", project]
        subprocess.run(command, env={**os.environ, **OFFLINE}, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
