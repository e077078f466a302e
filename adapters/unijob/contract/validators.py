"""Validators of one direction, compiled when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs

from unijob.contract.derive import Deriver
from unijob.contract.findings import Finding, Findings
from unijob.contract.formats import CHECKS
from unijob.errors import ConfigError

if TYPE_CHECKING:
    from unijob.contract.derive import Hidden
    from unijob.contract.document import Document
    from unijob.contract.shapes import Shapes


class Validators:
    """Checks values of one direction against the schemas of a document.

    Args:
        document: the document.
        shapes: its shapes.
        hidden: the keyword of the properties that this direction does not have.
        open_enums: whether an unknown value of a string enum is drift.
    """

    def __init__(self, document: Document, shapes: Shapes, hidden: Hidden, *, open_enums: bool) -> None:
        self._document = document
        self._deriver = Deriver(document, shapes, hidden)
        self._findings = Findings(self._deriver, shapes, open_enums=open_enums)
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._targets: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def check(self, pointer: str, value: Any) -> list[Finding]:
        """Give all that is wrong or new in a value, held against the schema at a pointer."""
        validator = self._compiled.get(pointer) or self.compile(pointer)
        try:
            if validator.is_valid(value):
                return []
            return self._findings.read(validator.iter_errors(value))
        except (ValueError, TypeError, OverflowError):
            return [Finding((), "parse", "is no JSON value", "")]

    def compile(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        """Compile the schema at a pointer.

        Raises:
            ConfigError: it is no valid schema.
        """
        target = self._document.follow(pointer)[0] if self._document.legacy else pointer
        if target not in self._targets:
            self._targets[target] = self._build(target)
        self._compiled[pointer] = self._targets[target]
        return self._targets[target]

    def _build(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        try:
            return jsonschema_rs.Draft202012Validator(
                self._deriver.schema(pointer), validate_formats=True, formats=dict(CHECKS), mask="…"
            )
        except (ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
            message = f"the contract has a schema that does not compile: #{pointer}"
            raise ConfigError(message, setting="spec") from error
