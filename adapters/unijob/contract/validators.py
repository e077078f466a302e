"""Validators of one direction, compiled when first used."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import attrs
import jsonschema_rs

from unijob.contract.derive import Deriver
from unijob.contract.findings import Finding, Findings
from unijob.contract.formats import CHECKS
from unijob.errors import ConfigError
from unijob.jsontypes import as_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from unijob.contract.derive import Hidden
    from unijob.contract.document import Document
    from unijob.contract.shapes import Shapes

_WIDE = 50
"""From how many definitions on a schema counts as one that drags much of the document along."""
_APART = 1_000
"""How many definitions such schemas compile each for itself, before all share one validator."""


@attrs.frozen
class _Compiled:
    validator: jsonschema_rs.Draft202012Validator
    key: str | None = None
    """Where the validator is shared: the name of the property that stands for this schema."""


class Validators:
    """Checks values of one direction against the schemas of a document.

    A validator holds all that its schema reaches. In a document whose schemas hang together that is most of it, so
    that after the first few one validator is compiled for all.

    Args:
        document: the document.
        shapes: its shapes.
        hidden: the keyword of the properties that this direction does not have.
        open_enums: whether an unknown value of a string enum is drift.
        roots: gives where the schemas stand that may be asked for.
    """

    def __init__(
        self,
        document: Document,
        shapes: Shapes,
        hidden: Hidden,
        *,
        open_enums: bool,
        roots: Callable[[], Iterable[str]],
    ) -> None:
        self._document = document
        self._deriver = Deriver(document, shapes, hidden)
        self._findings = Findings(self._deriver, shapes, open_enums=open_enums)
        self._roots = roots
        self._compiled: dict[str, _Compiled] = {}
        self._spent = 0
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """How many validators are compiled."""
        return len({id(compiled.validator) for compiled in self._compiled.values()})

    def check(self, pointer: str, value: Any) -> list[Finding]:
        """Give all that is wrong or new in a value, held against the schema at a pointer."""
        compiled = self._compiled.get(pointer) or self._compile(pointer)
        key = compiled.key
        subject = value if key is None else {key: value}
        try:
            if compiled.validator.is_valid(subject):
                return []
            found = self._findings.read(compiled.validator.iter_errors(subject))
        except (ValueError, TypeError, OverflowError):
            return [Finding((), "parse", "is no JSON value", "")]
        return found if key is None else [attrs.evolve(finding, path=finding.path[1:]) for finding in found]

    def compile_all(self) -> None:
        """Compile every schema that may be asked for.

        Raises:
            ConfigError: one is no valid schema.
        """
        for pointer in self._roots():
            if pointer not in self._compiled:
                self._compile(pointer)

    def _compile(self, pointer: str) -> _Compiled:
        with self._lock:
            target = self._target(pointer)
            if target not in self._compiled:
                self._add(target)
            self._compiled[pointer] = self._compiled[target]
            return self._compiled[target]

    def _add(self, target: str) -> None:
        (schema,), definitions = self._deriver.schemas([target])
        self._spent += len(definitions) if len(definitions) > _WIDE else 0
        if self._spent > _APART:
            self._share(target)
        else:
            self._compiled[target] = _Compiled(self._build({**schema, "$defs": definitions}, target))

    def _share(self, target: str) -> None:
        places = sorted({target, *map(self._target, self._roots())})
        schemas, definitions = self._deriver.schemas(places)
        keys = [f"s{n}" for n in range(len(places))]
        properties = dict(zip(keys, schemas, strict=True))
        validator = self._build({"properties": properties, "$defs": definitions}, "")
        self._compiled = {place: _Compiled(validator, key) for place, key in zip(places, keys, strict=True)}

    def _target(self, pointer: str) -> str:
        """Follow what is a reference and nothing else, so that its users share what it leads to."""
        node = self._document.at(pointer)
        while as_object(node).keys() == {"$ref"}:
            pointer = self._document.target(as_object(node)["$ref"])
            node = self._document.at(pointer)
        return pointer

    def _build(self, schema: dict[str, Any], pointer: str) -> jsonschema_rs.Draft202012Validator:
        try:
            return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, formats=dict(CHECKS), mask="…")
        except (ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
            message = f"the contract has a schema that does not compile: #{pointer}"
            raise ConfigError(message, setting="spec") from error
