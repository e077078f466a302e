"""Which feedback export an answer tells of: there is one an account, without an id, told apart by its start."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from unijob.errors import InvalidArgument, JobNotFound, JobSuperseded
from unijob.ref import JobRef
from unijob.timestamps import format_utc, from_rfc3339

if TYPE_CHECKING:
    from unijob.reading import Reading

LATEST = JobRef("mka1", "feedback_export")
CONTINUED = "CONTINUED_AS_NEW"
"""The status of an export that goes on as another run of the workflow behind it, with a start of its own."""


def ref_of(reading: Reading, started_at: datetime | None) -> JobRef:
    """The reference of the export that an answer tells of: the one asked for, or one pinned to its start.

    Raises:
        JobSuperseded: it began after the one asked for.
        JobNotFound: it began before.
    """
    ids = () if started_at is None else (format_utc(started_at),)
    found = attrs.evolve(LATEST, ids=ids, account=reading.account)
    requested = reading.requested
    if requested is None or not requested.ids:
        return found
    if reading.previous is not None and reading.previous.ref.ids:
        requested = reading.previous.ref  # pinned anew on the way, after CONTINUED_AS_NEW
    pinned_at = pinned_time(requested)
    if started_at is None:
        reading.warn("start_time")("missing, so this may be another export than the one asked for")
        return requested
    if started_at > pinned_at:
        if reading.previous is not None and reading.previous.raw_status == CONTINUED:
            return found
        raise JobSuperseded(f"{requested} is gone: the upstream now tells only of {found}", ref=requested)
    if started_at < pinned_at:
        raise JobNotFound(f"there is no {requested}: the upstream's latest export is {found}", ref=requested)
    return requested


def pinned_time(ref: JobRef) -> datetime:
    """The start time that a reference is pinned to.

    Raises:
        InvalidArgument: it is no RFC 3339 time.
    """
    instant = from_rfc3339(ref.ids[0], lambda _: None)
    if instant is None:
        raise InvalidArgument(
            f"{str(ref)!r} names no start time: write 'mka1:feedback_export/2024-01-15T10:30:00Z', "
            "or 'mka1:feedback_export' for the latest",
            argument="ref",
        )
    return instant
