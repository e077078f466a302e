"""The sandbox keeps its contracts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
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
from unijob_models.runtime import Operation

_ID = re.compile(r"(.*_)?(id|uuid)s?")
_MANY = 8
_REDIRECTS, _SERVER_FAULT = 300, 500


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
        ids, made = ["nowhere"], dict[str, list[tuple[str, str]]]()
        for _ in range(data.draw(st.integers(0, _MANY))):
            sandbox.advance(data.draw(st.sampled_from([0, 0.3, 1, 2.5, 100])))
            operation = data.draw(st.sampled_from(_askable(revision, made, favoured=data.draw(st.booleans()))))
            sent = data.draw(revision.requests.of(operation.id))
            path = {name: data.draw(st.sampled_from(_known(operation, name, made) or ids)) for name in sent.path}
            outgoing = _answer(sandbox, revision, attrs.evolve(sent, path=path))
            assert outgoing.violations == ()
            assert outgoing.status is not None
            assert outgoing.status < _SERVER_FAULT
            told = list(_ids(orjson.loads(outgoing.body or b"null")))
            ids += [one for one in dict.fromkeys(one for _, one in told) if one not in ids]
            if operation.method == "POST" and outgoing.status < _REDIRECTS:
                made[operation.path] = [*made.get(operation.path, []), *told]


def _askable(revision: Revision, made: Mapping[str, list[tuple[str, str]]], *, favoured: bool) -> list[Operation]:
    """Give the operations to choose from: all, or where something was made, those that are about it."""
    known = [revision.package.operations[name] for name in sorted(revision.package.operations)]
    about = [one for one in known if any(one.path.startswith(f"{collection}/{{") for collection in made)]
    return about if favoured and about else known


def _known(operation: Operation, parameter: str, made: Mapping[str, list[tuple[str, str]]]) -> list[str]:
    """Give the ids that a collection gave to what was made in it, where a path parameter stands right below it."""
    told = made.get(operation.path.partition(f"/{{{parameter}}}")[0], [])
    return [one for name, one in told if name in {"id", "uuid", parameter, f"{parameter}s"}]


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


def _ids(value: Any) -> Iterator[tuple[str, str]]:
    """Give what an answer calls an id, wherever it stands, by its name."""
    if is_object(value):
        for name, found in value.items():
            if _ID.fullmatch(name):
                several = found if is_list(found) else [found]
                yield from ((name, one) for one in several if isinstance(one, str) and one)
    for inner in value.values() if is_object(value) else value if is_list(value) else ():
        yield from _ids(inner)
