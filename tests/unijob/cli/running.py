"""What a command that a test runs gives."""

from __future__ import annotations

import json
from typing import Any, Protocol

import attrs

CANARY = "canary-4f1d0c9e7b"


@attrs.frozen
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Run(Protocol):
    """Runs a command."""

    def __call__(self, *args: str, env: dict[str, str | None] | None = None, stdin: str | None = None) -> Ended: ...
