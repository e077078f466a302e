"""From an upstream's answer to a Job or a Schedule: choose the revision, check, structure, normalise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, cast, overload

import attrs

from unijob import registry
from unijob.converter import loads, structure, structure_leniently
from unijob.errors import ContractViolation, UnijobError, Violation
from unijob.job import Job
from unijob.jsontypes import as_object, class_of, is_mapping
from unijob.kinds import Answer, JobKind, Kind, Listing, ScheduleKind
from unijob.reading import Reading
from unijob.ref import JobRef
from unijob.schedule import Schedule
from unijob_models.runtime import Operation, Response, Unset

_OK = 200
_SHOWN = 3


@attrs.frozen(kw_only=True)
class CheckedAnswer(Answer):
    """An answer, with what its contract says of it: breaches and drift."""

    findings: tuple[Violation, ...]
    told_at: datetime | None = None
    """When the upstream sent it, by its own clock; None where that is not known."""

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The breaches, without the drift."""
        return _breaches(self.findings)


def parse(
    kind_or_ref: str | JobRef, payload: Any, *, revision: str | None = None, strict: bool = False
) -> Job[Any, Any] | Schedule[Any]:
    """Read the answer of a kind's `get` as a Job (of a schedule kind, as a Schedule). No I/O.

    Args:
        kind_or_ref: `mka1:eval_run`, or the reference that was asked for; with a kind alone the payload must tell the
            identity.
        payload: the answer's body as bytes or str of JSON, or decoded; where the API wraps the job in an envelope, with
            it or without.
        revision: the contract revision to read it by; without one, the revision with the fewest violations, then the
            fewest undocumented fields, then the newest.
        strict: raise for any breach of the contract, not only for one of identity or status.

    Raises:
        ContractViolation: no identity or status, or with `strict` any breach; carries all of them.
        JobNotFound: the payload says that there is no such job.
        InvalidArgument: no such kind or revision, or a reference that is none.
    """
    kind, ref = resolve(kind_or_ref)
    value = loads(payload) if isinstance(payload, (bytes, bytearray, str)) else payload
    value = in_envelope(kind, value)
    answer = interpret(kind.provider, kind.get, _OK, value, revision=revision, strict=strict)
    return read(kind, answer, ref=ref)


def in_envelope(kind: Kind, value: Any) -> Any:
    """Give an answer as the API sends it, also for what it envelops by itself: that has none of its properties."""
    if kind.envelope is None or not is_mapping(value) or not value:
        return value
    return value if _properties(kind.provider, kind.get) & value.keys() else {kind.envelope: value}


@cache
def _properties(provider: str, operation_id: str) -> frozenset[str]:
    """The properties of an operation's answer, in any revision."""
    names = _revisions_with(provider, operation_id)
    models = [registry.package(provider, name).operations[operation_id].success.model for name in names]
    fields = [field for model in models for field in attrs.fields(model)]
    return frozenset(field.metadata.get("json", field.name) for field in fields)


def resolve(kind_or_ref: str | JobRef) -> tuple[JobKind | ScheduleKind, JobRef | None]:
    """The kind, and the reference unless it was only a kind's name."""
    if isinstance(kind_or_ref, str) and registry.is_kind(kind_or_ref):
        return registry.kind(kind_or_ref), None
    ref = JobRef.parse(kind_or_ref) if isinstance(kind_or_ref, str) else kind_or_ref
    return registry.kind_of(ref), ref


def interpret(
    provider: str,
    operation_id: str,
    status: int,
    value: Any,
    *,
    revision: str | None = None,
    strict: bool = False,
    told_at: datetime | None = None,
) -> CheckedAnswer:
    """Hold an operation's success answer against its contract, and structure it.

    Raises:
        ContractViolation: with `strict`, for any breach.
    """
    chosen, findings = _fitting(_documented(provider, operation_id, status, revision), value)
    operation, type_ = chosen.operation, chosen.response.model
    violations = _breaches(findings) if findings else ()
    if violations and strict:
        raise _violated(
            f"the answer to {operation_id} breaks {provider} {chosen.revision}", chosen.revision, violations
        )
    model = None
    if type_ is not None:
        try:
            model = structure_leniently(value, type_) if violations else structure(value, type_)
        except ContractViolation as error:  # what JSON Schema allows and no model holds: integers beyond 64 bits
            if strict:
                raise
            model, findings = structure_leniently(value, type_), (*findings, *error.violations)
    return CheckedAnswer(
        operation=operation,
        revision=chosen.revision,
        payload=value,
        model=model,
        findings=findings,
        told_at=told_at,
    )


