"""Ids and other made-up values, the same again under the same seed."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter


class Ids:
    """Makes ids. Each label has a sequence of its own, so that one kind's ids do not depend on another's.

    Args:
        seed: what all of them follow from.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made: Counter[str] = Counter()

    def next(self, label: str) -> str:
        """Make the next 32 hexadecimal digits of a sequence."""
        self._made[label] += 1
        return self.of(label, self._made[label])

    def next_uuid(self, label: str) -> str:
        """Make the next UUID (version 4 in form) of a sequence."""
        return _uuid(self.next(label))

    def of(self, *parts: object) -> str:
        """The 32 hexadecimal digits that belong to something."""
        text = "\x1f".join(map(str, (self._seed, *parts)))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def uuid_of(self, *parts: object) -> str:
        """The UUID that belongs to something."""
        return _uuid(self.of(*parts))

    def number_of(self, low: int, high: int, *parts: object) -> int:
        """The whole number from `low` to `high` that belongs to something."""
        return low + int(self.of(*parts), 16) % (high - low + 1)


def _uuid(digits: str) -> str:
    return str(uuid.UUID(digits, version=4))
