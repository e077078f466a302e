"""What stops the generator ends in one message that says where, and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from click.testing import CliRunner, Result

from unijob_codegen import generation, models, tree
from unijob_codegen.cli import main
from unijob_codegen.errors import CodegenError

HEAD = 'openapi: 3.1.0\ninfo: {title: Probe, version: "1"}\n'


def run(project: Any, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(project.root), *arguments])


def snapshot(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture
def generated(project: Any) -> Any:
    """A project whose tree is generated."""
    project.schemas({"Thing": {"type": "object", "properties": {"a": {"type": "string"}}}})
    generation.write(project.target, project.generate())
    return project


@pytest.fixture
def standing(project: Any) -> Any:
    """A project with some tree, which no failure may touch."""
    project.write("generated/unijob_models/probe/models.py", "STANDING = True\n")
    return project


DOCUMENTS = {
    "malformed YAML": (
        HEAD + "paths: {}\nx: a: b\n",
        "specs/probe/1.yaml:4:5: malformed YAML: mapping values are not allowed",
    ),
    "malformed JSON": ('{"openapi": "3.1.0",\n "info": }', "specs/probe/1.yaml:2:10: malformed JSON"),
    "a key twice": (
        HEAD + "paths: {}\npaths: {}\n",
        "specs/probe/1.yaml:4:1: malformed YAML: the key 'paths' stands twice",
    ),
    "a tag": (HEAD + "paths: !!python/object:os.system {}\n", "malformed YAML: could not determine a constructor"),
    "an HTML page": ("<!doctype html><title>Sign in</title>\n", "this is an HTML page"),
    "an empty file": ("", "not an OpenAPI 3.0 or 3.1 document"),
    "Swagger 2": ('swagger: "2.0"\n', "not an OpenAPI 3.0 or 3.1 document (its `openapi` is None)"),
    "another version": ("openapi: 3.2.0\n", "not an OpenAPI 3.0 or 3.1 document (its `openapi` is '3.2.0')"),
    "no text": ("\x00", "malformed: unacceptable character"),
    "paths that are a list": (HEAD + "paths: []\n", "its `paths` is not an object"),
    "schemas that are a list": (HEAD + "components: {schemas: []}\n", "#/components/schemas: not an object"),
    "a dangling reference": (
        HEAD + "components: {schemas: {A: {properties: {b: {$ref: '#/components/schemas/C'}}}}}\n",
        "#/components/schemas/A/properties/b: refers to '#/components/schemas/C', which is not there",
    ),
    "a dangling reference of a default answer": (
        HEAD + "paths: {/a: {get: {responses: {default: {$ref: '#/components/responses/Gone'}}}}}\n",
        "#/paths/~1a/get/responses/default: refers to '#/components/responses/Gone', which is not there",
    ),
    "a remote reference": (
        HEAD + "components: {schemas: {A: {$ref: 'https://example.com/x.yaml#/A'}}}\n",
        "#/components/schemas/A: refers to another document, 'https://example.com/x.yaml#/A'",
    ),
    "a reference to a file": (
        HEAD + "paths: {/a: {$ref: 'a.yaml'}}\n",
        "#/paths/~1a: refers to another document, 'a.yaml'",
    ),
    "a circle of references": (
        HEAD + "components: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}\n",
        "#/components/schemas/A: refers to '#/components/schemas/B', which leads back to itself",
    ),
    "an operation id twice": (
        HEAD + "paths: {/a: {get: {operationId: x}}, /b: {put: {operationId: x}}}\n",
        "#/paths/~1b/put: the operationId 'x' is that of #/paths/~1a/get too",
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_wrong_document_is_told_by_place(standing: Any, name: str) -> None:
    """One message with file, line or pointer, exit code 1, and every file as it was."""
    text, message = DOCUMENTS[name]
    (standing.root / "specs/probe/1.yaml").parent.mkdir()
    (standing.root / "specs/probe/1.yaml").write_text(text, encoding="utf-8")
    before = snapshot(standing.root)
    result = run(standing, "generate")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: specs/probe/1.yaml")
    assert message in result.stderr
    assert result.stdout == ""
    assert snapshot(standing.root) == before


def test_all_wrong_references_are_told_at_once(project: Any) -> None:
    """Not the first only."""
    project.spec(HEAD + "components: {schemas: {A: {$ref: '#/x'}, B: {$ref: '#/y'}, C: {items: {$ref: 'z'}}}}\n")
    with pytest.raises(CodegenError) as caught:
        project.generate()
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "#/components/schemas/A",
        "#/components/schemas/B",
        "#/components/schemas/C/items",
    ]


def test_references_in_examples_and_values_are_data(project: Any) -> None:
    """What stands in an example, a default, an enum or an extension refers to nothing."""
    there = "{$ref: nowhere}"
    project.spec(
        HEAD
        + f"x-a: {there}\ncomponents: {{schemas: {{A: {{default: {there}, example: {there}, enum: [{there}]}}}}}}\n"
    )
    project.generate()


def test_a_property_may_be_called_ref(project: Any) -> None:
    """`$ref` as a property's name is no reference."""
    project.schemas({"A": {"type": "object", "properties": {"$ref": {"type": "string"}}}})
    assert b"ref: str | Unset" in project.generate()["probe/v1/models.py"]


