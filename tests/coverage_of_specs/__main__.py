"""`make coverage-specs`: how much of each contract the tests exercise, and which gaps are named with what reason."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.coverage_of_specs.exercise import Reached, contracts, status_lines


def main() -> int:
    """Print the report.

    Returns:
        0 where every gap has a reason.
    """
    named: Counter[str] = Counter()
    gaps: list[str] = []
    for reached in contracts():
        print(f"{reached.name}: {_told(reached)}", flush=True)
        named.update(reached.reasons.values())
        unheld = [place for place, seen in reached.held.items() if not seen]
        unbroken = [place for place, seen in reached.broken.items() if not seen and place not in reached.reasons]
        gaps += [f"{reached.name}: {'/'.join(place)} never holds a value" for place in sorted(unheld)]
        gaps += [f"{reached.name}: {'/'.join(place)} is never broken" for place in sorted(unbroken)]
        gaps += [f"{reached.name}: refused, though allowed: {told}" for told in reached.refused]
        gaps += [f"{reached.name}: not found: {told}" for told in reached.unseen]
        gaps += [f"{reached.name}: {answer} is never seen" for answer, seen in reached.answers.items() if not seen]
        gaps += [f"{reached.name}: {value} is never seen" for value, seen in reached.values.items() if not seen]
    lines = status_lines()
    gaps += [f"{line} is never read" for line, seen in lines.items() if not seen]
    print(f"status tables: {_share(lines)} lines")
    print("\nNamed gaps:", *(f"{count:4} {why}" for why, count in named.most_common()), sep="\n  ")
    print(*(["\nGaps without a reason:", *gaps] if gaps else []), sep="\n  ")
    return 1 if gaps else 0


def _told(reached: Reached) -> str:
    return (
        f"{_share(reached.answers)} operations and statuses, {_share(reached.values)} enum values, "
        f"{_share(reached.held)} keywords held, {_share(reached.broken)} broken"
    )


def _share(found: Mapping[Any, bool]) -> str:
    return f"{sum(found.values())} of {len(found)}"


if __name__ == "__main__":
    sys.exit(main())
