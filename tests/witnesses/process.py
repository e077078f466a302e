"""The helper process in which a vendor's client runs: asked and answered in JSON lines."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 600
"""Seconds for one answer, on a machine that is busy with something else."""


class Process:
    """A vendor's client in an environment of its own.

    Args:
        python: the environment's interpreter.
        vendor: the module under `tests/witnesses/vendor` that knows the client.
    """

    def __init__(self, python: Path, vendor: str) -> None:
        self._process = subprocess.Popen(
            [python, "-W", "ignore::DeprecationWarning", "-m", "tests.witnesses.vendor", vendor],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, do: str, **question: Any) -> Any:
        """Put one question."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        overdue = threading.Timer(PATIENCE, self._process.kill)
        overdue.start()
        try:
            self._process.stdin.write(json.dumps({"do": do, **question}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            overdue.cancel()
        if not line:
            raise AssertionError(f"the witness ended ({self._process.wait()}); what it said stands above")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()
