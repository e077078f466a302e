"""Generates the whole tree in memory: every file of the generated package with its bytes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import attrs

from unijob_codegen import documents, models, operations, packages, packing, sources
from unijob_codegen.errors import CodegenError
from unijob_codegen.lowering import Lowering
from unijob_codegen.project import Project
from unijob_codegen.sources import SOURCES, Provider, Revision
from unijob_codegen.text import LINE_LENGTH, header

_RUNTIME = "unijob_codegen/templates/runtime.py"
# Ruff's own lines: what generated code shall not depend on is the configuration around it.
_RUFF = ("--isolated", f"--config=line-length={LINE_LENGTH}", "--config=target-version='py311'", "--no-cache")

Tree = dict[str, bytes]
"""Bytes by path relative to the generated package."""


@attrs.frozen
class _Generated:
    revision: Revision
    digest: str
    names: tuple[str, ...]
    tree: Tree


def generate(project: Project) -> Tree:
    """Generate everything that the sources name.

    Args:
        project: the project.

    Raises:
        CodegenError: says what is wrong, and where.
    """
    providers = sources.read(project.root)
    sources_digest = _digest(project.root / SOURCES)
    tree: Tree = {
        "__init__.py": _python([(SOURCES, sources_digest)], packages.root(providers)),
        "py.typed": b"",
    }
    if project.carries_runtime:
        runtime = models.TEMPLATES / "runtime.py"
        tree["runtime.py"] = _python([(_RUNTIME, _digest(runtime))], runtime.read_text(encoding="utf-8"))
    for provider in providers:
        for path, data in _provider(project, provider, sources_digest).items():
            tree[f"{provider.name}/{path}"] = data
    return _formatted(project, tree)


def _provider(project: Project, provider: Provider, sources_digest: str) -> Tree:
    generated = [_revision(project, provider, revision) for revision in provider.revisions]
    tree: Tree = {
        "__init__.py": _python([(SOURCES, sources_digest)], packages.provider_face(project.package, provider)),
        "models.py": _python(
            [(entry.revision.path, entry.digest) for entry in generated],
            packages.model_unions(project.package, provider, {entry.revision.name: entry.names for entry in generated}),
        ),
    }
    for entry in generated:
        tree |= {f"{entry.revision.module}/{path}": data for path, data in entry.tree.items()}
    return tree


def _revision(project: Project, provider: Provider, revision: Revision) -> _Generated:
    document = documents.load(project.root / revision.path, shown=revision.path)
    title = f"{provider.title}, revision {revision.name}"
    package = f"{project.package}.{provider.name}.{revision.module}"
    origin = [(document.path, document.digest)]
    try:
        lowering = Lowering(document)
        found = operations.collect(document, lowering)
        tree: Tree = {
            "__init__.py": _python(origin, packages.revision_face(title)),
            "models.py": _python(origin, models.render(lowering, title=title)),
            "operations.py": _python(
                origin,
                operations.render(found, package=package, provider=provider.name, revision=revision, title=title),
            ),
            "contract.json": packing.pack(document.content),
        }
    except CodegenError as error:
        raise CodegenError(f"{document.path}: {error}") from error
    except RecursionError:
        raise CodegenError(f"{document.path}: its schemas are nested too deeply") from None
    return _Generated(revision, document.digest, tuple(sorted(lowering.models)), tree)


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _python(origin: list[tuple[str, str]], source: str) -> bytes:
    return (header(origin) + source).encode()


def _formatted(project: Project, tree: Mapping[str, bytes]) -> Tree:
    """Format all modules with Ruff, in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="unijob-codegen-") as directory:
        base = place(Path(directory), project.package)
        write(base, tree)
        _ruff("check", "--select=I", "--fix", "--quiet", str(base))
        _ruff("format", "--quiet", str(base))
        return {path: (base / path).read_bytes() for path in tree}


def place(directory: Path, package: str) -> Path:
    """Make room for a package in an empty directory: what is above it are packages too, empty ones."""
    for part in package.split(".")[:-1]:
        directory /= part
        directory.mkdir()
        (directory / "__init__.py").touch()
    return directory / package.rpartition(".")[2]


def write(base: Path, tree: Mapping[str, bytes]) -> None:
    """Write a tree below a directory that does not exist yet."""
    for path, data in tree.items():
        target = base / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _ruff(command: str, *arguments: str) -> None:
    call = [sys.executable, "-m", "ruff", command, *_RUFF, *arguments]
    done = subprocess.run(call, capture_output=True, text=True, check=False)  # noqa: S603 - nothing comes from outside
    if done.returncode != 0:
        raise CodegenError(f"Ruff cannot format the generated code:\n{done.stderr or done.stdout}")
