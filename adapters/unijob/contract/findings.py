"""From the errors of a closed validator to what they mean: violations and drift, each with its pointers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from jsonschema_rs import ValidationErrorKind

from unijob.contract.derive import SOURCE, TWIN
from unijob.contract.messages import describe
from unijob.contract.pointers import is_under, join_pointer
from unijob.jsontypes import as_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jsonschema_rs import ValidationError

    from unijob.contract.derive import Deriver
    from unijob.contract.shapes import Shapes

_CLOSING = ("additionalProperties", "unevaluatedProperties")
_BOUNDS = ("minimum", "maximum")


@attrs.frozen
class Finding:
    """One thing that is wrong or new in a value."""

    path: tuple[str | int, ...]
    keyword: str
    message: str
    schema_pointer: str
    missing: str | None = None
    drift: bool = False


@attrs.frozen
class _Rule:
    """Where a rule stands: in what is derived, and in the document."""

    keyword: str
    pointer: str
    schema_pointer: str
    node: Any


class Findings:
    """Reads the errors of one direction's validators.

    Args:
        deriver: what the validators were made of.
        shapes: the document's shapes.
        open_enums: whether an unknown value of a string enum is drift.
    """

    def __init__(self, deriver: Deriver, shapes: Shapes, *, open_enums: bool) -> None:
        self._deriver = deriver
        self._shapes = shapes
        self._open_enums = open_enums
        self._rules: dict[tuple[str | int, ...], _Rule] = {}

    def read(self, errors: Iterable[ValidationError]) -> list[Finding]:
        """Give what the errors mean, each thing once."""
        found = [finding for error in errors for finding in self._one(error)]
        return _tidy(found) if len(found) > 1 else found

    def _one(self, error: ValidationError) -> Iterable[Finding]:
        kind, rule = error.kind, self._locate(error.schema_path)
        if isinstance(kind, ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid):
            if rule.keyword == "oneOf" and rule.node.get(TWIN):
                return ()
            return self._alternatives(error, rule, kind.context)
        path = tuple(error.instance_path)
        if isinstance(kind, ValidationErrorKind.AdditionalProperties | ValidationErrorKind.UnevaluatedProperties):
            return self._unexpected(path, rule, kind.unexpected)
        if isinstance(kind, ValidationErrorKind.PropertyNames):
            name = str(kind.error.instance)
            return (Finding((*path, name), "propertyNames", describe("propertyNames", {}), rule.pointer),)
        if isinstance(kind, ValidationErrorKind.OneOfMultipleValid):
            return (Finding(path, "oneOf", "matches more than one of the documented alternatives", rule.pointer),)
        return (self._simple(error, path, rule),)

    def _simple(self, error: ValidationError, path: tuple[str | int, ...], rule: _Rule) -> Finding:
        kind, keyword, pointer = error.kind, rule.keyword, rule.pointer
        if isinstance(kind, ValidationErrorKind.Required):
            return Finding(path, "required", describe("required", {}), pointer, missing=kind.property)
        if isinstance(kind, ValidationErrorKind.FalseSchema):
            keyword = self._deriver.hidden if self._deriver.is_hidden(pointer) else "false"
            place = join_pointer(pointer, keyword) if keyword != "false" else pointer
            return Finding(path, keyword, describe(keyword, {}), place)
        limits = kind.as_dict()
        if keyword in _BOUNDS and limits.get("limit") != self._written(rule).get(keyword):
            keyword, limits = "format", {"format": self._written(rule)["format"]}
            pointer = join_pointer(rule.schema_pointer, "format")
        drift = self._open_enums and isinstance(kind, ValidationErrorKind.Enum) and _is_new_string(error)
        return Finding(path, keyword, describe(keyword, limits), pointer, drift=drift)

    def _unexpected(self, path: tuple[str | int, ...], rule: _Rule, names: Iterable[str]) -> Iterator[Finding]:
        drift = rule.keyword not in self._written(rule)
        known: frozenset[str] = self._known(rule.schema_pointer) if drift else frozenset()
        place = rule.schema_pointer if drift else rule.pointer
        keyword = "additionalProperties" if drift else rule.keyword
        for name in names:
            if name not in known:
                yield Finding((*path, name), keyword, describe(keyword, {}), place, drift=drift)

    def _known(self, pointer: str) -> frozenset[str]:
        return self._shapes.shape(pointer).names | self._shapes.required(pointer)

    def _alternatives(
        self, error: ValidationError, rule: _Rule, context: Sequence[Sequence[ValidationError]]
    ) -> list[Finding]:
        """Give what is wrong with the branch that the value comes nearest to."""
        path = tuple(error.instance_path)
        places = [self._branch_place(rule, n) for n in range(len(context))]
        branches = [self._tagged(self.read(branch), path, places) for branch in context]
        near = [branch for branch in branches if not any(_rules_out(finding, path) for finding in branch)]
        best = min(near or branches, key=_distance)
        if not near and all(any(finding.path == path for finding in branch) for branch in branches):
            return [Finding(path, rule.keyword, describe(rule.keyword, {}), rule.pointer)]
        return best

    def _tagged(self, found: list[Finding], path: tuple[str | int, ...], places: list[str]) -> list[Finding]:
        """Keep the values closed that tell the branches apart."""
        return [
            attrs.evolve(finding, drift=False)
            if finding.drift
            and finding.keyword == "enum"
            and is_under(finding.path, path)
            and self._shapes.is_tag(places, str(finding.path[-1]))
            else finding
            for finding in found
        ]

    def _branch_place(self, rule: _Rule, n: int) -> str:
        branch = as_object(rule.node[rule.keyword][n])
        if SOURCE in branch:
            return str(branch[SOURCE])
        if branch.keys() == {"$ref"}:
            return self._deriver.origin(branch["$ref"].rpartition("/")[2])
        return join_pointer(rule.pointer, n)

    def _written(self, rule: _Rule) -> dict[str, Any]:
        return self._shapes.schema_as_written(rule.schema_pointer)

    def _locate(self, schema_path: Sequence[str | int]) -> _Rule:
        key = tuple(schema_path)
        if key not in self._rules:
            self._rules[key] = self._find(key)
        return self._rules[key]

    def _find(self, schema_path: tuple[str | int, ...]) -> _Rule:
        name = str(schema_path[1])
        pointer = place = self._deriver.origin(name)
        node: Any = self._deriver.definitions[name]
        parent: Any = node
        keyword = ""
        for segment in schema_path[2:]:
            parent, place, keyword = node, pointer, str(segment)
            node = node[str(segment) if isinstance(node, dict) else segment]
            pointer = join_pointer(pointer, segment)
            source = as_object(node).get(SOURCE)
            pointer = source if isinstance(source, str) else pointer
        return _Rule(keyword, pointer, place, parent)


def _is_new_string(error: ValidationError) -> bool:
    options = error.kind.as_dict()["options"]
    return isinstance(error.instance, str) and all(option is None or isinstance(option, str) for option in options)


def _rules_out(finding: Finding, path: tuple[str | int, ...]) -> bool:
    """Tell whether a finding says that the value is not of this branch at all."""
    if finding.drift:
        return False
    if finding.path == path:
        return finding.keyword in {"type", "false"}
    return finding.keyword in {"const", "enum"} and is_under(finding.path, path)


def _distance(branch: list[Finding]) -> tuple[int, int, int]:
    violations = sum(not finding.drift for finding in branch)
    depth = max((len(finding.path) for finding in branch), default=0)
    return violations, len(branch), -depth


def _tidy(found: list[Finding]) -> list[Finding]:
    """Drop what repeats, and what a wrong type or a violation already says."""
    wrong_type = {(f.path, f.schema_pointer.rpartition("/")[0]) for f in found if f.keyword == "type"}
    wrong = {finding.path for finding in found if not finding.drift and finding.missing is None}
    unique = dict.fromkeys(found)
    return [
        finding
        for finding in unique
        if not (finding.drift and finding.path in wrong)
        and not (
            finding.keyword in {"enum", "const"}
            and (finding.path, finding.schema_pointer.rpartition("/")[0]) in wrong_type
        )
    ]
