"""The HTTP face of the sandbox's own settings, under `/-/`: what `Sandbox` offers in process, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import orjson

from unijob.errors import InvalidArgument
from unijob.jsontypes import is_object
from unijob.sandbox.clock import rfc3339
from unijob.sandbox.effects import EFFECTS
from unijob.sandbox.messages import Incoming, Outgoing

if TYPE_CHECKING:
    from unijob.sandbox.sandbox import Sandbox

NAME = "-"
"""The first segment of its paths."""
FAULT_FILTERS = ("effect", "provider", "operation", "kind", "times", "every", "probability", "after")


class Control:
    """Answers what is asked under `/-/`.

    Args:
        sandbox: what it sets.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._routes: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
            "": {"GET": self._describe},
            "clock": {"GET": self._clock, "POST": self._advance},
            "scripts": {"GET": self._scripts, "POST": self._script, "DELETE": self._clear_scripts},
            "faults": {"GET": self._faults, "POST": self._fault, "DELETE": self._clear_faults},
            "absent": {"GET": self._absent, "POST": self._remove, "DELETE": self._clear_absent},
            "requests": {"GET": self._requests, "DELETE": self._clear_requests},
            "reset": {"POST": self._reset},
        }

    def answer(self, incoming: Incoming) -> Outgoing:
        """Answer a request. What is wrong with it is told with 400, 404 or 405, under `error` and `argument`."""
        path = incoming.path.strip("/")
        fault = path.removeprefix("faults/")
        if fault != path and incoming.method == "DELETE":
            return self._take_back(unquote(fault))
        methods = self._routes.get(path)
        if methods is None:
            listed = ", ".join(f"/-/{name}" for name in self._routes)
            return _json(404, {"error": f"there is no /-/{path}: there are {listed}"})
        act = methods.get(incoming.method)
        if act is None:
            return _json(405, {"error": f"/-/{path} takes {', '.join(methods)}"}, {"Allow": ", ".join(methods)})
        try:
            return _json(200, act(_object(incoming.body)))
        except InvalidArgument as error:
            return _json(400, {"error": str(error), "argument": error.argument})

    def _take_back(self, identity: str) -> Outgoing:
        if self._sandbox.faults.remove(identity):
            return _json(200, {"removed": identity})
        known = ", ".join(fault.id for fault in self._sandbox.faults.all()) or "none"
        return _json(404, {"error": f"there is no fault {identity!r}: there are {known}"})

    def _describe(self, _: Any) -> dict[str, Any]:
        sandbox = self._sandbox
        return {
            "providers": {
                name: {"url": sandbox.url(name), "revision": revision} for name, revision in sandbox.revisions.items()
            },
            "seed": sandbox.seed,
            "now": rfc3339(sandbox.clock.now()),
            "paths": {f"/-/{path}": list(methods) for path, methods in self._routes.items()},
            "scripts": sandbox.scripts.describe(),
            "faults": {
                effect: {name: {"default": each.default, "is": each.wanted()} for name, each in settings.items()}
                for effect, settings in EFFECTS.items()
            },
            "fault_filters": list(FAULT_FILTERS),
            "parents": list(sandbox.parents),
        }

    def _clock(self, _: Any) -> dict[str, Any]:
        return {"now": rfc3339(self._sandbox.clock.now())}

    def _advance(self, wanted: dict[str, Any]) -> dict[str, Any]:
        _only(wanted, ("advance",))
        seconds = wanted.get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise InvalidArgument('`advance` must be a number of seconds: {"advance": 30}', argument="advance")
        self._sandbox.advance(seconds)
        return self._clock(None)

    def _scripts(self, _: Any) -> dict[str, Any]:
        return {"scripts": self._sandbox.scripts.to_plain()}

    def _script(self, wanted: dict[str, Any]) -> dict[str, Any]:
        kind, times = wanted.pop("kind", None), wanted.pop("times", 1)
        if not isinstance(kind, str):
            raise InvalidArgument("`kind` must name a kind, such as 'provider:kind'", argument="kind")
        script = self._sandbox.script(kind, times=times, **wanted)
        return {"kind": kind, "times": times, **script.settings}

    def _clear_scripts(self, _: Any) -> dict[str, Any]:
        self._sandbox.scripts.clear()
        return self._scripts(None)

    def _faults(self, _: Any) -> dict[str, Any]:
        return {"faults": [fault.to_plain() for fault in self._sandbox.faults.all()]}

    def _fault(self, wanted: dict[str, Any]) -> dict[str, Any]:
        effect = wanted.pop("effect", None)
        if not isinstance(effect, str):
            raise InvalidArgument(f"`effect` must be one of {', '.join(EFFECTS)}", argument="effect")
        return self._sandbox.fault(effect, **wanted).to_plain()

    def _clear_faults(self, _: Any) -> dict[str, Any]:
        self._sandbox.faults.clear()
        return self._faults(None)

    def _absent(self, _: Any) -> dict[str, Any]:
        return {"absent": [{"kind": kind, "id": identity} for kind, identity in sorted(self._sandbox.absences)]}

    def _remove(self, wanted: dict[str, Any]) -> dict[str, Any]:
        _only(wanted, ("kind", "id"))
        self._sandbox.absent(wanted.get("kind", ""), wanted.get("id", "*"))
        return self._absent(None)

    def _clear_absent(self, _: Any) -> dict[str, Any]:
        self._sandbox.absences.clear()
        return self._absent(None)

    def _requests(self, _: Any) -> dict[str, Any]:
        return {"requests": [received.to_plain() for received in self._sandbox.requests]}

    def _clear_requests(self, _: Any) -> dict[str, Any]:
        self._sandbox.requests.clear()
        return self._requests(None)

    def _reset(self, wanted: dict[str, Any]) -> dict[str, Any]:
        _only(wanted, ())
        self._sandbox.reset()
        return self._clock(None)


def _object(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidArgument(f"the body must be JSON: {error}", argument="body") from None
    if not is_object(value):
        raise InvalidArgument("the body must be a JSON object", argument="body")
    return value


def _only(wanted: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in wanted:
        if name not in names:
            raise InvalidArgument(f"there is no `{name}` here: it takes {', '.join(names) or 'nothing'}", argument=name)


def _json(status: int, payload: Any, headers: Mapping[str, str] | None = None) -> Outgoing:
    fields = {"Content-Type": "application/json", **(headers or {})}
    return Outgoing(status=status, headers=fields, body=orjson.dumps(payload), request_id="")
