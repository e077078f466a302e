"""The payloads that a contract's schemas allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from unijob.testing.strategies.documents import ALL_TYPES, Schema, members, merged, resolve
from unijob.testing.strategies.scalars import SCALARS
from unijob.testing.strategies.values import FEW, json_values, texts, told_apart

DEEPEST = 3

Plan = Callable[[st.DrawFn, int], Any]
"""Draws a value. The number, 0 to 127, decides what is to be decided; 0 is what an example is reduced to.

The numbers of all properties of an object are one draw: with one for each decision a payload takes four times as long.
"""


class Payloads:
    """The values that the schemas of one document allow.

    Args:
        document: an OpenAPI 3.0 or 3.1 document with its references intact.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._known: dict[tuple[int, int], tuple[Schema, Plan]] = {}

    def of(self, schema: Schema | bool) -> SearchStrategy[Any]:  # noqa: FBT001 (a schema may be a boolean)
        """Give the strategy of one of the document's schemas."""
        return _drawn(self._plan(schema, 0))

    def _plan(self, schema: Schema | bool, depth: int) -> Plan:  # noqa: FBT001 (a schema may be a boolean)
        """Give the plan of a schema, made when first drawn from, so that schemas may recur.

        Args:
            schema: of this document.
            depth: the objects around it; too deep, there is only what is required.
        """
        if isinstance(schema, bool):
            return _leaf(json_values if schema else st.nothing())
        node = resolve(self._document, schema)
        key = id(node), depth
        if key not in self._known:  # the node is kept, so that its id stays its own
            self._known[key] = node, _deferred(lambda: self._nullable(node, depth))
        return self._known[key][1]

    def _nullable(self, schema: Schema, depth: int) -> Plan:
        plan = self._values(schema, depth)
        return _one_of([_leaf(st.none()), plan]) if schema.get("nullable") is True else plan

    def _values(self, schema: Schema, depth: int) -> Plan:
        if "const" in schema or "enum" in schema:
            return _leaf(st.sampled_from(members(schema)))
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                beside = {key: value for key, value in schema.items() if key not in {keyword, "nullable"}}
                return _one_of(
                    [self._plan(merged(self._document, beside, branch), depth) for branch in schema[keyword]]
                )
        if "allOf" in schema:
            beside = {key: value for key, value in schema.items() if key not in {"allOf", "nullable"}}
            return self._plan(merged(self._document, beside, *schema["allOf"]), depth)
        types = schema.get("type", "object" if "properties" in schema else ALL_TYPES)
        names = [types] if isinstance(types, str) else types
        return _one_of([self._typed(name, schema, depth) for name in names])

    def _typed(self, name: str, schema: Schema, depth: int) -> Plan:
        if name == "array":
            return self._arrays(schema, depth)
        return self._objects(schema, depth) if name == "object" else _one_of([*map(_leaf, SCALARS[name](schema))])

    def _arrays(self, schema: Schema, depth: int) -> Plan:
        low = schema.get("minItems", 0)
        high = max(low, min(FEW if depth < DEEPEST else 0, schema.get("maxItems", FEW)))
        items = self._plan(schema.get("items", True), depth)
        if schema.get("uniqueItems") is True:
            return _leaf(st.lists(_drawn(items), min_size=low, max_size=high, unique_by=told_apart))
        chances = st.binary(min_size=low, max_size=high)
        return lambda draw, _: [items(draw, chance >> 1) for chance in draw(chances)]

    def _objects(self, schema: Schema, depth: int) -> Plan:
        required = frozenset(schema.get("required", ()))
        properties = {
            key: self._plan(value, depth + 1)
            for key, value in schema.get("properties", {}).items()
            if key in required or depth < DEEPEST
        }
        more = schema.get("additionalProperties", True)
        has_extras = more is not False and depth < DEEPEST
        # What no contract documents is rare; where nothing else is documented it is all there is.
        odds = (4 if properties else 1) if has_extras else None
        return _Objects(properties, required, self._plan(more, depth + 1), odds).draw


class _Objects:
    """Draws objects.

    Args:
        properties: those that are documented, by name.
        required: which of them are always there.
        extras: the values of others.
        odds: one object of so many has others; None where there are none.
    """

    def __init__(
        self, properties: Mapping[str, Plan], required: frozenset[str], extras: Plan, odds: int | None
    ) -> None:
        self._properties = [(name, plan, name in required) for name, plan in properties.items()]
        self._documented = properties.keys()
        self._extras = extras
        self._odds = odds
        size = len(properties) + (odds is not None)
        self._chances = st.binary(min_size=size, max_size=size)

    def draw(self, draw: st.DrawFn, _: int) -> dict[str, Any]:
        """Draw one."""
        chances = draw(self._chances)
        found = {
            name: plan(draw, chance >> 1)
            for chance, (name, plan, is_required) in zip(chances, self._properties, strict=False)
            if is_required or chance & 1
        }
        if self._odds is None or chances[-1] % (2 * self._odds) < 2 * self._odds - 1:
            return found
        for chance in draw(_FEW_CHANCES):
            name = draw(texts)
            if name not in self._documented:
                found[name] = self._extras(draw, chance >> 1)
        return found


_CHANCE = st.integers(0, 127)
_FEW_CHANCES = st.binary(max_size=FEW)


@st.composite
def _drawn(draw: st.DrawFn, plan: Plan) -> Any:
    return plan(draw, draw(_CHANCE))


def _leaf(values: SearchStrategy[Any]) -> Plan:
    return lambda draw, _: draw(values)


def _one_of(plans: list[Plan]) -> Plan:
    if len(plans) == 1:
        return plans[0]
    count = len(plans)
    return lambda draw, chance: plans[chance % count](draw, chance // count)


def _deferred(make: Callable[[], Plan]) -> Plan:
    made: list[Plan] = []

    def plan(draw: st.DrawFn, chance: int) -> Any:
        if not made:
            made.append(make())
        return made[0](draw, chance)

    return plan
