"""Models lose nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from unijob.converter import dumps, loads, structure, structure_leniently, unstructure
from unijob.testing.suite.cases import Answered, Cases, drawn


class RoundTrips(Cases):
    """Structures every answer, and writes it back."""

    @drawn
    @given(data=st.data())
    def test_round_trip(self, answered: Answered, data: DataObject) -> None:
        """A payload that its contract allows is structured and written back as it was, in data and in bytes."""
        case, answer = answered.revision, answered.answer
        payload = data.draw(case.payloads.of(answer.schema))
        findings = case.contract.check_response(answer.operation, answered.status, payload)
        assert [found for found in findings if not found.drift] == []
        responses = case.operation(answer.operation).responses
        model = next(response.model for response in responses if response.status == answer.status)
        read = structure(payload, model)
        assert unstructure(read) == payload
        assert structure_leniently(payload, model) == read
        assert unstructure(structure(loads(dumps(payload)), model)) == payload
        assert loads(dumps(read)) == payload
