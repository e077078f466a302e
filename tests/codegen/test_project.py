"""The generator serves any project: its own specs, its own package, its own settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.codegen.conftest import Project, document
from unijob_codegen import project as projects
from unijob_codegen.errors import CodegenError

THING = {"Thing": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}
PATHS = {
    "/things/{id}": {
        "get": {
            "operationId": "getThing",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {
                "200": {
                    "description": "It.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                }
            },
        }
    }
}
READ = """
import sys
from unijob.converter import structure
import {package}.probe as probe
contract = probe.contract("1")
model = contract.operations["getThing"].success.model
print(contract.package, structure({{"id": "a"}}, model), list(contract.document()["paths"]))
print(model.__module__, sys.modules["unijob_models.runtime"].__file__)
"""


@pytest.fixture
def outside(project: Project) -> Project:
    """A project that is not this one: a spec, and no settings yet."""
    project.spec(document(THING, PATHS))
    (project.root / "pyproject.toml").unlink()
    return project


def settings(project: Project, text: str) -> None:
    project.write("pyproject.toml", f"[tool.unijob-codegen]\n{text}\n")


def command(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "unijob_codegen", *arguments]
    return subprocess.run(call, cwd=project.root, capture_output=True, text=True, check=False)


def read(project: Project, package: str, folder: str) -> list[str]:
    """Import what was generated and read a payload with it, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", READ.format(package=package)],
        env={**os.environ, "PYTHONPATH": str(project.root / folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("package", ["acme_models", "acme.wire.models"])
def test_a_project_generates_a_package_of_its_own(outside: Project, package: str) -> None:
    """It imports the runtime of the installed unijob, and may lie within another package."""
    settings(outside, f'package = "{package}"')
    done = command(outside, "generate")
    shown = f"src/{package.replace('.', '/')}"
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"{shown} was written; what it was before:"), done
    assert not (outside.root / shown / "runtime.py").exists()
    assert command(outside, "generate", "--check").stdout == f"{shown} is up to date\n"
    assert command(outside, "generate").stdout == f"{shown} is up to date\n"
    first, second = read(outside, package, "src")
    assert first == f"{package}.probe.v1 Thing(id='a') ['/things/{{id}}']"
    module, runtime = second.split()
    assert module == f"{package}.probe.v1.models"
    assert outside.root not in Path(runtime).parents


def test_flags_stand_above_settings(outside: Project) -> None:
    """`--package` and `--output` say it without a file, or otherwise than the file."""
    settings(outside, 'package = "acme_models"')
    done = command(outside, "generate", "--package", "other_models", "--output", "lib")
    assert done.returncode == 0, done.stderr
    assert (outside.root / "lib/other_models/probe/v1/models.py").is_file()
    assert not (outside.root / "src").exists()


def test_the_same_bytes_for_any_folder(outside: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the project lies, and what lies beside it, changes nothing."""
    settings(outside, 'package = "acme.models"')
    outside.write("src/attrs.py", "")
    monkeypatch.chdir(outside.root)
    one = outside.generate()
    other = Project(tmp_path / "elsewhere")
    other.spec(document(THING, PATHS))
    settings(other, 'package = "acme.models"\noutput = "."')
    assert other.generate() == one


WRONG: dict[str, tuple[str, str]] = {
    "nothing": ("", "pyproject.toml: [tool.unijob-codegen] lacks `package`, an import name, such as"),
    "no name": ('package = "a-b"', "`package` is an import name, such as \"acme_models\", not 'a-b'"),
    "a folder outside": (
        'package = "a"\noutput = "../x"',
        "`output` is a folder in the project, such as \"src\", not '../x'",
    ),
    "paths that are text": ('package = "a"\npaths = "src"', "`paths` is a list of folders in the project"),
    "a word unknown": ('package = "a"\npackages = []', "has package, output and paths, not packages"),
    "no TOML": ("package =", "pyproject.toml: malformed TOML"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_settings_are_told(outside: Project, name: str) -> None:
    """One message that names the file, the setting, and what it may be."""
    text, message = WRONG[name]
    settings(outside, text)
    done = command(outside, "generate")
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("options", "message"), [(("--package", "a b"), "--package"), (("--output", "/"), "--output")])
def test_wrong_flags_are_told(outside: Project, options: tuple[str, ...], message: str) -> None:
    """A flag is held to the same as the setting."""
    settings(outside, 'package = "acme_models"')
    with pytest.raises(CodegenError, match=message):
        projects.read(outside.root, **{options[0].removeprefix("--"): options[1]})


@pytest.mark.parametrize("path", ["__init__.py", "jobs.py", "deep/er.py"])
def test_a_package_written_by_hand_is_not_overwritten(outside: Project, path: str) -> None:
    """Generating into one would lose it: that is refused, and every file is as it was."""
    settings(outside, 'package = "acme"')
    outside.write(f"src/acme/{path}", "BY_HAND = True\n")
    done = command(outside, "generate")
    assert done.returncode == 1
    assert f"src/acme/{path} was not generated, and would be lost" in done.stderr
    assert [file.name for file in (outside.root / "src").rglob("*") if file.is_file()] == [Path(path).name]


def test_check_asks_for_the_projects_own_providers(outside: Project) -> None:
    """A provider that is not installed has no tables to look at: that is said, and what to do."""
    settings(outside, 'package = "acme_models"')
    command(outside, "generate")
    command(outside, "lock")
    done = command(outside, "check")
    assert done.stderr == (
        "error: provider probe is not installed, so its status tables cannot be checked: pip install --editable .\n"
    )


def test_the_console_script_is_the_command(outside: Project) -> None:
    """`unijob-codegen` is `python -m unijob_codegen`."""
    script = Path(sys.executable).with_name("unijob-codegen")
    done: Any = subprocess.run([script, "--help"], cwd=outside.root, capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in ("generate", "check", "fetch", "diff", "lock"))
