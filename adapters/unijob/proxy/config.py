"""Reads a proxy's settings from a TOML file and flags: strictly, and all that is wrong at once."""

from __future__ import annotations

import os
import re
import tomllib
import types
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from unijob.errors import ConfigError
from unijob.jsontypes import is_list, is_object
from unijob.proxy.config_checks import Problem, check_header, check_whole, find_wrong, key_path
from unijob.proxy.settings import ProxySettings, UpstreamSettings

_VARIABLE = re.compile(r"\$\{(?P<name>[^}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FROM_FILE = "file:"
_FILES = frozenset({"spec", "ca_file"})
_WRONG: Final = object()
_SHOWN_TYPES: Mapping[type, str] = {
    str: "text", bool: "true or false", int: "a whole number", float: "a number", dict: "a table", list: "a list",
}  # fmt: skip


class WrongSettings(ConfigError):
    """The settings are wrong.

    Args:
        problems: all that is wrong, each with the setting's name.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        lines = [str(problem) for problem in problems]
        head = "a setting is wrong: " if len(lines) == 1 else f"{len(lines)} settings are wrong:\n  "
        super().__init__(head + "\n  ".join(lines), setting=", ".join(problem.setting for problem in problems))
        self.problems = tuple(problems)


@attrs.frozen
class Flag:
    """One setting from the command line; it wins over the file.

    Attributes:
        flag: as it was written, `--port`.
        keys: where it stands in the settings, `("upstreams", "mka1", "url")`.
        value: what it says.
    """

    flag: str
    keys: tuple[str, ...]
    value: Any


@attrs.frozen(kw_only=True)
class Source:
    """Where settings come from; each `read` reads anew.

    Attributes:
        file: a TOML file, or None.
        flags: what the command line says.
        environment: where `${NAME}` is looked up.
    """

    file: Path | None = None
    flags: tuple[Flag, ...] = ()
    environment: Mapping[str, str] = attrs.field(factory=lambda: os.environ, repr=False)

    def read(self) -> ProxySettings:
        """Read the settings.

        Raises:
            WrongSettings: names all that is wrong; quotes no credential.
        """
        table = self._table()
        origins: dict[tuple[str, ...], str] = {}
        for flag in self.flags:
            _put(table, flag)
            origins[flag.keys] = flag.flag
        reader = _Reader(origins, self.environment, self.file.parent if self.file else Path())
        settings: ProxySettings | None = reader.settings(ProxySettings, table, ())
        if reader.problems or settings is None:
            raise WrongSettings(reader.problems)
        if problems := check_whole(settings):
            raise WrongSettings(problems)
        return settings

    def _table(self) -> dict[str, Any]:
        if self.file is None:
            return {}
        try:
            return tomllib.loads(self.file.read_bytes().decode())
        except OSError as error:
            problem = f"cannot be read: {error.strerror or type(error).__name__}"
        except UnicodeDecodeError:
            problem = "is not UTF-8"
        except tomllib.TOMLDecodeError as error:
            problem = f"is not TOML: {error}"
        raise WrongSettings([Problem(str(self.file), problem)])


def _put(table: dict[str, Any], flag: Flag) -> None:
    *above, last = flag.keys
    for key in above:
        inner = table.setdefault(key, {})
        if not is_object(inner):
            return
        table = inner
    table[last] = flag.value


class _Reader:
    """Builds settings from tables, and collects what is wrong."""

    def __init__(self, origins: Mapping[tuple[str, ...], str], environment: Mapping[str, str], base: Path) -> None:
        self.problems: list[Problem] = []
        self._origins = origins
        self._environment = environment
        self._base = base

    def settings(self, cls: type[Any], raw: Any, keys: tuple[str, ...], **given: Any) -> Any:
        """Build one attrs class from a table; None where that cannot be."""
        if not is_object(raw):
            return self._expected("a table", raw, keys, fallback=None)
        hints = get_type_hints(cls)
        fields = {field.name: field for field in attrs.fields(cls) if field.name not in given}
        for name in sorted(raw.keys() - fields.keys()):
            self._unknown(name, fields, keys)
        for name, field in fields.items():
            if name in raw:
                given[name] = self._field(hints[name], raw[name], (*keys, name))
            elif field.default is attrs.NOTHING:
                self._say((*keys, name), "is missing" + _hint(name))
        if any(value is _WRONG for value in given.values()):
            return None
        return None if any(f.default is attrs.NOTHING and n not in given for n, f in fields.items()) else cls(**given)

    def _field(self, kind: Any, raw: Any, keys: tuple[str, ...]) -> Any:
        before = len(self.problems)
        value = self._upstreams(raw) if keys == ("upstreams",) else self._value(kind, raw, keys)
        if len(self.problems) > before:
            return _WRONG
        if keys[-1] in _FILES and keys not in self._origins and isinstance(value, str):
            value = str(self._base / value)
        if problem := find_wrong(keys, value):
            return self._say(keys, problem)
        return value

    def _upstreams(self, raw: Any) -> Any:
        if not is_object(raw):
            return self._expected("a table", raw, ("upstreams",))
        built: list[UpstreamSettings | None] = []
        for name, table in raw.items():
            if problem := find_wrong(("upstreams", name, "name"), name):
                self._say(("upstreams", name), problem)
            else:
                built.append(self.settings(UpstreamSettings, table, ("upstreams", name), name=name))
        return tuple(built)

    def _value(self, kind: Any, raw: Any, keys: tuple[str, ...]) -> Any:
        origin, inner = get_origin(kind), get_args(kind)
        if origin in {Union, types.UnionType}:
            (only,) = [each for each in inner if each is not type(None)]
            return None if raw is False and only is not bool else self._value(only, raw, keys)
        if origin is Literal:
            return raw if raw in inner else self._choice([str(each) for each in inner], raw, keys)
        if origin is tuple:
            return self._list(inner[0], raw, keys)
        if origin is not None and issubclass(origin, Mapping):
            return self._mapping(inner[1], raw, keys)
        if attrs.has(kind):
            return self.settings(kind, raw, keys)
        return self._plain(kind, raw, keys)

    def _plain(self, kind: type[Any], raw: Any, keys: tuple[str, ...]) -> Any:
        if kind is float and type(raw) is int:
            raw = float(raw)
        if raw.__class__ is not kind:
            return self._expected(_SHOWN_TYPES[kind], raw, keys)
        return self._filled(raw, keys) if keys[0] == "inbound_keys" or keys[2:3] == ("headers",) else raw

    def _list(self, kind: Any, raw: Any, keys: tuple[str, ...]) -> Any:
        if not is_list(raw):
            return self._expected("a list", raw, keys)
        return tuple(self._value(kind, item, (*keys, str(index))) for index, item in enumerate(raw))

    def _mapping(self, kind: Any, raw: Any, keys: tuple[str, ...]) -> Any:
        if not is_object(raw):
            return self._expected("a table", raw, keys)
        return {name: self._value(kind, item, (*keys, name)) for name, item in raw.items()}

    def _filled(self, text: str, keys: tuple[str, ...]) -> Any:
        """Put the values of variables and files into a header or a key."""
        if problem := check_header(keys, has_variable=_VARIABLE.search(text) is not None):
            return self._say(keys, problem)
        missing: list[str] = []
        filled = _VARIABLE.sub(lambda match: self._looked_up(match["name"], missing.append), text)
        for problem in missing:
            self._say(keys, problem)
        return filled

    def _looked_up(self, name: str, tell: Callable[[str], None]) -> str:
        if name.startswith(_FROM_FILE):
            path = self._base / name.removeprefix(_FROM_FILE)
            try:
                found = path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                tell(f"the file {path} cannot be read")
                return ""
            if not found:
                tell(f"the file {path} is empty")
            return found
        found = self._environment.get(name, "")
        if not _VARIABLE_NAME.fullmatch(name):
            tell("holds ${…} without the name of an environment variable or file:PATH")
        elif not found:
            tell(f"the environment variable {name} is not set")
        return found

    def _choice(self, known: Sequence[str], raw: Any, keys: tuple[str, ...]) -> Any:
        near = get_close_matches(str(raw), known, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        return self._say(keys, f"must be one of {', '.join(known)}{meant}")

    def _unknown(self, name: str, known: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        near = get_close_matches(name, known, n=1)
        told = f"did you mean {key_path((*keys, near[0]))}?" if near else f"it may be {', '.join(sorted(known))}"
        self._say((*keys, name), f"there is no such setting; {told}")

    def _expected(self, wanted: str, raw: Any, keys: tuple[str, ...], *, fallback: Any = _WRONG) -> Any:
        kind: type[Any] = raw.__class__
        self._say(keys, f"must be {wanted}, and is {_SHOWN_TYPES.get(kind, kind.__name__)}")
        return fallback

    def _say(self, keys: tuple[str, ...], problem: str) -> Any:
        self.problems.append(Problem(self._origins.get(keys, key_path(keys)), problem))
        return _WRONG


def _hint(name: str) -> str:
    return ": give --upstream NAME=URL" if name in {"upstreams", "url"} else ""
