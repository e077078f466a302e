"""Writes what the code knows of kinds: docs/states.md, and the table of kinds in the README.

`make` runs it: `python docs/tools/states.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from unijob import catalog, registry
from unijob.kinds import AnyKind, JobKind, StatusTable
from unijob.tables import members

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGE = ROOT / "docs" / "states.md"

_BEGIN, _END = "<!-- kinds: written by docs/tools/states.py -->\n", "<!-- end of kinds -->\n"
_HEAD = """\
# What every status means

Written by `make` from the tables that read answers; do not edit. [One Job](jobs.md) says what the
states are, and how counts and second signals refine them. A value that no table lists is `unknown`, with a warning.
"""
_COLUMNS = ("get", "list", "start", "cancel")
_SAYS_NOTHING = "says nothing: another signal decides"
_ABSENT = "there is no such job"


def page() -> str:
    """Write the page."""
    return "\n".join(
        [_HEAD, *(_section(info) for info in catalog.kinds() if registry.kind(info.name).tables)]
    )


def readme(text: str) -> str:
    """Put the table of kinds into the README's text."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{table_of_kinds()}\n{_END}{after}"


def table_of_kinds() -> str:
    """Write what each kind can do."""
    infos = catalog.kinds()
    able = {info.name: info.capabilities[max(info.capabilities)] for info in infos}
    jobs = {name: found for name, found in able.items() if isinstance(registry.kind(name), JobKind)}
    lines = [
        "| kind | " + " | ".join(_COLUMNS) + " | also |",
        "| --- |" + " --- |" * (len(_COLUMNS) + 1),
    ]
    for info in infos:
        if info.name in jobs:
            ticks = " | ".join(_tick(info, role) for role in _COLUMNS)
            lines.append(f"| `{info.name}` | {ticks} | {_also(info, jobs[info.name])} |")
    schedules = [
        f"`{name}` ({', '.join(found)})" for name, found in able.items() if name not in jobs
    ]
    return "\n".join([*lines, "", f"Schedules: {'; '.join(schedules)}.", ""])


def _tick(info: catalog.KindInfo, role: str) -> str:
    """Say whether a kind can do something, and since when if it could not always."""
    able = [revision for revision, found in info.capabilities.items() if role in found]
    if len(able) == len(info.capabilities):
        return "✓"
    return f"since {able[0]}" if able else ""


def _also(info: catalog.KindInfo, found: tuple[str, ...]) -> str:
    others = [role.replace("_", " ") for role in found if role not in {*_COLUMNS, "pieces"}]
    return ", ".join([*others, *(f"its `{pieces}`" for pieces in info.pieces)])


def _section(info: catalog.KindInfo) -> str:
    kind = registry.kind(info.name)
    revisions = registry.revisions(kind.provider)
    lines = [f"## `{info.name}`", "", f"{info.title.capitalize()}: `{info.reference}`.", ""]
    for table in kind.tables:
        lines += [f"`{table.enum}`:", "", *_rows(kind, table, revisions), ""]
    return "\n".join(lines)


def _rows(kind: AnyKind, table: StatusTable, revisions: tuple[str, ...]) -> Iterator[str]:
    """One table; a column says in which revisions a value is, where not every revision has every value."""
    found = members(kind, table)
    whole = all(tuple(having) == revisions for having in found.values())
    yield "| on the wire | means |" + ("" if whole else " only in |")
    yield "| --- | --- |" + ("" if whole else " --- |")
    for value in (*table.states, *sorted(table.absent)):
        having = found.get(value, [])
        where = "" if tuple(having) == revisions else ", ".join(having)
        yield f"| `{value}` | {_meaning(table, value)} |" + ("" if whole else f" {where} |")


def _meaning(table: StatusTable, value: str) -> str:
    if value in table.absent:
        return _ABSENT
    state = table.states[value]
    return _SAYS_NOTHING if state is None else f"`{state}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
