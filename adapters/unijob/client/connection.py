"""One account of one provider: builds requests by its contract, sends them, and reads what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from unijob import registry
from unijob.client.replies import Reply, upstream_error
from unijob.client.retries import NoAnswerError, Resend, Sender
from unijob.client.watching import Polled
from unijob.errors import ContractViolation, TransportError, UnijobError, UnsupportedOperation, UpstreamError
from unijob.job import Job
from unijob.jsontypes import as_object
from unijob.kinds import JobKind
from unijob.parsing import CheckedAnswer, interpret
from unijob.parsing import read as read_answer
from unijob.request import Request, build, path_arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from unijob.client.accounts import Account
    from unijob.client.clock import Clock
    from unijob.kinds import AnyKind
    from unijob.redact import Redactor
    from unijob.ref import JobRef
    from unijob_models.runtime import Operation

_NOT_NOW = frozenset({400, 409})
_NOT_FOUND = 404
_VERBS = {"pieces": "list pieces"}


@attrs.frozen(kw_only=True)
class Connection:
    """An account that can be talked to.

    Args:
        account: the account.
        sender: sends requests to it.
        clock: the client's clock.
        redactor: keeps the account's secrets out of whatever is shown.
        strict: whether any breach of a contract is an error.
        timeout: seconds for each request.
        on_behalf_of: the end user for whom requests are made, instead of the account's.
    """

    account: Account
    sender: Sender
    clock: Clock
    redactor: Redactor
    strict: bool
    timeout: float
    on_behalf_of: str | None = None

    def operation(self, kind: AnyKind, role: str, operation_id: str | None) -> tuple[str, Operation]:
        """An operation and the revision to call it by: the account's, or the newest that has it.

        Raises:
            UnsupportedOperation: no such revision has it; names what the kind can do.
        """
        known = registry.revisions(kind.provider)
        revisions = known[::-1] if self.account.revision is None else (self.account.revision,)
        for revision in revisions:
            operations = registry.package(kind.provider, revision).operations
            if operation_id is not None and operation_id in operations:
                return revision, operations[operation_id]
        supported = sorted(kind.capabilities(registry.package(kind.provider, revisions[0]).operations))
        raise UnsupportedOperation(
            f"{kind.name} cannot {_VERBS.get(role, role)} in revision {revisions[0]}: it can {', '.join(supported)}",
            kind=kind.name,
            operation=role,
            supported=supported,
        )

    def request(
        self, kind: AnyKind, role: str, operation_id: str | None, arguments: Mapping[str, Any], body: Any = None
    ) -> Request:
        """A request, checked by its contract.

        Raises:
            UnsupportedOperation: no revision has the operation.
            InvalidArgument: carries all that is wrong.
        """
        revision, operation = self.operation(kind, role, operation_id)
        return self.build(revision, operation, arguments, body)

    def build(self, revision: str, operation: Operation, arguments: Mapping[str, Any], body: Any = None) -> Request:
        """A request of an operation of a revision, checked by its contract, and made for whom the account acts.

        Raises:
            InvalidArgument: carries all that is wrong.
        """
        provider = self.account.provider
        request = build(operation, registry.contract(provider, revision), arguments, body)
        header = registry.provider(provider).on_behalf_of
        if self.on_behalf_of is None or header is None:
            return request
        return attrs.evolve(request, headers={header: self.on_behalf_of, **request.headers})

    def request_for(self, kind: AnyKind, role: str, operation_id: str | None, ref: JobRef) -> Request:
        """A request about one job or schedule. A body that may name it once more does."""
        _, operation = self.operation(kind, role, operation_id)
        return self.request(kind, role, operation_id, path_arguments(operation, ref.ids))

    async def send(
        self,
        request: Request,
        *,
        ref: JobRef | None = None,
        attempts: int | None = None,
        seconds: float | None = None,
        deadline: float | None = None,
    ) -> Reply:
        """Send a request until it succeeds.

        Args:
            request: the request.
            ref: what it asks for, for an error.
            attempts: sendings at most, in place of the client's policy.
            seconds: the time-out of each sending, in place of the client's.
            deadline: when, on the monotonic clock, an answer is of no use any more.

        Raises:
            TransportError: no answer came.
            UpstreamError: the answer is an error.
        """
        try:
            reply = await self.sender.send(
                request, seconds=seconds or self.timeout, attempts=attempts, deadline=deadline
            )
        except NoAnswerError as error:
            raise TransportError(str(error), is_final=error.hopeless) from None
        if not reply.is_success:
            raise self.error(reply, ref)
        return reply

    def error(self, reply: Reply, ref: JobRef | None = None) -> UpstreamError:
        """The error that an answer is."""
        provider, has_key = registry.provider(self.account.provider), self.account.key is not None
        since = self._since(reply.request.operation.id)
        return upstream_error(reply, provider, self.redactor, ref=ref, has_key=has_key, since=since)

    def _since(self, operation_id: str) -> str | None:
        """The revision that first had an operation, where an upstream may be of one before."""
        provider = self.account.provider
        known = registry.revisions(provider)
        having = [one for one in known if operation_id in registry.package(provider, one).operations]
        is_known = self.account.revision is not None or having[0] == known[0]
        return None if is_known else having[0]

    def interpret(self, reply: Reply) -> CheckedAnswer:
        """Read a success answer by its contract.

        Raises:
            ContractViolation: it is no JSON, or under `strict` breaks its contract.
        """
        provider, operation = self.account.provider, reply.request.operation
        value = reply.json(provider, self.redactor)
        documented = {response.status.upper() for response in operation.responses}
        # A success that is not documented as such would fall to `default`, which describes errors.
        told = reply.status if {str(reply.status), "2XX"} & documented else int(operation.success.status)
        return interpret(
            provider,
            operation.id,
            told,
            value,
            revision=self.account.revision,
            strict=self.strict,
            told_at=reply.told_at,
        )

    async def read(self, kind: AnyKind, ref: JobRef, previous: Job[Any, Any] | None = None) -> Any:
        """Read a job or schedule.

        Args:
            kind: its kind.
            ref: which.
            previous: what was last read under the reference.
        """
        role = "get" if isinstance(kind, JobKind) else "schedule"
        reply = await self.send(self.request_for(kind, role, kind.get, ref), ref=ref)
        return read_answer(kind, self.interpret(reply), ref=ref, previous=previous)

    async def act(
        self,
        kind: JobKind,
        request: Request,
        ref: JobRef,
        *,
        is_done: Callable[[Job[Any, Any]], bool],
    ) -> Job[Any, Any]:
        """Ask something of a job that twice is the same as once, and read how it stands then.

        Args:
            kind: its kind.
            request: what is asked.
            ref: which job.
            is_done: whether a job shows that an earlier sending did it, where a later one is refused for its state.

        Raises:
            TransportError: no answer came.
            UpstreamError: it was refused.
            ContractViolation: the answer has no identity or status.
        """
        try:
            reply = await self.sender.send(request, seconds=self.timeout, resend=Resend.ALWAYS)
        except NoAnswerError as error:
            raise TransportError(str(error), is_final=error.hopeless) from None
        if reply.resent and reply.status in _NOT_NOW:
            job: Job[Any, Any] = await self.read(kind, ref)
            if is_done(job):
                return job
        if not reply.is_success:
            raise self.error(reply, ref)
        if not reply.body.strip():
            found: Job[Any, Any] = await self.read(kind, ref)
            return found
        return read_answer(kind, self.interpret(reply), ref=ref)

    async def delete(self, kind: AnyKind, ref: JobRef) -> None:
        """Delete a job or schedule; that it is gone when a second sending comes is no error.

        Args:
            kind: its kind.
            ref: which.

        Raises:
            TransportError: no answer came.
            UpstreamError: it was refused, or the answer says that it is still there.
            ContractViolation: it must be read first, and carries no id to delete it by.
        """
        request = await self._deletion(kind, ref)
        try:
            reply = await self.sender.send(request, seconds=self.timeout)
        except NoAnswerError as error:
            raise TransportError(str(error), is_final=error.hopeless) from None
        if reply.resent and reply.status == _NOT_FOUND:
            return
        if not reply.is_success:
            raise self.error(reply, ref)
        answer = as_object(self.interpret(reply).payload) if reply.body.strip() else {}
        why = kind.kept(answer)
        if why is not None:
            body = self.redactor.value(answer)
            raise UpstreamError(f"{ref} was not deleted: {self.redactor.text(why)}", status=None, body=body)

    async def _deletion(self, kind: AnyKind, ref: JobRef) -> Request:
        _, operation = self.operation(kind, "delete", kind.delete)
        if kind.delete_id is None:
            return self.request_for(kind, "delete", operation.id, ref)
        found = await self.read(kind, ref)
        identity = getattr(found.source, kind.delete_id)
        if not isinstance(identity, str):
            raise ContractViolation(f"{ref} has no {kind.delete_id} to delete it by", revision=found.revision)
        return self.request(kind, "delete", operation.id, path_arguments(operation, (identity,)))

    async def poll(self, kind: JobKind, ref: JobRef, previous: Job[Any, Any] | None, remaining: float | None) -> Polled:
        """Read a job once; an error is what was polled, too.

        Args:
            kind: its kind.
            ref: which.
            previous: what was last read under the reference.
            remaining: seconds to the deadline.
        """
        request = self.request_for(kind, "get", kind.get, ref)
        deadline = None if remaining is None else self.clock.monotonic() + remaining
        try:
            reply = await self.sender.send(request, seconds=self.timeout, attempts=1, deadline=deadline)
        except NoAnswerError as error:
            return Polled(error=TransportError(str(error), is_final=error.hopeless))
        if not reply.is_success:
            return Polled(error=self.error(reply, ref), hint=reply.hint)
        try:
            job = read_answer(kind, self.interpret(reply), ref=ref, previous=previous)
        except UnijobError as error:
            return Polled(error=error, hint=reply.hint)
        return Polled(job=job, hint=reply.hint)
