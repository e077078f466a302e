"""What a kind's `normalize` reads wire values with: each reader tolerates what is missing or odd, and says so."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import attrs

from unijob import timestamps
from unijob.errors import ContractViolation, JobNotFound
from unijob.job import Job, JobFailure, JobState, Progress
from unijob.jsontypes import class_of, is_list, is_mapping, is_tuple
from unijob.kinds import Kind, StatusTable
from unijob.outcomes import check_counts
from unijob.ref import JobRef, is_segment
from unijob.timestamps import Warn
from unijob_models.runtime import UNSET, Unset

T = TypeVar("T")

_DECIMAL = re.compile(r"[0-9]+", re.ASCII)
_UINT64_MAX = 2**64 - 1
_LONGEST = len(str(_UINT64_MAX))
_EXACT_FLOAT = 2**53
_FAILURE = ("code", "message", "details")


@attrs.define(kw_only=True)
class Reading:
    """One reading of one model: who was asked for, by which revision, and the warnings on the way.

    Args:
        kind: the kind whose model is read.
        revision: the contract revision of the model.
        source: the model.
        requested: the reference that was asked for, or None where the payload must tell.
        account: the named account, for a reference made from the payload.
        previous: what was last read under that reference, where a poll goes on.
        told_at: when the upstream sent the answer, by its own clock; None where that is not known.
        warnings: what was tolerated so far.
    """

    kind: Kind
    revision: str
    source: Any
    requested: JobRef | None = None
    account: str | None = None
    previous: Job[Any, Any] | None = None
    told_at: datetime | None = None
    warnings: list[str] = attrs.field(factory=list[str])

    def warn(self, field: str) -> Warn:
        """A callback that records warnings about one field."""

        def record(message: str) -> None:
            self.warnings.append(f"{field}: {message}")

        return record

    # --- leaves -------------------------------------------------------------------------------------------------------

    def rfc3339(self, value: object, field: str) -> datetime | None:
        """An RFC 3339 string."""
        return self._instant(timestamps.from_rfc3339, value, field)

    def unix_seconds(self, value: object, field: str) -> datetime | None:
        """Whole Unix seconds."""
        return self._instant(timestamps.from_unix_seconds, value, field)

    def unix_milliseconds(self, value: object, field: str) -> datetime | None:
        """Whole Unix milliseconds."""
        return self._instant(timestamps.from_unix_milliseconds, value, field)

    def _instant(self, read: Callable[[object, Warn], datetime | None], value: object, field: str) -> datetime | None:
        return None if _missing(value) else read(value, self.warn(field))

    def count(self, value: object, field: str) -> int | None:
        """A number of items: an integer, or a decimal number in a string; never negative, at most 64 bits."""
        number = value if type(value) is int else _integer(value)
        if number is not None and 0 <= number <= _UINT64_MAX:
            return number
        if not _missing(value):
            self.warn(field)("not a count")
        return None

    def number(self, value: object) -> float | None:
        """A finite number as it is, or None."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        return value if isinstance(value, int) or math.isfinite(value) else None

    def integer(self, value: object) -> int | None:
        """An integer as it is, or None."""
        return _integer(value) if isinstance(value, (int, float)) else None

    def present(self, value: object) -> Any:
        """Any JSON value as it is, or None where it is absent."""
        return None if isinstance(value, Unset) else value

    def text(self, value: object) -> str | None:
        """A string that says something, as a plain `str` also where it is an enum's member, or None."""
        return str(value) if isinstance(value, str) and value else None

    def flag(self, value: object) -> bool | None:
        """A boolean, or None."""
        return value if isinstance(value, bool) else None

    def texts(self, values: object) -> tuple[str, ...]:
        """The strings of an array."""
        found = values if is_tuple(values) or is_list(values) else ()
        return tuple(value for value in found if isinstance(value, str))

    def each(self, values: tuple[T, ...] | Unset, field: str) -> list[tuple[str, T]]:
        """The items of an array, each with its place, `field.0`; none where it is absent."""
        return [] if isinstance(values, Unset) else [(f"{field}.{index}", value) for index, value in enumerate(values)]

    def ended(self, instant: datetime | None, field: str, state: JobState) -> datetime | None:
        """An end time as it is, warned of where the job has not ended."""
        if instant is not None and not state.is_terminal:
            self.warn(field)(f"set although the job is {state}")
        return instant

    def is_older_than(self, age: timedelta, instant: datetime | None) -> bool:
        """Whether an instant lay so far back when the upstream told of it. What has no instant is as old as you like.

        Of an answer without a time nobody can tell, and nothing is old.
        """
        return self.told_at is not None and (instant is None or self.told_at - instant >= age)

    def failure(self, message: object, *, code: object = None) -> JobFailure | None:
        """Why something failed, where the upstream says so."""
        found = JobFailure(code=self.text(code), message=self.text(message))
        return found if found.code or found.message else None

    def milliseconds(self, value: object, field: str) -> timedelta | None:
        """A duration in whole milliseconds."""
        number = self.count(value, field)
        try:
            return None if number is None else timedelta(milliseconds=number)
        except OverflowError:
            self.warn(field)("a duration that a timedelta cannot hold")
            return None

    def status(self, table: StatusTable, raw: object, field: str) -> JobState | None:
        """What a status means: `unknown`, with a warning, where no table lists it; None where it says nothing.

        Raises:
            JobNotFound: for a value that means there is no such job.
        """
        if not isinstance(raw, str):
            return None
        if raw in table.absent:
            asked = self.requested or self.kind.name
            raise JobNotFound(f"there is no {asked}: the upstream says {field} {raw}", ref=self.requested)
        if raw not in table.states:
            self.warn(field)(f"{raw!r} is not a listed value")
            return JobState.UNKNOWN
        return table.states[raw]

    def stage(self, table: StatusTable, raw: object) -> str | None:
        """A status that says more than its state, as text; None for others."""
        return str(raw) if isinstance(raw, str) and raw in table.stages else None

    # --- groups -------------------------------------------------------------------------------------------------------

    def progress(
        self,
        field: str,
        unit: str,
        *,
        total: object,
        completed: object,
        failed: object,
        cancelled: object = None,
        stage: str | None = None,
    ) -> Progress:
        """Counts of items that stand in one object, each under the name that it has here; more done than all warns.

        Args:
            field: the object.
            unit: what is counted.
            total: all items.
            completed: those done.
            failed: those that failed.
            cancelled: those given up.
            stage: what it is at.
        """
        progress = Progress(
            total=self.count(total, f"{field}.total"),
            completed=self.count(completed, f"{field}.completed"),
            failed=self.count(failed, f"{field}.failed"),
            cancelled=self.count(cancelled, f"{field}.cancelled"),
            unit=unit,
            stage=stage,
        )
        check_counts(progress, self.warn(field))
        return progress

    def failure_of(self, value: object) -> JobFailure | None:
        """Why it failed: a text, or an object or model that has `code` and `message`; of several, the first.

        The details are the JSON value, or of a model what it calls its `details`.
        """
        if _missing(value):
            return None
        if isinstance(value, str):
            return JobFailure(message=value) if value else None
        several: Sequence[Any] = value if is_tuple(value) or is_list(value) else (value,)
        if not several:
            return None
        first = several[0]
        is_json = not attrs.has(class_of(first))
        code, message, details = (first.get(n) if is_mapping(first) else getattr(first, n, None) for n in _FAILURE)
        more = f" (and {len(several) - 1} more)" if len(several) > 1 else ""
        text = self.text(message)
        return JobFailure(
            code=self.text(code),
            message=text + more if text is not None else None,
            details=value if is_json else details if is_mapping(details) else None,
        )

    # --- identity -----------------------------------------------------------------------------------------------------

    def ref(self, ids: Sequence[object]) -> JobRef:
        """The reference: the requested one, which the payload must not contradict, or one made of the payload's ids.

        Raises:
            ContractViolation: the payload carries another id, or none where one is needed.
        """
        if self.requested is not None and self.requested.ids:
            for name, wanted, found in zip(self.kind.ids, self.requested.ids, ids, strict=True):
                if not _missing(found) and found != wanted:
                    raise ContractViolation(
                        f"{self.requested} was asked for, and the answer carries another {name}",
                        revision=self.revision,
                    )
            return self.requested
        texts = [found for found in ids if isinstance(found, str) and is_segment(found)]
        if len(texts) < len(ids):
            raise ContractViolation(
                f"the answer has no identity that names a {self.kind.name}: {', '.join(self.kind.ids)}",
                revision=self.revision,
            )
        return JobRef(self.kind.provider, self.kind.type, tuple(texts), self.account)

    def other_ref(self, kind: str, value: object, field: str) -> JobRef | None:
        """A reference to a job of another kind, by the one id that names it."""
        if not isinstance(value, str):
            return None
        if not is_segment(value):
            self.warn(field)("not an id that a reference can hold")
            return None
        provider, _, name = kind.partition(":")
        return JobRef(provider, name, (value,), self.account)

    # --- results ------------------------------------------------------------------------------------------------------

    def noted(self) -> tuple[str, ...]:
        """The warnings, each once, in the order they came."""
        return tuple(dict.fromkeys(self.warnings))


def _missing(value: object) -> bool:
    return value is None or value is UNSET


def _integer(value: object) -> int | None:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return int(value) if len(value) <= _LONGEST else _integer_of_zeros(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_FLOAT:
        return int(value)  # JSON Schema counts 1.0 as an integer; past 2**53 the digits are gone
    return None


def _integer_of_zeros(text: str) -> int | None:
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= _LONGEST else None