@attrs.frozen
class _Documented:
    """How one revision documents an operation's success: what an answer is held against, and read as."""

    revision: str
    operation: Operation
    response: Response
    status: int
    check: Callable[[str, int, Any], tuple[Violation, ...]]

    def findings(self, value: Any) -> tuple[Violation, ...]:
        return self.check(self.operation.id, self.status, value)


@cache
def _documented(provider: str, operation_id: str, status: int, revision: str | None) -> tuple[_Documented, ...]:
    """What an answer may be read by: the one revision, or all that have the operation, the newest first."""
    found: list[_Documented] = []
    for name in (revision,) if revision is not None else reversed(_revisions_with(provider, operation_id)):
        operation = registry.package(provider, name).operations[operation_id]
        response = _success(operation, status)
        told = int(response.status) if response.status.isdecimal() else status
        found.append(_Documented(name, operation, response, told, registry.contract(provider, name).check_response))
    return tuple(found)


def _fitting(candidates: tuple[_Documented, ...], value: Any) -> tuple[_Documented, tuple[Violation, ...]]:
    """The revision that an answer fits best, and what is wrong or new in it by that."""
    tried: list[tuple[_Documented, tuple[Violation, ...]]] = []
    for candidate in candidates:
        findings = candidate.findings(value)
        if not findings:
            return candidate, findings
        tried.append((candidate, findings))
    return min(tried, key=lambda one: _misfit(one[1]))


def _success(operation: Operation, status: int) -> Response:
    """The documented success behind a status: a 2xx that the contract does not know is read as the one it knows."""
    response = operation.response(status)
    return response if response is not None and response.status.startswith("2") else operation.success


def _revisions_with(provider: str, operation_id: str) -> list[str]:
    return [
        name for name in registry.revisions(provider) if operation_id in registry.package(provider, name).operations
    ]


def _breaches(findings: tuple[Violation, ...]) -> tuple[Violation, ...]:
    return tuple(finding for finding in findings if not finding.drift)


def _misfit(findings: tuple[Violation, ...]) -> tuple[int, int, int]:
    drift = [finding for finding in findings if finding.drift]
    unlisted = [finding for finding in drift if finding.keyword == "enum"]
    return len(findings) - len(drift), len(drift) - len(unlisted), len(unlisted)


@overload
def read(
    kind: JobKind,
    answer: CheckedAnswer,
    *,
    ref: JobRef | None = ...,
    account: str | None = ...,
    previous: Job[Any, Any] | None = ...,
) -> Job[Any, Any]: ...
@overload
def read(
    kind: ScheduleKind,
    answer: CheckedAnswer,
    *,
    ref: JobRef | None = ...,
    account: str | None = ...,
    previous: Job[Any, Any] | None = ...,
) -> Schedule[Any]: ...
def read(
    kind: JobKind | ScheduleKind,
    answer: CheckedAnswer,
    *,
    ref: JobRef | None = None,
    account: str | None = None,
    previous: Job[Any, Any] | None = None,
) -> Job[Any, Any] | Schedule[Any]:
    """Read the one job or schedule that an answer carries.

    Args:
        kind: the kind that is read.
        answer: the checked answer of its `get`, or of an operation that answers alike.
        ref: the reference that was asked for; without one the payload tells.
        account: the named account, for a reference made from the payload.
        previous: what was last read under that reference, where a poll goes on.

    Raises:
        ContractViolation: no identity or status.
        JobNotFound: the payload says so.
    """
    if kind.envelope is None:
        return _normalised(kind, answer, answer.model, "", "", ref=ref, account=account, previous=previous)
    model = getattr(answer.model, kind.envelope)
    if model is None or isinstance(model, Unset):
        empty: dict[str, Any] = {}
        outer = as_object(answer.payload) | {kind.envelope: empty}
        enclosing = cast("Any", structure_leniently(outer, class_of(answer.model)))
        model = getattr(enclosing, kind.envelope)
    return _normalised(kind, answer, model, f"/{kind.envelope}", "", ref=ref, account=account, previous=previous)