SOURCES = {
    "missing": (None, "specs/sources.toml: cannot be read: No such file or directory"),
    "malformed": ("[providers", "specs/sources.toml: malformed TOML"),
    "without revisions": ("[providers.probe]\n", "specs/sources.toml: provider probe has no revisions"),
    "without a file": (
        "[[providers.probe.revisions]]\nrevision = '1'\n",
        "a revision of probe lacks `revision` or `file`",
    ),
    "with a revision twice": (
        "[providers.probe]\nrevisions = [{revision = '1-a', file = 'x'}, {revision = '1.a', file = 'y'}]\n",
        "provider probe has a revision twice",
    ),
    "with a name that is none": ("[[providers.'a-b'.revisions]]\n", "a provider's name is lower-case letters"),
    "with a spec that is not there": (
        "[[providers.probe.revisions]]\nrevision = '1'\nfile = 'probe/2.yaml'\n",
        "specs/probe/2.yaml: cannot be read: No such file or directory",
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_wrong_sources_are_told(standing: Any, name: str) -> None:
    """Whatever is wrong with `sources.toml` ends in one message."""
    text, message = SOURCES[name]
    path = standing.root / "specs/sources.toml"
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    before = snapshot(standing.target)
    result = run(standing, "generate")
    assert (result.exit_code, message in result.stderr) == (1, True), result.stderr
    assert snapshot(standing.target) == before


def test_code_that_does_not_import_is_not_written(generated: Any) -> None:
    """The new tree is imported before it takes the old one's place."""
    before = snapshot(generated.root)
    wanted = generated.generate() | {"probe/v1/models.py": b"from nowhere import nothing\n"}
    with pytest.raises(CodegenError, match=r"(?s)does not import, nothing was changed.*No module named 'nowhere'"):
        tree.replace(generated.told, wanted)
    assert snapshot(generated.root) == before


def test_annotations_that_do_not_resolve_are_found(generated: Any) -> None:
    """Import alone would not see a name in an annotation."""
    wanted = generated.generate()
    wanted["probe/v1/models.py"] = wanted["probe/v1/models.py"].replace(b"a: str", b"a: Nowhere")
    with pytest.raises(CodegenError, match="name 'Nowhere' is not defined"):
        tree.replace(generated.told, wanted)


def test_models_that_the_generator_loses_are_noticed(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were datamodel-code-generator to drop a model, generation would stop."""
    project.schemas({"Thing": {"type": "object"}})
    monkeypatch.setattr(models, "_generated", Mock(return_value="Other: TypeAlias = int"))
    with pytest.raises(CodegenError, match=r"specs/probe/1.yaml: .* lost or added models: Other, Thing"):
        project.generate()


def test_invalid_python_is_noticed(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """datamodel-code-generator writes code with a syntax error without complaint."""
    project.schemas({"Thing": {"type": "object"}})
    monkeypatch.setattr(models, "_generated", Mock(return_value="class : pass"))
    with pytest.raises(CodegenError, match="invalid Python"):
        project.generate()


def test_a_missing_formatter_is_told(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ruff's own words, where it cannot run."""
    project.schemas({})
    monkeypatch.setattr(generation, "_RUFF", ("--no-such-option",))
    with pytest.raises(CodegenError, match=r"Ruff cannot format .*\n.*no-such-option"):
        project.generate()


def test_a_tree_that_cannot_be_written_stays(generated: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure between the two renames puts the old tree back."""
    before = snapshot(generated.root)
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if self.parent.name.startswith(".new-") and self.name == "unijob_models":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(CodegenError, match="cannot be written: No space left on device"):
        tree.replace(generated.told, generated.generate() | {"probe/more.py": b""})
    assert snapshot(generated.root) == before
