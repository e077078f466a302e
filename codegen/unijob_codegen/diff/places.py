"""Where a change happened: a component or an operation, and a pointer within it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from unijob_codegen import documents
from unijob_codegen.pointers import escape, look_up, unescape

Swaps = tuple[tuple[str, str], tuple[str, str]]
"""Of the old and of the new document: the beginning of a pointer, and what to say instead of it."""

OPERATIONS = "operations"
PATHS = "paths"


@attrs.frozen(order=True)
class Place:
    """Where a change happened.

    Args:
        section: `schemas`, `parameters`, `responses`, … of the components, or `operations`.
        name: the component's name or the operation's id.
        pointer: JSON pointer within it, empty for the whole.
    """

    section: str
    name: str
    pointer: str

    def __str__(self) -> str:
        words = {"schemas": "", OPERATIONS: "operation ", PATHS: "path ", "requestBodies": "request body "}
        head = words.get(self.section, f"{self.section.removesuffix('s')} ") + self.name
        return f"{head} {self.pointer}".rstrip()

    @property
    def depth(self) -> int:
        """How many steps the pointer has."""
        return self.pointer.count("/")


class Atlas:
    """Names the places of one document.

    Args:
        content: the document.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self._operations = {
            (path, method): documents.operation_id(path, method, operation)
            for path, method, _, operation in documents.operations(dict(content))
        }

    def place(self, pointer: str) -> Place:
        """The place of a pointer of the document, `#/components/schemas/Run/properties/id`."""
        steps = [unescape(step) for step in pointer.removeprefix("#").split("/")[1:]]
        if steps[:1] == ["components"] and len(steps) > 2:  # noqa: PLR2004 - section and name
            return Place(steps[1], steps[2], _joined(steps[3:]))
        if steps[:1] == ["paths"] and len(steps) > 2:  # noqa: PLR2004 - path and method
            rest = self._named_parameter(pointer, steps)
            if (steps[1], steps[2]) in self._operations:
                return Place(OPERATIONS, self._operations[steps[1], steps[2]], _joined(rest[3:]))
            return Place(PATHS, steps[1], _joined(rest[2:]))
        return Place("document", "", _joined(steps))

    def _named_parameter(self, pointer: str, steps: list[str]) -> list[str]:
        """Replace a parameter's index, which depends on the order, by its location and name."""
        if "parameters" not in steps[2:4]:
            return steps
        index = steps.index("parameters", 2) + 1
        if index >= len(steps):
            return steps
        head = "/".join(pointer.split("/")[: index + 2])
        parameter = look_up(self._content, head)
        return [*steps[:index], str(parameter.get("in")), str(parameter.get("name")), *steps[index + 1 :]]


def _joined(steps: list[str]) -> str:
    return "".join(f"/{escape(step)}" for step in steps)


def swapped(pointer: str, swaps: Swaps | None, side: int) -> str:
    """Where a pointer is said to be.

    Args:
        pointer: where it is written.
        swaps: beginnings of pointers with what to say instead, for the old and for the new document.
        side: 0 for the old document, 1 for the new.
    """
    if swaps is None:
        return pointer
    start, instead = swaps[side]
    return instead + pointer.removeprefix(start) if pointer == start or pointer.startswith(f"{start}/") else pointer
