"""The fenced blocks of the project's pages, and what the comments before them say.

`<!-- not run: why -->` before a block: it cannot be run here; Python is still compiled.
`<!-- setup … -->`: Python that is run at that place, and that readers do not see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
ADD_A_PROVIDER = "docs/add-a-provider.md"
"""Its blocks are files and commands of a project of its own, which test_guide.py makes."""
PAGES = (
    "README.md",
    *sorted({str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")} - {ADD_A_PROVIDER}),
)

_FENCE = re.compile(r"""^(?P<indent> *)```(?P<language>[^\s`]*)(?: title="(?P<title>[^"]+)")?[^`]*$""")
_NOT_RUN = re.compile(r"<!-- not run: (?P<why>(?:(?!-->).)+?) -->\s*\Z", re.DOTALL)
_SETUP = re.compile(r"<!-- setup\n(?P<code>.*?)-->", re.DOTALL)


@attrs.frozen(kw_only=True)
class Block:
    """A fenced block, or a hidden setup.

    Args:
        page: where it stands.
        line: the number of its first line.
        language: what follows the fence; `setup` for a hidden one.
        text: what it holds.
        title: the file that it stands for, where it says so.
        not_run: why it cannot be run, where it says so.
    """

    page: str
    line: int
    language: str
    text: str
    title: str | None = None
    not_run: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str, text: str | None = None) -> Iterator[Block]:
    """Every block of a page, in order.

    Args:
        page: its path from the project's root.
        text: what stands on it; what the file holds if None.
    """
    lines = ((ROOT / page).read_text(encoding="utf-8") if text is None else text).splitlines()
    between: list[str] = []
    number = 0
    while number < len(lines):
        found = _FENCE.match(lines[number])
        if found is None:
            between.append(lines[number])
            number += 1
            continue
        indent = found["indent"]
        end = next((n for n in range(number + 1, len(lines)) if lines[n].rstrip() == f"{indent}```"), len(lines))
        before = "\n".join(between)
        yield from _setups(page, number, before)
        why = _NOT_RUN.search(before)
        yield Block(
            page=page,
            line=number + 2,
            language=found["language"],
            title=found["title"],
            text="".join(f"{line.removeprefix(indent)}\n" for line in lines[number + 1 : end]),
            not_run=" ".join(why["why"].split()) if why else None,
        )
        between = []
        number = end + 1


def _setups(page: str, fence: int, before: str) -> Iterator[Block]:
    for found in _SETUP.finditer(before):
        line = fence - before.count("\n", found.start("code"))
        yield Block(page=page, line=line, language="setup", text=found["code"])
