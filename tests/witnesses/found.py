"""What a witness says that is not what our contract says: found once for each place, whatever the values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import attrs

from unijob.jsontypes import class_of, is_list, is_object
from unijob.timestamps import from_rfc3339

Side = Literal[
    "operation",  # the vendor's client has no method for it
    "answer: theirs refuses",  # our contract allows an answer that the vendor's models refuse
    "answer: theirs differs",  # the vendor's models give back something else than we read
    "answer: ours refuses",  # the vendor's models can hold what our contract does not allow
    "request: ours refuses",  # the vendor's client sends what our contract does not allow
    "request: theirs refuses",  # we build what the vendor's client cannot
    "request: theirs differs",  # the vendor's client makes something else of the same arguments
]
Path = Sequence[str | int]


@attrs.frozen(kw_only=True, order=True)
class Found:
    """One disagreement.

    Attributes:
        contract: `provider@revision`.
        operation: its id, and after a space the status of an answer.
        where: the place: `/data/*/status`, `query /limit`, `body /files`.
        what: the rule that was broken, by its name with whoever broke it.
    """

    contract: str
    side: Side
    operation: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.contract} {self.operation}: {self.side} at {self.where}: {self.what}"


def pointer(path: Path, names: Collection[str]) -> str:
    """Write a place so that it is the same for all items of an array and all keys of a map."""
    return "".join(f"/{step if isinstance(step, str) and step in names else '*'}" for step in path) or "/"


def steps(text: str) -> tuple[str, ...]:
    """Read a JSON pointer."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])


def within(value: Any, loc: Path) -> Path:
    """Keep of a pydantic location the steps that lead through a value, and a last one that is missing there."""
    path: list[str | int] = []
    for step in loc:
        if _leads_on(value, step):
            value = value[step]
            path.append(step)
    return path


def _leads_on(value: Any, step: str | int) -> bool:
    if isinstance(step, str):
        return is_object(value) and step in value
    return is_list(value) and step < len(value)


def unlike(ours: Any, theirs: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Give the places at which two JSON values differ; numbers compare by value, times by instant."""
    if is_object(ours) and is_object(theirs):
        for name in ours.keys() | theirs.keys():
            if name not in theirs:
                yield (*path, name), "null lost" if ours[name] is None else "lost"
            elif name not in ours:
                yield (*path, name), "null added" if theirs[name] is None else "added"
            else:
                yield from unlike(ours[name], theirs[name], (*path, name))
    elif is_list(ours) and is_list(theirs) and len(ours) == len(theirs):
        for index, both in enumerate(zip(ours, theirs, strict=True)):
            yield from unlike(*both, (*path, index))
    elif not same(ours, theirs):
        yield path, f"{kind_of(ours)} becomes {kind_of(theirs)}"


def same(ours: Any, theirs: Any) -> bool:
    """Tell whether two leaves say the same."""
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours == theirs or _same_instant(ours, theirs)
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return ours == theirs or (isinstance(theirs, float) and float(ours) == theirs)
    return ours is theirs


def _same_instant(ours: str, theirs: str) -> bool:
    """Tell whether both are one instant, or both an instant past what a datetime in UTC can hold."""
    remarks: list[str] = []
    is_same = from_rfc3339(ours, remarks.append) == from_rfc3339(theirs, remarks.append)
    return is_same and not any(remark.startswith("not an RFC 3339") for remark in remarks)


def kind_of(value: Any) -> str:
    """Name the JSON type of a value."""
    if value == "":
        return "empty text"
    names: Mapping[type, str] = {
        dict: "object",
        list: "array",
        str: "text",
        bool: "boolean",
        int: "number",
        float: "number",
    }
    return names.get(class_of(value), "null")
