"""What job kinds make of payloads: asked of the adapters themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from unijob import registry
from unijob.kinds import AnyKind, StatusTable
from unijob.parsing import parse
from unijob_codegen.diff.operations import Operation, compare, operations_of
from unijob_codegen.diff.reading import Reader
from unijob_codegen.diff.samples import Path, Sample, Sampler, altered, has, without
from unijob_codegen.diff.shapes import Sub

_TELLING = ("succeeded", "partial", "failed")
_WORDS = {"schedule": "get", "schedules": "list", "create_schedule": "create", "runs": "list runs"}
_LEFT_OUT = frozenset({"warnings", "revision"})


def provider_of(told: str | None, content: Mapping[str, Any]) -> str | None:
    """The installed provider that a document is of: as it says, or whose operations it has."""
    if told in registry.provider_names():
        return told
    ids = operations_of(Reader(content)).keys()
    shared: dict[str, int] = {}
    for name in registry.provider_names():
        newest = registry.package(name, registry.revisions(name)[-1])
        shared[name] = len(ids & newest.operations.keys())
    best = max(shared, key=lambda name: shared[name], default=None)
    return best if best is not None and shared[best] else None


def is_generated(provider: str, revision: str | None, content: Mapping[str, Any]) -> bool:
    """Whether the generated models of a revision are those of this very document."""
    if revision is None or revision not in registry.revisions(provider):
        return False
    return not compare(registry.package(provider, revision).document(), content)


def kinds_of(provider: str) -> list[AnyKind]:
    """All kinds of a provider."""
    return [registry.kind(name) for name in registry.kind_names() if name.startswith(f"{provider}:")]


def roles(kind: AnyKind) -> dict[str, str]:
    """The operations that a kind uses, each with what for."""
    found = [(operation, _WORDS.get(role, role.replace("_", " "))) for role, operation in kind.roles()]
    return dict(reversed(found))


def table_of(kind: AnyKind, values: tuple[str, ...]) -> StatusTable | None:
    """The status table that an enum's values are read with, if one is."""
    shared = {table.enum: sum(value in table for value in values) for table in kind.tables}
    best = max(kind.tables, key=lambda table: shared[table.enum], default=None)
    return best if best is not None and shared[best.enum] * 2 >= len(values) else None


@attrs.frozen(kw_only=True)
class Reading:
    """A payload with what its kind makes of it.

    Args:
        sample: the payload and where what stands in it.
        ref: under which reference it is read.
        revision: by which contract revision.
        fields: the Job or Schedule as JSON-ready data.
    """

    sample: Sample
    ref: str
    revision: str
    fields: Mapping[str, Any]

    def with_absent(self, path: Path) -> Mapping[str, Any] | str:
        """The fields if something were absent; or why there would be none."""
        return _fields(self.ref, without(self.sample.value, path), self.revision)

    def with_value(self, path: Path, value: Any) -> Mapping[str, Any] | str:
        """The fields if something were another value; or why there would be none."""
        return _fields(self.ref, altered(self.sample.value, path, value), self.revision)


def readings(kind: AnyKind, reader: Reader, sub: Sub, revision: str | None) -> list[Reading]:
    """Whole payloads of a kind's `get`: for each status, with one optional thing missing, with other numbers.

    Args:
        kind: the kind.
        reader: reads the document.
        sub: the schema of the answer.
        revision: by which contract revision to read them, or None for the one that fits.
    """
    return list(_readings(kind, reader, sub, revision))


def _readings(kind: AnyKind, reader: Reader, sub: Sub, revision: str | None) -> Iterator[Reading]:
    enums = Sampler(reader, {}).sample(sub).enums
    best = {at: _best(table, values) for at, values in enums.items() if (table := table_of(kind, values))}
    whole = Sampler(reader, best).sample(sub)
    samples = [whole, Sampler(reader, best, ascending=True).sample(sub)]
    samples += [
        Sampler(reader, {**best, at: value}).sample(sub) for at in best for value in enums[at] if value != best[at]
    ]
    for path, absent in whole.gaps:
        if has(whole.value, path):
            value = without(whole.value, path) if absent else altered(whole.value, path, None)
            samples.append(attrs.evolve(whole, value=value))
    for sample in samples:
        read = _read(kind.name, sample.value, revision)
        if not isinstance(read, str):
            yield Reading(sample=sample, ref=read["ref"], revision=read["revision"], fields=_kept(read))


def _best(table: StatusTable, values: tuple[str, ...]) -> str:
    """The value that lets a payload say the most: of a job that succeeded."""

    def rank(value: str) -> int:
        state = str(table.states.get(value))
        return _TELLING.index(state) if state in _TELLING else len(_TELLING) + (value in table.absent)

    return min(values, key=rank)


def _fields(ref: str, payload: Any, revision: str) -> Mapping[str, Any] | str:
    read = _read(ref, payload, revision)
    return read if isinstance(read, str) else _kept(read)


def _read(kind_or_ref: str, payload: Any, revision: str | None) -> dict[str, Any] | str:
    try:
        return parse(kind_or_ref, payload, revision=revision).to_dict()
    except Exception as error:  # noqa: BLE001 - an adapter that stumbles over a payload is a finding, not an accident
        return type(error).__name__


def _kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in _LEFT_OUT}


def answer_of(operation: Operation, reader: Reader) -> Sub:
    """The schema of an operation's first success answer; none where there is none."""
    responses = operation.content.get("responses", {})
    status = next((name for name in sorted(map(str, responses)) if name.startswith("2")), None)
    if status is None:
        return ()
    at = reader.follow(f"{operation.at}/responses/{status}")
    for name, media in reader.at(at).get("content", {}).items():
        if "json" in name and "schema" in media:
            return (f"{at}/content/{name.replace('~', '~0').replace('/', '~1')}/schema",)
    return ()
