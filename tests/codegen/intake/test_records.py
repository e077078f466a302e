"""The lock tells the truth, and the sources keep what they say."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.codegen.intake.conftest import Take
from tests.codegen.intake.samples import ROOT, small
from unijob_codegen import sources
from unijob_codegen.cli import main
from unijob_codegen.errors import CodegenError
from unijob_codegen.intake import lock, locking, registration

SOURCES = (ROOT / "specs/sources.toml").read_text(encoding="utf-8")


def files(root: Path) -> list[str]:
    return [revision.path.removeprefix("specs/") for one in sources.read(root) for revision in one.revisions]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    return tmp_path


def test_the_lock_of_the_project_is_true() -> None:
    """Every spec is what the lock says, and the lock lists no other."""
    assert lock.problems(ROOT, files(ROOT)) == []


def test_a_spec_edited_by_hand_is_recorded_with_make(project: Path) -> None:
    """Before, the check says what to run; after, all is well."""
    spec = project / "specs/mka1/2026-10.yaml"
    spec.write_text(spec.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    assert lock.problems(project, files(project)) == [
        "specs/mka1/2026-10.yaml is not what specs/specs.lock says: run `python -m unijob_codegen generate`"
    ]
    assert locking.record(project, adopt=False)
    assert not locking.record(project, adopt=False)
    assert lock.problems(project, files(project)) == []


def test_a_fetched_spec_is_not_edited(root: Path, take: Take) -> None:
    """`make` does not hide that someone did; `lock` makes it a spec written by hand, and remembers where it is from."""
    take(small())
    spec = root / "specs/shop/1.yaml"
    spec.write_bytes(spec.read_bytes() + b"# more\n")
    locking.record(root, adopt=False)
    (problem,) = lock.problems(root, ["shop/1.yaml"])
    assert "was changed after it was fetched" in problem
    done = CliRunner().invoke(main, ["--root", str(root), "lock"])
    assert done.output == "specs/specs.lock was written\n"
    assert lock.problems(root, ["shop/1.yaml"]) == []
    assert (lock.read(root)["shop/1.yaml"].origin, lock.read(root)["shop/1.yaml"].source) == (
        "written by hand",
        "upstream.json",
    )


def test_what_lock_and_sources_do_not_share_is_told(project: Path) -> None:
    """A spec without an entry and an entry without a spec are problems."""
    listed = [file for file in files(project) if file != "mka1/2026-07.yaml"]
    found = lock.problems(project, [*listed, "mka1/2027-01.yaml"])
    assert found == [
        "specs/specs.lock lists mka1/2026-07.yaml, which specs/sources.toml does not",
        "specs/specs.lock does not list specs/mka1/2027-01.yaml: run `python -m unijob_codegen generate`",
    ]


def test_a_missing_lock_is_told_and_written(project: Path) -> None:
    """The message names the command that mends it."""
    (project / "specs/specs.lock").unlink()
    assert "python -m unijob_codegen lock" in lock.problems(project, [])[0]
    assert locking.record(project, adopt=True)
    assert (project / "specs/specs.lock").read_bytes() == (ROOT / "specs/specs.lock").read_bytes()


@pytest.mark.parametrize(("revision", "position"), [("2026-11", -1), ("2026-08", 1), ("2026-01", 0)])
def test_a_revision_is_added_in_its_place(revision: str, position: int) -> None:
    """Everything else in the file stays to the letter, and the oldest revision stands first."""
    added = registration.add_revision(SOURCES, "mka1", revision, f"mka1/{revision}.yaml")
    names = [entry["revision"] for entry in tomllib.loads(added)["providers"]["mka1"]["revisions"]]
    assert names[position] == revision
    assert names == sorted(names)
    kept = iter(added.splitlines())
    assert all(line in kept for line in SOURCES.splitlines())


def test_a_first_revision_comes_after_the_provider_s_tables() -> None:
    """A provider that has none yet gets one at the end of what is its own."""
    text = '[providers.a]\ntitle = "A"\n[providers.a.names]\n"x 200" = "X"\n\n# B\n[providers.b]\ntitle = "B"\n'
    added = registration.add_revision(text, "a", "1", "a/1.yaml")
    assert added.index('"X"') < added.index("[[providers.a.revisions]]") < added.index("# B")


def test_sources_in_another_form_are_left_alone() -> None:
    """Where a revision cannot be added safely, the message gives what to add by hand."""
    text = '[providers]\na = {title = "A", revisions = [{revision = "0", file = "a/0.yaml"}]}\n'
    with pytest.raises(CodegenError, match="by hand"):
        registration.add_revision(text, "a", "1", "a/1.yaml")
