"""What a fetch writes, and what it says."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.codegen.intake.conftest import Failing, Take, snapshot
from tests.codegen.intake.samples import PROSE, SOURCES, small
from unijob_codegen import decoding
from unijob_codegen.cli import main


def spec(root: Path, revision: str = "1") -> dict[str, Any]:
    return decoding.parse((root / f"specs/shop/{revision}.yaml").read_bytes(), shown=revision)


def test_only_what_the_sources_keep_is_there(root: Path, take: Take) -> None:
    """Operations that no one asked for go, with everything that only they refer to."""
    fetched = take(small())
    content = spec(root)
    assert list(content["paths"]) == ["/orders/{id}"]
    assert list(content["paths"]["/orders/{id}"]) == ["get", "delete"]
    assert list(content["components"]["schemas"]) == ["Order", "OrderStatus", "Person"]
    assert (fetched.operations, fetched.schemas) == (2, 3)


def test_shapes_that_upstream_repeats_are_one(root: Path, take: Take) -> None:
    """Both operations answer with the schema that one of them was given a name for."""
    take(small())
    operations = spec(root)["paths"]["/orders/{id}"]
    schemas = [operations[method]["responses"]["200"]["content"]["application/json"]["schema"] for method in operations]
    assert schemas == [{"$ref": "#/components/schemas/Order"}] * 2


def test_the_vendor_s_prose_goes(root: Path, take: Take) -> None:
    """Descriptions, titles, examples and extensions are the vendor's; a property of such a name is not."""
    document = small()
    document["components"]["schemas"]["Person"]["properties"]["description"] = {"type": "string"}
    take(document)
    text = (root / "specs/shop/1.yaml").read_text(encoding="utf-8")
    assert PROSE not in text
    assert "x-vendor" not in text
    assert "example" not in text
    assert "description" in spec(root)["components"]["schemas"]["Person"]["properties"]


def test_the_file_says_what_it_is(root: Path, take: Take) -> None:
    """The spec names its provider and revision, and how it came to be."""
    take(small())
    text = (root / "specs/shop/1.yaml").read_text(encoding="utf-8")
    assert text.startswith("# Shop, revision 1: ")
    assert "python -m unijob_codegen fetch shop --revision 1" in text
    assert spec(root)["info"] == {
        "title": "Shop jobs",
        "version": "3",
        "x-unijob-provider": "shop",
        "x-unijob-revision": "1",
    }


def test_the_same_document_gives_the_same_bytes(root: Path, take: Take) -> None:
    """However upstream orders its paths and components, the spec is the same."""
    take(small())
    first = (root / "specs/shop/1.yaml").read_bytes()
    document = small()
    document["paths"] = dict(reversed(document["paths"].items()))
    document["components"]["schemas"] = dict(reversed(document["components"]["schemas"].items()))
    take(document, force=True)
    assert (root / "specs/shop/1.yaml").read_bytes() == first


def test_the_sources_and_the_lock_know_the_revision(root: Path, take: Take) -> None:
    """The revision is added to the sources, which keep all else; the lock says what it was made of."""
    take(small())
    text = (root / "specs/sources.toml").read_text(encoding="utf-8")
    assert text.startswith(SOURCES)
    assert tomllib.loads(text)["providers"]["shop"]["revisions"] == [{"revision": "1", "file": "shop/1.yaml"}]
    (entry,) = tomllib.loads((root / "specs/specs.lock").read_text(encoding="utf-8"))["spec"]
    assert entry["origin"] == "fetched"
    assert entry["source"] == "upstream.json"
    assert str(root.parent) not in (root / "specs/specs.lock").read_text(encoding="utf-8")
    assert {"sha256", "upstream_sha256", "upstream_bytes", "fetched_on", "tool"} <= entry.keys()


def test_patterns_keep_operations(root: Path, take: Take) -> None:
    """`*Order` keeps every operation that ends so, by id."""
    sources = root / "specs/sources.toml"
    sources.write_text(SOURCES.replace('["getOrder", "cancelOrder"]', '["*Order*"]'), encoding="utf-8")
    assert take(small()).operations == 3


def test_a_revision_is_not_overwritten(take: Take, failing: Failing) -> None:
    """A name that is taken stops the fetch, unless it is forced."""
    take(small())
    with failing("has a revision 1 already", "--force"):
        take(small())
    assert take(small(), force=True).operations == 2


@pytest.mark.parametrize("revision", ["../evil", "", "a b", ".hidden"])
def test_a_revision_s_name_is_plain(take: Take, failing: Failing, revision: str) -> None:
    """A name is no path."""
    with failing("is no revision's name"):
        take(small(), revision)


def test_an_operation_that_upstream_lost_stops(take: Take, failing: Failing) -> None:
    """The message names it, and what there is instead."""
    document = small()
    document["paths"]["/orders/{id}"]["delete"]["operationId"] = "cancelOrders"
    with failing("no such operation any more", "cancelOrder (there is cancelOrders)"):
        take(document)


def test_an_operation_that_upstream_lost_can_be_left_out(take: Take) -> None:
    """With --allow-missing the others are taken, and a note names it."""
    document = small()
    del document["paths"]["/orders/{id}"]["delete"]
    fetched = take(document, allow_missing=True)
    assert fetched.operations == 1
    assert any("cancelOrder" in note for note in fetched.notes)


def test_a_renamed_operation_gets_its_id_back(root: Path, take: Take) -> None:
    """Under its new id it is kept, and a repair gives it the id that adapters know."""
    document = small()
    document["paths"]["/orders/{id}"]["delete"]["operationId"] = "dropOrder"
    sources = root / "specs/sources.toml"
    sources.write_text(SOURCES.replace('"cancelOrder"', '"cancelOrder", "dropOrder"'), encoding="utf-8")
    overlay = "overlay: 1.0.0\nactions:\n  - target: $.paths.*[?@.operationId == 'dropOrder']\n"
    overlay += "    description: Upstream's new name for cancelOrder.\n    update: {operationId: cancelOrder}\n"
    (root / "specs/shop/overlay.yaml").write_text(overlay, encoding="utf-8")
    take(document, allow_missing=True)
    assert spec(root)["paths"]["/orders/{id}"]["delete"]["operationId"] == "cancelOrder"


def test_an_operation_that_stands_there_twice_stops(take: Take, failing: Failing) -> None:
    """Which of two is meant, nobody can say."""
    document = small()
    document["paths"]["/orders"]["get"]["operationId"] = "getOrder"
    with failing("more than once", "#/paths/~1orders/get", "#/paths/~1orders~1{id}/get"):
        take(document)


def test_the_command_says_what_comes_next(root: Path, take: Take) -> None:
    """`fetch` prints what it wrote and what to run."""
    take(small())
    upstream = root.parent / "upstream.json"
    arguments = ["--root", str(root), "fetch", "shop", "--revision", "2", "--from", str(upstream)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "specs/shop/2.yaml: 2 operations, 3 schemas" in done.output
    assert "python -m unijob_codegen generate; " in done.output


def test_the_command_fails_with_one_message(root: Path) -> None:
    """An unknown provider ends in exit code 1, and nothing is written."""
    before = snapshot(root)
    done = CliRunner().invoke(main, ["--root", str(root), "fetch", "nobody", "--revision", "1"])
    assert done.exit_code == 1
    assert done.output == "error: specs/sources.toml: there is no provider 'nobody': it may be shop\n"
    assert snapshot(root) == before
