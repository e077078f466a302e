"""Turns parameters, headers, bodies and responses that operations share into components."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from unijob_codegen.errors import CodegenError
from unijob_codegen.naming import unique
from unijob_codegen.pointers import escape


@attrs.frozen
class _Use:
    address: str
    part: dict[str, Any]
    upstream: str | None
    wanted: str
    once: bool


class Sharing:
    """One section of the components.

    Args:
        section: its name.
        declared: names by address.
    """

    def __init__(self, section: str, declared: Mapping[str, str]) -> None:
        self._section = section
        self._declared = declared
        self._uses: list[_Use] = []

    @property
    def unused(self) -> list[str]:
        """The addresses that lead nowhere."""
        there = {use.address for use in self._uses}
        return [f"{self._section}: {address}" for address in self._declared if address not in there]

    def add(
        self, address: str, part: dict[str, Any], *, upstream: str | None, wanted: str, once: bool = False
    ) -> dict[str, Any]:
        """Note a part.

        Args:
            address: the operation and the place.
            part: the part as it is written; it becomes a reference when it is shared.
            upstream: the name of the component that it is upstream.
            wanted: the name that it gets if it needs one and nothing else gives it one.
            once: whether it stays where it is although another is like it.
        """
        self._uses.append(_Use(address, part, upstream, wanted, once))
        return part

    def components(self) -> dict[str, Any]:
        """Turn what is declared, what upstream has as a component and what occurs twice into references.

        Raises:
            CodegenError: one name is declared for different parts.
        """
        groups: dict[str, list[_Use]] = {}
        for use in self._uses:
            groups.setdefault(json.dumps([use.wanted, use.part], sort_keys=True), []).append(use)
        named: dict[str, list[_Use]] = {}
        for uses in groups.values():
            declared = dict.fromkeys(self._declared[use.address] for use in uses if use.address in self._declared)
            for name in declared:
                same = named.get(name, [])
                if same and _undescribed(same[0].part) != _undescribed(uses[0].part):
                    pair = f"{named[name][0].address!r} and {uses[0].address!r}"
                    raise CodegenError(
                        f"specs/sources.toml: {self._section}: {name} is declared for {pair}, which differ"
                    )
                rest = uses if len(declared) == 1 else [u for u in uses if self._declared.get(u.address) == name]
                named[name] = [*same, *rest]
        done = {id(use.part) for uses in named.values() for use in uses}
        for uses in groups.values():
            left = [use for use in uses if id(use.part) not in done]
            upstream = next((use.upstream for use in left if use.upstream), None)
            if upstream or (len(left) > 1 and not left[0].once):
                named[unique(upstream or left[0].wanted, named)] = left
        return self._written(named)

    def _written(self, named: Mapping[str, list[_Use]]) -> dict[str, Any]:
        order = {id(use.part): position for position, use in enumerate(self._uses)}
        components: dict[str, Any] = {}
        for name, uses in sorted(named.items(), key=lambda entry: order[id(entry[1][0].part)]):
            components[name] = dict(uses[0].part)
            for use in uses:
                use.part.clear()
                use.part["$ref"] = f"#/components/{self._section}/{escape(name)}"
        return components


def _undescribed(part: Mapping[str, Any]) -> dict[str, Any]:
    """A part without its description: two responses of one shape are one, though their statuses have other words."""
    return {key: value for key, value in part.items() if key != "description"}