def read_items(
    kind: JobKind | ScheduleKind, listing: Listing, answer: CheckedAnswer, *, account: str | None = None
) -> Iterator[Job[Any, Any] | Schedule[Any]]:
    """Read each job or schedule of one page, in the upstream's order.

    Raises:
        ContractViolation: when it comes to an item without identity or status.
    """
    for item in read_each(kind, listing, answer, account=account):
        if isinstance(item, UnijobError):
            raise item
        yield item


def read_each(
    kind: JobKind | ScheduleKind, listing: Listing, answer: CheckedAnswer, *, account: str | None = None
) -> Iterator[Job[Any, Any] | Schedule[Any] | UnijobError]:
    """Read each job or schedule of one page; an item that cannot be read is the error of reading it."""
    for index, model in enumerate(models_of(listing, answer)):
        base = f"/{listing.items}/{index}"
        try:
            yield _normalised(kind, answer, model, base, base, ref=None, account=account, previous=None)
        except UnijobError as error:
            yield error


def models_of(listing: Listing, answer: CheckedAnswer) -> tuple[Any, ...]:
    """The generated models of one page, in the upstream's order; where no property holds them, the answer's own."""
    if listing.items is None:
        return (answer.model,)
    models = getattr(answer.model, listing.items)
    return () if isinstance(models, Unset) or models is None else tuple(models)


def reading(kind: Kind, answer: CheckedAnswer, *, account: str | None = None) -> Reading:
    """A reading of an answer's whole model, for a kind's own start flow."""
    return Reading(kind=kind, revision=answer.revision, source=answer.model, account=account, told_at=answer.told_at)


def _normalised(
    kind: JobKind | ScheduleKind,
    answer: CheckedAnswer,
    model: Any,
    base: str,
    scope: str,
    *,
    ref: JobRef | None,
    account: str | None,
    previous: Job[Any, Any] | None,
) -> Job[Any, Any] | Schedule[Any]:
    """Read a model: what its answer breaks at or below `scope` is its own, `base` is where it stands itself."""
    warnings: list[str] = []
    vital = [f"{base}/{name}" for name in kind.vital] if answer.findings else []
    for finding in answer.findings:
        target = finding.target
        touched = any(_encloses(target, pointer) or _encloses(pointer, target) for pointer in vital)
        if touched and not finding.drift:
            asked = f"the answer for {ref or kind.name}"
            raise _violated(f"{asked} has no readable identity or status", answer.revision, answer.violations)
        if _encloses(scope, target) and (not finding.drift or (finding.keyword == "enum" and not touched)):
            place = target[len(base) :] if _encloses(base, target) else target
            warnings.append(f"{place or '/'}: {finding.message}")
    reading = Reading(
        kind=kind,
        revision=answer.revision,
        source=model,
        requested=ref,
        account=ref.account if ref is not None else account,
        previous=previous,
        told_at=answer.told_at,
        warnings=warnings,
    )
    return kind.normalize(model, reading)


def _encloses(outer: str, inner: str) -> bool:
    return inner == outer or inner.startswith(outer + "/")


def _violated(message: str, revision: str, violations: tuple[Violation, ...]) -> ContractViolation:
    shown = "; ".join(map(str, violations[:_SHOWN]))
    if len(violations) > _SHOWN:
        shown += f"; and {len(violations) - _SHOWN} more"
    return ContractViolation(f"{message}: {shown}", violations=violations, revision=revision)
