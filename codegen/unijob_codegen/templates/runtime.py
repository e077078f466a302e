"""What generated modules are built from: the absent value, and the shape of models, operations and contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final, Literal

import attrs


class Unset(Enum):
    """The type of `UNSET`: a property that the wire does not carry (null is `None`)."""

    UNSET = "UNSET"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET


class _NoExtras(Mapping[str, Any]):
    """The type of `NO_EXTRAS`: an empty mapping that copies and pickles as itself."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "{}"

    def __reduce__(self) -> str:
        return "NO_EXTRAS"


NO_EXTRAS: Final[Mapping[str, Any]] = _NoExtras()
"""What a model holds where the wire carries no property beyond those of its schema."""


class Model:
    """The base of generated models: equality by fields, and a representation without what is absent.

    One implementation for all of them, since compiling one for each is half the time that importing them takes.
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # JSON objects and arrays have none either

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = (field.name for field in attrs.fields(type(self)))  # type: ignore[arg-type]
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def __repr__(self) -> str:
        values = ((field.name, getattr(self, field.name)) for field in attrs.fields(type(self)))  # type: ignore[arg-type]
        shown = (f"{name}={value!r}" for name, value in values if value is not UNSET and value is not NO_EXTRAS)
        return f"{type(self).__name__}({', '.join(shown)})"


Location = Literal["path", "query", "header", "cookie"]


@attrs.frozen(kw_only=True)
class Parameter:
    """One parameter of an operation, as OpenAPI declares it."""

    name: str
    """Its name on the wire."""
    argument: str
    """Its name as a Python keyword."""
    location: Location
    required: bool
    style: str
    explode: bool


@attrs.frozen(kw_only=True)
class Body:
    """A request body."""

    media_type: str
    model: Any
    """The generated model, a type expression of models, or None where the contract does not type it."""
    required: bool


@attrs.frozen(kw_only=True)
class Response:
    """One documented response: a status and, where it has a body, its media type and model."""

    status: str
    """`200`, `2XX` or `default`, as the contract writes it."""
    media_type: str | None
    model: Any
    """The generated model, a type expression of models, or None where the contract does not type it."""


@attrs.frozen(kw_only=True)
class Operation:
    """One operation of a contract, ready to be called."""

    id: str
    method: str
    path: str
    """The path template, `/v1/runs/{run_id}`, without the server."""
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]

    def response(self, status: int) -> Response | None:
        """Find the documented response for a status: exact, then its class (`2XX`), then `default`."""
        for wanted in (str(status), f"{status // 100}XX", "default"):
            for response in self.responses:
                if response.status.upper() == wanted.upper():
                    return response
        return None

    @property
    def success(self) -> Response:
        """The first documented 2xx response."""
        for response in self.responses:
            if response.status.startswith("2"):
                return response
        raise LookupError(f"operation {self.id} documents no 2xx response")


@attrs.frozen(kw_only=True)
class ContractPackage:
    """One revision of one provider's contract: its operations, models and packed document."""

    provider: str
    revision: str
    package: str
    operations: Mapping[str, Operation]

    def document(self) -> dict[str, Any]:
        """Read the packed OpenAPI document."""
        # Who only reads jobs needs neither.
        import json  # noqa: PLC0415
        from importlib import resources  # noqa: PLC0415

        document: dict[str, Any] = json.loads(resources.files(self.package).joinpath("contract.json").read_bytes())
        return document
