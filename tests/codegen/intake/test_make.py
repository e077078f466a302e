"""`make` regenerates what is stale and nothing else, and `make check` says what a new spec broke."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.codegen.intake.samples import ROOT, own, published
from unijob_codegen import checking, freshness, generation
from unijob_codegen import project as projects
from unijob_codegen.cli import main
from unijob_codegen.errors import CodegenError
from unijob_codegen.intake import fetching
from unijob_codegen.intake.fetching import Request

TARGET = "generated/unijob_models"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project's specs, generated code and adapters."""
    for name in ("specs", "generated", "adapters"):
        ignored = shutil.ignore_patterns("__pycache__", "cli", "proxy", "sandbox")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def refuse(_project: projects.Project) -> generation.Tree:
    raise CodegenError("generated although nothing changed")


def test_nothing_is_generated_twice(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a generation, another has nothing to do, and does not even begin."""
    assert run(project, "generate").exit_code == 0
    monkeypatch.setattr(generation, "generate", refuse)
    done = run(project, "generate")
    assert done.output == f"{TARGET} is up to date\n"


@pytest.mark.parametrize("path", ["specs/gradient/2026-08.yaml", "specs/sources.toml", f"{TARGET}/mka1/models.py"])
def test_a_changed_file_is_stale(project: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec, the sources, or a generated file that someone touched: each is noticed."""
    run(project, "generate")
    monkeypatch.setattr(generation, "generate", refuse)
    with (project / path).open("a", encoding="utf-8") as file:
        file.write("# more\n")
    assert run(project, "generate").exit_code == 1


def test_a_changed_generator_is_stale(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The generator's own files and tools are among the inputs."""
    stamp = freshness.take(projects.read(project))
    generator = tmp_path / "generator"
    shutil.copytree(ROOT / "codegen/unijob_codegen", generator, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(freshness, "_GENERATOR", generator)
    assert freshness.take(projects.read(project)) == stamp
    edit(generator / "templates/models/Enum.jinja2", "class", "class ")
    assert freshness.take(projects.read(project))["in"] != stamp["in"]
    shutil.copy(
        ROOT / "codegen/unijob_codegen/templates/models/Enum.jinja2", generator / "templates/models/Enum.jinja2"
    )
    monkeypatch.setattr(freshness, "_TOOLS", ("ruff",))
    assert freshness.take(projects.read(project))["in"] != stamp["in"]


def test_only_what_changed_is_written(project: Path) -> None:
    """Files of other specs keep their bytes and their time."""
    run(project, "generate")
    before = freshness.times(project / TARGET)
    edit(project / "specs/gradient/2026-08.yaml", "- DATA_SOURCE_STATUS_FAILED", "- DATA_SOURCE_STATUS_LOST")
    done = run(project, "generate")
    assert done.exit_code == 0, done.output
    after = freshness.times(project / TARGET)
    assert {path.relative_to(project / TARGET).parts[0] for path in after if after[path] != before[path]} == {
        "gradient"
    }


def test_the_stamp_stays_out_of_git(project: Path) -> None:
    """The cache ignores itself, and a broken stamp only costs time."""
    run(project, "generate")
    assert (project / freshness.CACHE / ".gitignore").read_text(encoding="utf-8") == "*\n"
    (project / freshness.CACHE / "stamp.json").write_text("{", encoding="utf-8")
    assert run(project, "generate").output == f"{TARGET} is up to date\n"


def test_a_whole_project_has_no_problems(project: Path) -> None:
    """The project as it stands passes its own check."""
    run(project, "generate")
    assert checking.problems(projects.read(project)) == []


def test_a_new_status_is_one_message(project: Path) -> None:
    """It names the kind, the table's module, the member, and what to do."""
    edit(project / "specs/mka1/2026-10.yaml", "enum: [queued, in_progress,", "enum: [queued, paused, in_progress,")
    assert run(project, "generate").exit_code == 0
    done = run(project, "check")
    assert done.exit_code == 1
    (message,) = done.output.splitlines()
    for part in ("mka1:eval_run", "unijob.providers.mka1.eval_run", "'paused'", "2026-10", "add it"):
        assert part in message


def test_all_problems_are_told_at_once(project: Path) -> None:
    """An invalid spec, an untrue lock, stale code and a wrong overlay do not hide one another."""
    edit(project / "specs/mka1/2026-10.yaml", "default: 20", "default: twenty")
    (project / "specs/gradient/overlay.yaml").write_text("overlay: 1.0.0\n", encoding="utf-8")
    (project / TARGET / "py.typed").unlink()
    done = run(project, "check")
    assert done.exit_code == 1
    for part in (
        "specs/mka1/2026-10.yaml: #/components/parameters/Limit/schema/default: 'twenty' is not",
        "specs/gradient/overlay.yaml: its `actions` are no list",
        "specs/mka1/2026-10.yaml is not what specs/specs.lock says: run `python -m unijob_codegen generate`",
        "missing: py.typed",
    ):
        assert part in done.output


@pytest.mark.parametrize(
    ("reader", "old", "new"), [("request_counts", "request_counts", "counts"), ("eval_run", "failed_at", "ended_at")]
)
def test_a_renamed_field_is_a_type_error_at_its_line(project: Path, reader: str, old: str, new: str) -> None:
    """Where an adapter reads a field that is gone, mypy names the line."""
    for revision in ("2026-07", "2026-10"):
        edit(project / f"specs/mka1/{revision}.yaml", old, new)
    run(project, "generate")
    module = project / f"adapters/unijob/providers/mka1/{reader}.py"
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", str(module)]
    environment = {**os.environ, "MYPYPATH": f"{project / 'adapters'}:{project / 'generated'}"}
    done = subprocess.run(
        [*command, "--explicit-package-bases", "--no-site-packages"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=project,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    lines = module.read_text(encoding="utf-8").splitlines()
    found = re.findall(rf'{reader}\.py:(\d+): error: .*has no attribute "{old}"', done.stdout)
    assert found, done.stdout
    assert all(f".{old}" in lines[int(number) - 1] for number in found)


def test_a_new_revision_is_served_without_a_change(project: Path) -> None:
    """A revision that was fetched and generated reads payloads beside the older ones."""
    upstream = project / "upstream.json"
    upstream.write_text(json.dumps(published(own("mka1/2026-10.yaml"))), encoding="utf-8")
    fetching.fetch(project, Request(provider="mka1", revision="2026-11", origin=str(upstream)))
    assert run(project, "generate").exit_code == 0
    assert checking.problems(projects.read(project)) == []
    payload = ROOT / "tests/data/2026-10/feedback_export.json"
    script = (
        "import sys, pathlib, unijob\n"
        "payload = pathlib.Path(sys.argv[1]).read_bytes()\n"
        "print(*(unijob.parse('mka1:feedback_export', payload, revision=r).state for r in ('2026-10', '2026-11')))\n"
    )
    path = os.pathsep.join(str(project / name) for name in ("adapters", "generated"))
    done = subprocess.run(
        [sys.executable, "-c", script, str(payload)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
        cwd=project,
    )
    assert done.stdout == "succeeded succeeded\n", done.stderr
