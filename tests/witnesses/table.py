"""The table of known disagreements, `differences.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_args

import attrs

from tests.witnesses.found import Found, Side

PATH = Path(__file__).with_name("differences.toml")


@attrs.frozen(kw_only=True)
class Line:
    """One line: the disagreements it tells of, and why they are."""

    contract: str
    side: str = attrs.field(validator=attrs.validators.in_(get_args(Side)))
    operation: tuple[str, ...]
    where: tuple[str, ...]
    what: tuple[str, ...]
    reason: str

    def tells_of(self, found: Found) -> bool:
        """Tell whether a disagreement is one of this line's."""
        return (
            (found.contract, found.side) == (self.contract, self.side)
            and _fits(found.operation, self.operation)
            and _fits(found.where, self.where)
            and _fits(found.what, self.what)
        )


def _fits(text: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _several(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def lines() -> list[Line]:
    """Read the table, a line for each contract."""
    found: list[Line] = []
    for row in tomllib.loads(PATH.read_text("utf-8"))["difference"]:
        found += [
            Line(
                contract=contract,
                side=row["side"],
                operation=_several(row["operation"]),
                where=_several(row["where"]),
                what=_several(row["what"]),
                reason=row["reason"],
            )
            for contract in row["contracts"]
        ]
    return found


LINES = lines()


def news(found: Iterable[Found]) -> list[str]:
    """The disagreements that no line tells of, sorted."""
    return sorted(str(one) for one in found if not any(line.tells_of(one) for line in LINES))


def past(contract: str, found: Iterable[Found]) -> list[str]:
    """The lines of a contract that tell of nothing that was found."""
    told = list(found)
    return [
        f"{line.contract} {'/'.join(line.operation)}: {line.side} at {' or '.join(line.where)}: {line.reason}"
        for line in LINES
        if line.contract == contract and not any(map(line.tells_of, told))
    ]
