"""The sandbox keeps its contracts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import attrs
import orjson
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from unijob.jsontypes import is_list, is_object
from unijob.sandbox import Sandbox, SteppedClock
from unijob.sandbox.messages import Incoming, Outgoing
from unijob.testing.strategies import Sent
from unijob.testing.suite.cases import Cases, Revision, drawn

_ID = re.compile(r"(.*_)?(id|uuid)s?")
_MANY = 8


class Served(Cases):
    """Sends what the contract allows to the sandbox, without sockets."""

    @drawn
    @given(data=st.data())
    def test_the_sandbox_keeps_its_contract(self, revision: Revision, data: DataObject) -> None:
        """Any allowed requests, in any order, at any time: no answer breaks the contract, and none is a 5xx."""
        sandbox = Sandbox(
            clock=SteppedClock(),
            check=True,
            revisions={self.provider: revision.package.revision},
            providers=[self.provider],
        )
        ids = ["nowhere"]
        for operation in data.draw(st.lists(st.sampled_from(sorted(revision.package.operations)), max_size=_MANY)):
            sandbox.advance(data.draw(st.sampled_from([0, 0.3, 1, 2.5, 100])))
            sent = data.draw(revision.requests.of(operation))
            path = {name: data.draw(st.sampled_from(ids)) for name in sent.path}
            outgoing = _answer(sandbox, revision, attrs.evolve(sent, path=path))
            assert outgoing.violations == ()
            assert outgoing.status is not None
            assert outgoing.status < 500
            ids += [one for one in dict.fromkeys(_ids(orjson.loads(outgoing.body or b"null"))) if one not in ids]


def _answer(sandbox: Sandbox, revision: Revision, sent: Sent) -> Outgoing:
    operation = revision.operation(sent.operation)
    path = operation.path.format_map({name: quote(text, safe="") for name, text in sent.path.items()})
    body = b"" if sent.content_type is None else orjson.dumps(sent.value)
    headers = {name.lower(): text for name, text in sent.headers.items()}
    headers |= {"authorization": f"Bearer {sandbox.token}", "content-type": sent.content_type or ""}
    incoming = Incoming(
        method=operation.method,
        path=path,
        query=urlencode(sent.query, quote_via=quote),
        headers=headers,
        body=body,
        base_url="http://sandbox",
    )
    return asyncio.run(sandbox.services[revision.package.provider].answer(incoming))


def _ids(value: Any) -> Iterator[str]:
    """Give what an answer calls an id, wherever it stands."""
    if is_object(value):
        for name, found in value.items():
            if _ID.fullmatch(name):
                yield from (one for one in (found if is_list(found) else [found]) if isinstance(one, str) and one)
    for inner in value.values() if is_object(value) else value if is_list(value) else ():
        yield from _ids(inner)
