"""What of the contracts is not exercised, and why."""

from __future__ import annotations

from tests.coverage_of_specs.walking import Place, Walker

TEXT = "a parameter that is a string: whatever is sent is one"
NARROW = "the format of an integer whose bounds are narrower: these tell first"
FLOAT = "the format of a number, float or double: it says how one is kept, and none is wrong by it"
BRANCH = "below anyOf or oneOf: what fits no branch is told at the whole"


class Gaps:
    """Tells why nothing breaks a keyword.

    Args:
        walker: of the contract.
    """

    def __init__(self, walker: Walker) -> None:
        everywhere = walker.reachable()
        self._parameters = everywhere - walker.reachable(parameters=False)
        self._branches = everywhere - walker.reachable(branches=False)
        self._narrowed = walker.having(lambda node: {"format", "minimum", "maximum"} <= node.keys())
        self._floats = walker.having(lambda node: node.get("format") in {"float", "double"})

    def reason(self, place: Place) -> str | None:
        """Why nothing breaks a keyword, or None where it should be broken."""
        pointer, keyword = place
        if pointer in self._parameters and keyword == "type":
            return TEXT
        if pointer in self._narrowed and keyword == "format":
            return NARROW
        if pointer in self._floats and keyword == "format":
            return FLOAT
        return BRANCH if pointer in self._branches else None
