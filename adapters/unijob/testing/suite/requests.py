"""Requests are built if, and only if, the contract allows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import attrs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from unijob.errors import InvalidArgument
from unijob.jsontypes import is_object
from unijob.request import Request, accepted, build
from unijob.testing.strategies import Sent
from unijob.testing.suite.cases import Called, Cases, drawn


def arguments_of(called: Called, sent: Sent) -> dict[str, Any]:
    """Give a request's parameters as a caller writes them."""
    lists = {one.name for one in called.operation.parameters if one.location == "query" and one.explode}
    found: dict[str, Any] = dict(sent.path)
    for name, text in sent.query:
        found[name] = [*found.get(name, ()), text] if name in lists else text
    own = {one.name for one in called.operation.parameters if one.location == "header"}
    return found | {name: text for name, text in sent.headers.items() if name in own}


def built(called: Called, sent: Sent) -> Request:
    """Build a request: of its parts, the body whole."""
    body = sent.value if sent.content_type is not None else None
    return build(called.operation, called.revision.contract, arguments_of(called, sent), body)


def check_built(called: Called, sent: Sent, request: Request) -> None:
    """Hold that a request is what was asked for, and leads to its operation."""
    match = called.revision.contract.route(called.operation.method, request.path)
    assert match.operation is not None
    assert (match.operation.id, match.path_values) == (called.operation.id, sent.path)
    pairs = parse_qsl(request.query, keep_blank_values=True, strict_parsing=bool(request.query))
    assert sorted(pairs) == sorted(sent.query)
    assert {**sent.headers, **request.headers} == sent.headers
    body: bytes | None = request.body
    found = called.revision.contract.check_request(
        called.operation.id,
        path=match.path_values,
        query=pairs,
        headers={**request.headers, "Authorization": "Bearer t0ken"},
        body=body,
        content_type=None if body is None else "application/json",
    )
    assert [one for one in found if not one.drift] == []


class BuiltRequests(Cases):
    """Builds every request of every operation."""

    @drawn
    @given(data=st.data())
    def test_allowed_requests_are_built(self, called: Called, data: DataObject) -> None:
        """What a contract allows can be asked for, and is sent to its operation just as it was asked."""
        sent = data.draw(called.revision.requests.of(called.operation.id))
        request = built(called, sent)
        check_built(called, sent, request)
        assert (None if request.body is None else orjson.loads(request.body)) == sent.value
        if is_object(sent.value) and sent.value and _can_be_spread(called, sent.value):
            assert (
                build(called.operation, called.revision.contract, {**arguments_of(called, sent), **sent.value})
                == request
            )

    @drawn
    @given(data=st.data())
    def test_other_requests_are_refused(self, called: Called, data: DataObject) -> None:
        """One bad parameter, or one defect of the body, and nothing is built: the error says where it is."""
        sent = data.draw(called.revision.requests.of(called.operation.id))
        bad = [(f"request.{place}", one) for place, _, one in called.revision.requests.damaged_parameters(sent)]
        schema = called.revision.requests.body(called.operation.id)
        if schema is not None:
            defects = called.revision.defects.of(schema, sent.value)
            broken = [sent.with_value(defect.apply(sent.value)) for defect in defects]
            bad += [("request.body", one) for one in broken if one.value is not None]  # None is no body at all
        if not bad:
            return
        place, wrong = data.draw(st.sampled_from(bad))
        with pytest.raises(InvalidArgument) as caught:
            built(called, wrong)
        assert {one.place for one in caught.value.violations} <= {place}


def _can_be_spread(called: Called, value: Mapping[str, Any]) -> bool:
    """Tell whether the properties of a body can be arguments of their own: each is documented, and no parameter.

    An argument that is both a parameter and a property stands in both: then a body that does not repeat it is another.
    """
    parameters = {name for one in called.operation.parameters for name in (one.name, one.argument)}
    model = called.operation.body.model if called.operation.body is not None else None
    fields = attrs.fields(model) if isinstance(model, type) and attrs.has(model) else ()
    documented = {field.name for field in fields}
    return not parameters & (value.keys() | documented) and value.keys() <= set(accepted(called.operation))
