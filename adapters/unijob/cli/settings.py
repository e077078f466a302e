"""Settings from flags, the environment and the file of profiles, each with where it came from."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from unijob import discovery, registry
from unijob.client.accounts import Account
from unijob.errors import ConfigError
from unijob.jsontypes import is_object
from unijob.redact import MASK, redact_url
from unijob.ref import JobRef

NAMES = ("key", "base_url", "revision", "on_behalf_of", "ca_file", "proxy", "verify")
"""What an account may set, in the order in which it is shown."""
_DEFAULT_PROFILE = "default"
_BOOLEANS = {"true": True, "false": False}


@attrs.frozen(kw_only=True)
class Setting:
    """One setting of one account.

    Args:
        account: `provider` or `provider@name`.
        origin: where it came from, for people.
    """

    account: str
    name: str
    value: str | bool | None
    origin: str

    @property
    def shown(self) -> str | bool | None:
        """Its value, secrets masked."""
        if self.name == "key" and self.value is not None:
            return MASK
        return redact_url(self.value) if isinstance(self.value, str) else self.value


@attrs.frozen(kw_only=True)
class Settings:
    """All settings in force.

    Args:
        file: where the file of profiles is, or would be.
        has_file: whether it is there.
        profile: the profile's name.
        profile_origin: where that came from.
        flags: account to name to value, as flags set them.
        sections: the same of the profile in the file.
        env: the environment.
    """

    file: Path
    has_file: bool
    profile: str
    profile_origin: str
    flags: Mapping[str, Mapping[str, str | bool]]
    sections: Mapping[str, Mapping[str, str | bool]]
    env: Mapping[str, str] = attrs.field(repr=False)

    def names(self, providers: Iterable[str]) -> list[str]:
        """The accounts of some providers that are set up or could be: the unnamed one first, then the named."""
        wanted = set(providers)
        named = {name for name in (*self.sections, *self.flags) if name.partition("@")[0] in wanted}
        return sorted(wanted | named)

    def of(self, account: str) -> list[Setting]:
        """Every setting of an account."""
        return [self._setting(account, name) for name in NAMES]

    def accounts(self, providers: Iterable[str]) -> list[Account]:
        """The accounts of some providers that have a key.

        Raises:
            ConfigError: a setting is wrong; names it and where it came from.
        """
        found: list[Account] = []
        for name in self.names(providers):
            settings = {setting.name: setting for setting in self.of(name)}
            if settings["key"].value is not None:
                found.append(_account(name, settings))
        return found

    def _setting(self, account: str, name: str) -> Setting:
        value, origin = self._found(account, name)
        return Setting(account=account, name=name, value=value, origin=origin)

    def _found(self, account: str, name: str) -> tuple[str | bool | None, str]:
        flag = self.flags.get(account, {}).get(name)
        if flag is not None:
            return flag, "flag --set"
        provider = registry.provider(account.partition("@")[0])
        if "@" not in account:
            variables = {
                "key": provider.key_variables,
                "base_url": (provider.base_url_variable,),
                "revision": (provider.revision_variable,) if provider.revision_variable else (),
            }
            for variable in variables.get(name, ()):
                if self.env.get(variable):
                    return self.env[variable], f"environment {variable}"
        written = self.sections.get(account, {}).get(name)
        if written is not None:
            return written, f"file, profile {self.profile}"
        defaults: dict[str, str | bool] = {"base_url": provider.base_url, "verify": True}
        return (defaults[name], "default") if name in defaults else (None, "not set")


def load(*, profile: str | None, flags: Iterable[str], env: Mapping[str, str] | None = None) -> Settings:
    """Gather the settings.

    Args:
        profile: the profile that a flag asked for.
        flags: `account.name=value`, as given.
        env: the environment; the process' own by default.

    Raises:
        ConfigError: names what is wrong, and where.
    """
    environment = dict(os.environ) if env is None else env
    file = _path(environment)
    document = _read(file, is_asked_for=bool(environment.get("UNIJOB_CONFIG")))
    asked, origin = _profile(profile, environment, document)
    profiles = _table(document.get("profiles", {}), "profiles", file)
    if asked not in profiles and origin != "default":
        known = ", ".join(profiles) or "none"
        raise ConfigError(f"there is no profile {asked!r} ({origin}) in {file}: it has {known}", setting="profile")
    sections = _table(profiles.get(asked, {}), f"profiles.{asked}", file)
    return Settings(
        file=file,
        has_file=bool(document),
        profile=asked,
        profile_origin=origin,
        flags=_flags(flags),
        sections={name: _section(name, section, asked, file) for name, section in sections.items()},
        env=environment,
    )


def _path(env: Mapping[str, str]) -> Path:
    if env.get("UNIJOB_CONFIG"):
        return Path(env["UNIJOB_CONFIG"]).expanduser()
    base = env.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "unijob" / "config.toml"


def _read(file: Path, *, is_asked_for: bool) -> dict[str, Any]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if is_asked_for:
            raise ConfigError(f"UNIJOB_CONFIG names no file: {file}", setting="UNIJOB_CONFIG") from None
        return {}
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is no TOML: {error}", setting=str(file)) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{file} cannot be read: {reason}", setting=str(file)) from None
    unknown = sorted(document.keys() - {"profile", "profiles"})
    if unknown:
        raise ConfigError(
            f"{file} has no place for {', '.join(unknown)}: it holds profile, profiles", setting=str(file)
        )
    return document


def _profile(flag: str | None, env: Mapping[str, str], document: Mapping[str, Any]) -> tuple[str, str]:
    if flag:
        return flag, "flag --profile"
    if env.get("UNIJOB_PROFILE"):
        return env["UNIJOB_PROFILE"], "environment UNIJOB_PROFILE"
    if "profile" not in document:
        return _DEFAULT_PROFILE, "default"
    if not isinstance(document["profile"], str):
        raise ConfigError("profile, in the settings' file, must be a string: the name of a profile", setting="profile")
    return document["profile"], "file"


def _table(value: Any, where: str, file: Path) -> dict[str, Any]:
    if not is_object(value):
        raise ConfigError(f"[{where}] in {file} must be a table", setting=where)
    return value


def _section(account: str, section: Any, profile: str, file: Path) -> dict[str, str | bool]:
    where = f"profiles.{profile}.{account}"
    _check_account(account, f"[{where}] in {file}")
    for name, value in _table(section, where, file).items():
        _check_name(name, f"[{where}] in {file}")
        wanted = bool if name == "verify" else str
        if not isinstance(value, wanted):
            kind = "true or false" if wanted is bool else "a string"
            raise ConfigError(f"{name} of [{where}] in {file} must be {kind}", setting=where)
    return _table(section, where, file)


def _flags(given: Iterable[str]) -> dict[str, dict[str, str | bool]]:
    found: dict[str, dict[str, str | bool]] = {}
    for text in given:
        place, equals, value = text.partition("=")
        account, dot, name = place.rpartition(".")
        if not (equals and dot and account and value):
            raise ConfigError("--set takes PROVIDER.NAME=VALUE, as in mka1.base_url=http://localhost", setting="--set")
        _check_account(account, "--set")
        _check_name(name, "--set")
        if name == "key":
            raise ConfigError(
                f"a key has no flag, which others on the machine could see: write it into the settings' file, or set "
                f"{registry.provider(account.partition('@')[0]).key_variables[0]}",
                setting="--set",
            )
        if name == "verify" and value not in _BOOLEANS:
            raise ConfigError(f"--set {place} takes true or false", setting="--set")
        found.setdefault(account, {})[name] = _BOOLEANS[value] if name == "verify" else value
    return found


def _check_account(account: str, where: str) -> None:
    provider, at, name = account.partition("@")
    if discovery.find(provider) is None:
        known = ", ".join(registry.provider_names())
        raise ConfigError(f"{where}: there is no provider {provider!r}: it may be {known}", setting=where)
    JobRef(provider, "job", (), name if at else None)


def _check_name(name: str, where: str) -> None:
    if name not in NAMES:
        raise ConfigError(f"{where}: there is no setting {name!r}: it may be {', '.join(NAMES)}", setting=where)


def _account(account: str, settings: Mapping[str, Setting]) -> Account:
    provider, at, name = account.partition("@")
    values: dict[str, Any] = {one.name: one.value for one in settings.values() if one.value is not None}
    base_url = values.pop("base_url")
    try:
        return Account(provider, name if at else None, base_url, **values)
    except ConfigError as error:
        origin = settings[error.setting].origin if error.setting in settings else "settings"
        raise ConfigError(f"{account}: {error} ({origin})", setting=error.setting) from None
