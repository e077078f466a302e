"""What changes do to job kinds: found by reading payloads of the old document, altered as the new one has them."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from unijob import registry
from unijob.kinds import AnyKind
from unijob_codegen.diff import kinds
from unijob_codegen.diff.changes import Change, Finding, Impact
from unijob_codegen.diff.effects import ABSENT, Effects, Witness, capabilities, paths
from unijob_codegen.diff.levels import Direction, Level
from unijob_codegen.diff.reading import Reader
from unijob_codegen.diff.sides import Side

_MANY = 3


def with_impact(changes: list[Change], old: Side, new: Side) -> tuple[list[Change], str | None]:
    """Add to each change what it does to the kinds of the documents' provider.

    Returns:
        the changes, and why nothing is known of their impact, or None.
    """
    provider = kinds.provider_of(old.provider or new.provider, old.content)
    if provider is None:
        return changes, "no impact on job kinds: these are no documents of a provider that unijob knows"
    readers = Reader(old.content), Reader(new.content)
    before, after = (
        side.revision if kinds.is_generated(provider, side.revision, side.content) else None for side in (old, new)
    )
    teller = [Teller(kind, Witness(kind, readers, (before, after))) for kind in kinds.kinds_of(provider)]
    return [
        attrs.evolve(change, impact=tuple(each for one in teller for each in one.impact(change))) for change in changes
    ], None


class Teller:
    """Tells what changes do to one kind.

    Args:
        kind: the kind.
        witness: reads its payloads.
    """

    def __init__(self, kind: AnyKind, witness: Witness) -> None:
        self._kind = kind
        self._name = f"`{kind.name}`"
        self._witness = witness
        self._roles = kinds.roles(kind)

    def impact(self, change: Change) -> Iterator[Impact]:
        """What a change does to this kind."""
        finding = change.finding
        if finding.kind.startswith("operation-"):
            yield from self._capability(finding)
            return
        if (self._kind.get, Direction.RESPONSE) in change.reach:
            yield from self._reading(finding)
        if change.levels.get(Direction.REQUEST, Level.INFO) > Level.INFO:
            yield from self._request(change)

    def _told(
        self, effect: str, text: str, *, reads: str | None = None, fields: tuple[str, ...] = (), settled: bool = False
    ) -> Impact:
        sentence = f"{self._name} {text}"
        return Impact(kind=self._kind.name, effect=effect, reads=reads, fields=fields, settled=settled, text=sentence)

    def _capability(self, finding: Finding) -> Iterator[Impact]:
        role = self._roles.get(finding.subject)
        if role is None or finding.kind == "operation-moved":
            return
        if finding.kind == "operation-added":
            yield self._told("capability-gained", f"could now {role}", settled=True)
            return
        before, after = (capabilities(self._kind, operations) for operations in self._witness.operations)
        yield self._told("capability-lost", f"could no longer {role}" if before - after else f"would {role} less")

    def _request(self, change: Change) -> Iterator[Impact]:
        names = change.operations(Direction.REQUEST)
        sent = [f"{name} ({self._roles[name]})" for name in names if name in self._roles]
        if sent:
            yield self._told("request", f"sends {', '.join(sent[:_MANY])}{', …' if len(sent) > _MANY else ''}")

    def _reading(self, finding: Finding) -> Iterator[Impact]:
        if finding.kind in {"status-removed", "media-type-removed"} and finding.variant != "error":
            yield self._told("unreadable", f"reads the answer of {self._kind.get}, which would not be described")
        elif finding.kind == "enum-value-added":
            yield from self._status(finding)
        elif finding.kind == "property-renamed":
            yield from self._rename(finding)
        else:
            name = finding.place.pointer.rpartition("/")[2] or finding.place.name
            yield from self._alteration(name, finding)

    def _status(self, finding: Finding) -> Iterator[Impact]:
        """What a new value of an enum means, if the enum is one that a status table reads."""
        reading = next((each for each in self._witness.readings if paths(each, finding.old_at)), None)
        if reading is None:
            return
        table = kinds.table_of(self._kind, reading.sample.enums.get(finding.old_at or "", ()))
        if table is None:
            return
        value = f"`{finding.subject}`"
        if finding.subject in table.absent:
            yield self._told("listed", f"lists {value} already: no such job", settled=True)
        elif finding.subject in table.states:
            state = table.states[finding.subject]
            means = f"state `{state}`" if state is not None else "the other signal decides"
            yield self._told("listed", f"lists {value} already: {means}", fields=("state",), settled=True)
        else:
            read = reading.with_value(paths(reading, finding.old_at)[0], finding.subject)
            unlisted = read if isinstance(read, str) else read["state"]
            module = registry.kind_location(self._kind.name).partition(":")[0]
            where = f"its table of {table.enum} ({module})"
            text = f"does not list {value} in {where}: its Job would be `{unlisted}`"
            yield self._told("unlisted", text, fields=("state",))

    def _rename(self, finding: Finding) -> Iterator[Impact]:
        name = str(finding.old)
        read = self._witness.effects(finding.old_at, ABSENT)
        if not read:
            return
        if finding.attribute is None:
            yield self._effect(name, "now absent", read, settled=self._witness.settles(read, finding))
            return
        deeper = [impact for inner in finding.within for impact in self._alteration(name, inner)]
        if deeper:
            yield deeper[0]
            return
        fields = ", ".join(read.fields) or "identity or status"
        text = f"reads `{name}` ({fields}) as `{finding.attribute}` in both: nothing to do"
        yield self._told("same", text, reads=name, fields=read.fields, settled=True)

    def _alteration(self, name: str, finding: Finding) -> Iterator[Impact]:
        value, words = self._witness.new_value(finding)
        effects = self._witness.effects(finding.old_at, value) if words else Effects()
        if effects:
            yield self._effect(name, words, effects, settled=self._witness.settles(effects, finding))

    def _effect(self, name: str, now: str, effects: Effects, *, settled: bool) -> Impact:
        effect = "unreadable" if effects.errors else "lost" if effects.lost else "changed"
        if settled:
            fields = ", ".join(effects.fields)
            text = f"reads `{name}` ({fields}): {now}; its adapter reads {self._witness.revisions[1]} so: nothing to do"
        elif effects.errors:
            text = f"reads `{name}`: {now}; its Job could not be read ({', '.join(sorted(effects.errors))})"
        else:
            parts = [f"have no {', '.join(sorted(effects.lost))}"] if effects.lost else []
            parts += [f"have another {', '.join(sorted(effects.other))}"] if effects.other else []
            verb = "might" if now.startswith("may") else "would"
            text = f"reads `{name}`: {now}; its Job {verb} {' and '.join(parts)}"
        return self._told(effect, text, reads=name, fields=effects.fields, settled=settled)
