"""The project that is generated for: its root, the package that is written, and where its own packages lie."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

from unijob_codegen.errors import CodegenError
from unijob_codegen.pointers import is_list, is_object

RUNTIME = "unijob_models"
"""The package that holds `runtime`, which all generated models are built from: unijob's own."""
PYPROJECT = "pyproject.toml"
TABLE = "tool.unijob-codegen"


@attrs.frozen(kw_only=True)
class Project:
    """A project with its settings.

    Args:
        root: its root: `specs/` lies in it.
        package: the import name of what is generated, `acme_models` or `acme.models`.
        output: the folder, relative to the root, that the package lies in.
        paths: the folders, relative to the root, that its own packages are imported from.
    """

    root: Path
    package: str
    output: str
    paths: tuple[str, ...]

    @property
    def shown(self) -> str:
        """The generated package as messages call it: its path from the root."""
        return (Path(self.output) / self.package.replace(".", "/")).as_posix()

    @property
    def target(self) -> Path:
        """The directory of the generated package."""
        return self.root / self.shown

    @property
    def carries_runtime(self) -> bool:
        """Whether the package is the one that all others import the runtime from."""
        return self.package == RUNTIME


def read(root: Path, *, package: str | None = None, output: str | None = None) -> Project:
    """Read a project's settings: `[tool.unijob-codegen]` of its `pyproject.toml`.

    Args:
        root: the project's root.
        package: the package, whatever the file says.
        output: the output folder, whatever the file says.

    Raises:
        CodegenError: the file is malformed, or says too little.
    """
    table = _table(root)
    _refuse_unknown(table)
    if package is not None and not _is_name(package):
        raise CodegenError(f"--package: {package!r} is no import name; it may be acme_models or acme.models")
    if output is not None and not _is_folder(output):
        raise CodegenError(f"--output: {output!r} is no folder in the project; it may be src")
    name = package or _setting(table, "package", None, _is_name, 'an import name, such as "acme_models"')
    folder = output or _setting(table, "output", "src", _is_folder, 'a folder in the project, such as "src"')
    paths = _setting(table, "paths", [folder], _are_folders, 'a list of folders in the project, such as ["src"]')
    return Project(root=root, package=name, output=folder, paths=tuple(paths))


def _table(root: Path) -> Mapping[str, Any]:
    path = root / PYPROJECT
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CodegenError(f"{PYPROJECT}: malformed TOML: {error}") from None
    for name in TABLE.split("."):
        content = content.get(name, {})
        if not is_object(content):
            raise CodegenError(f"{PYPROJECT}: `{TABLE}` is no table")
    return content


def _refuse_unknown(table: Mapping[str, Any]) -> None:
    odd = sorted(table.keys() - {"package", "output", "paths"})
    if odd:
        raise CodegenError(f"{PYPROJECT}: [{TABLE}] has package, output and paths, not {', '.join(odd)}")


def _setting(table: Mapping[str, Any], name: str, default: Any, holds: Callable[[Any], bool], what: str) -> Any:
    value = table.get(name, default)
    if value is None:
        raise CodegenError(f"{PYPROJECT}: [{TABLE}] lacks `{name}`, {what}; or say it with --{name}")
    if not holds(value):
        raise CodegenError(f"{PYPROJECT}: [{TABLE}] `{name}` is {what}, not {value!r}")
    return value


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and all(part.isidentifier() for part in value.split("."))


def _is_folder(value: Any) -> bool:
    return isinstance(value, str) and value != "" and not Path(value).is_absolute() and ".." not in Path(value).parts


def _are_folders(value: Any) -> bool:
    return is_list(value) and all(map(_is_folder, value))
