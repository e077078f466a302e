"""What is built is what is meant to be shipped."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


CODEGEN = ROOT / "codegen"
OPENAI = ROOT / "examples/provider-openai"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unijob's wheel and sdist, built from the checkout as hatchling does for an installer."""
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generator's wheel and sdist."""
    return build(CODEGEN, tmp_path_factory.mktemp("generator"))


def build(root: Path, folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=root, check=True, capture_output=True
    )
    return folder


def sources(root: Path, package: str) -> set[str]:
    files = (path for path in (root / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(root)) for path in files}


def wheel_names(folder: Path) -> list[str]:
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_holds_only_the_two_packages_and_the_pytest_plugin(built: Path) -> None:
    """Nothing called adapters, generated, tests or codegen lands in anybody's site-packages."""
    tops = {name.partition("/")[0] for name in wheel_names(built)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "unijob",
        "unijob_models",
        "_unijob_pytest.py",
    }


def test_the_wheel_holds_every_module_and_contract(built: Path) -> None:
    """Each source file of the two packages is in the wheel, the packed contracts and type markers too."""
    expected = {*sources(ROOT / "adapters", "unijob"), *sources(ROOT / "generated", "unijob_models")}
    names = set(wheel_names(built))
    assert expected <= names
    assert {"unijob/py.typed", "unijob_models/py.typed"} <= names
    assert any(name.endswith("/contract.json") for name in names)


def test_the_sdist_can_be_built_from(built: Path) -> None:
    """The source distribution carries the sources, the specs, the generator and the tests."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"adapters", "generated", "specs", "codegen", "tests", "pyproject.toml", "README.md", "LICENSE"} <= tops


def test_the_generators_wheel_is_whole(generator: Path) -> None:
    """It holds one package with its templates, types, licence and command, and nothing else."""
    names = set(wheel_names(generator))
    info = "unijob_codegen-0.1.0.dist-info"
    assert {name for name in names if not name.startswith(f"{info}/")} == sources(CODEGEN, "unijob_codegen")
    assert {"unijob_codegen/py.typed", "unijob_codegen/templates/models/dataclass.jinja2"} <= names
    assert {f"{info}/licenses/LICENSE", f"{info}/entry_points.txt"} <= names


def test_the_generators_sdist_can_be_built_from(generator: Path) -> None:
    """It carries what its wheel is built of, and the project's licence word for word."""
    (sdist,) = generator.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert tops == {"unijob_codegen", "pyproject.toml", "README.md", "LICENSE", "PKG-INFO", ".gitignore"}
    assert (CODEGEN / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_a_provider_from_outside_is_a_package(tmp_path: Path) -> None:
    """Its wheel holds one package with its contract, and the entry point that it is found by."""
    folder = build(OPENAI, tmp_path)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        points = archive.read("unijob_openai-0.1.0.dist-info/entry_points.txt").decode()
    assert {name for name in names if ".dist-info/" not in name} == sources(OPENAI / "src", "unijob_openai")
    assert "unijob_openai/models/openai/v2026_11/contract.json" in names
    assert points.split() == ["[unijob.providers]", "openai", "=", "unijob_openai:PROVIDER"]
