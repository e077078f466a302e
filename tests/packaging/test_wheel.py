"""What is built is what is meant to be shipped."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the sdist, built from the checkout as hatchling does for an installer."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    return folder


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
    expected = {
        str(path.relative_to(root))
        for root in (ROOT / "adapters", ROOT / "generated")
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
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
