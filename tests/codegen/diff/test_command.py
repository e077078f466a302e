"""The command: what it names, prints and exits with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.codegen.diff.making import NEW, OLD, ROOT, TEXT, answer, run

GOLDEN = """\
old.json → new.json: 5 changes: 1 ERR, 2 WARN, 2 INFO
no impact on job kinds: these are no documents of a provider that unijob knows

ERR   Job /properties/startTime
      required property `startTime` renamed to `start_time`; type changed: integer → string (date-time)
      response of use

WARN  Job /properties/cost
      optional property `cost` removed (string)
      response of use
      note: possibly renamed: `price` of the same type came

WARN  State
      enum value `paused` added
      response of use (WARN)
      request of use (INFO)

INFO  operation use /parameters/query/dry_run
      optional parameter `dry_run` (query) added (boolean)
      request of use

INFO  Job /properties/price
      optional property `price` added (string)
      response of use
      note: possibly renamed: `cost` of the same type went
"""

GOLDEN_MARKDOWN = """\
### old.json → new.json

**5 changes: 1 ERR, 2 WARN, 2 INFO**

_no impact on job kinds: these are no documents of a provider that unijob knows_

| level | where | what | reaches |
| --- | --- | --- | --- |
| ERR | Job /properties/startTime | required property `startTime` renamed to `start_time`; type changed: integer → \
string (date-time) | response of use |
| WARN | Job /properties/cost | optional property `cost` removed (string)<br>_possibly renamed: `price` of the same \
type came_ | response of use |
| WARN | State | enum value `paused` added | response of use (WARN); request of use (INFO) |
| INFO | operation use /parameters/query/dry_run | optional parameter `dry_run` (query) added (boolean) | \
request of use |
| INFO | Job /properties/price | optional property `price` added (string)<br>_possibly renamed: `cost` of the same \
type went_ | response of use |

"""


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, and the present one, with old.json and new.json."""
    (tmp_path / "old.json").write_text(json.dumps(OLD))
    (tmp_path / "new.json").write_text(json.dumps(NEW))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


@pytest.mark.usefixtures("pair")
def test_text() -> None:
    """The text has the worst first, each with its place, what happened, and what it reaches."""
    assert run("old.json", "new.json").stdout == GOLDEN


@pytest.mark.usefixtures("pair")
def test_markdown() -> None:
    """The Markdown has the same as a table."""
    assert run("old.json", "new.json", "--format", "markdown").stdout == GOLDEN_MARKDOWN


def test_markdown_impact() -> None:
    """The Markdown lists the impact below the table, what is settled apart."""
    text = run("mka1@2026-10", "mka1@2026-07", "--format", "markdown").stdout
    head, _, tail = text.partition("**Impact on job kinds**\n")
    assert "| ERR | EvalRun /properties/cost_usd |" in head
    todo, _, settled = tail.partition("**Nothing to do**\n")
    assert "its Job would have no result.usage.cost_usd" in todo
    assert "as `start_time` in both: nothing to do" in settled


@pytest.mark.usefixtures("pair")
def test_nothing_changed() -> None:
    """Where nothing changed, each format says so."""
    assert run("old.json", "old.json").stdout == "old.json → old.json: no changes\n"
    assert "**no changes**" in run("old.json", "old.json", "--format", "markdown").stdout
    assert written("old.json", "old.json")["summary"] == {"ERR": 0, "WARN": 0, "INFO": 0}


@pytest.mark.parametrize(("old", "new"), [("mka1@2026-07", "mka1@2026-10"), ("mka1@2026-10", "gradient@2026-08")])
def test_json_fits_its_schema(old: str, new: str) -> None:
    """What is written as JSON fits the documented schema."""
    schema = json.loads((ROOT / "docs" / "diff.schema.json").read_text(encoding="utf-8"))
    jsonschema_rs.meta.validate(schema)
    jsonschema_rs.validator_for(schema).validate(written(old, new))


def test_json_of_all_kinds_fits(pair: Path) -> None:
    """So does what has notes, inner changes and two directions."""
    schema = json.loads((ROOT / "docs" / "diff.schema.json").read_text(encoding="utf-8"))
    data = written("old.json", str(pair / "new.json"))
    jsonschema_rs.validator_for(schema).validate(data)
    (rename,) = (each for each in data["comparisons"][0]["changes"] if each["change"] == "property-renamed")
    assert rename["within"][0]["message"] == "type changed: integer → string (date-time)"
    assert rename["attribute"] == "start_time"
    assert rename["reach"] == {"response": {"level": "ERR", "operations": ["use"]}}


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize(
    ("old", "new", "fail_on", "status"),
    [
        ("old.json", "new.json", "ERR", 1),
        ("old.json", "new.json", "warn", 1),
        ("old.json", "old.json", "INFO", 0),
        ("mka1@2026-07", "mka1@2026-10", "ERR", 1),
    ],
)
def test_exit_status(old: str, new: str, fail_on: str, status: int) -> None:
    """The status is 1 at or above the level asked for, and 0 below it."""
    assert run(old, new).exit_code == 0
    assert run(old, new, "--fail-on", fail_on).exit_code == status


def test_below_the_level(pair: Path) -> None:
    """Changes below the level do not fail."""
    (pair / "more.json").write_text(json.dumps({**OLD, "paths": {**OLD["paths"], "/more": _operation("more")}}))
    assert run("old.json", "more.json", "--fail-on", "WARN").exit_code == 0
    assert run("old.json", "more.json", "--fail-on", "INFO").exit_code == 1


def _operation(name: str) -> dict[str, Any]:
    return {"get": {"operationId": name, "responses": {"200": {"description": "", **answer(TEXT)}}}}


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize(
    ("old", "message"),
    [
        ("nothing.json", "nothing.json: neither a file nor a revision: write gradient@2026-08, mka1@2026-07, "),
        ("mka1@2020-01", "mka1@2020-01: there is no such revision: it may be gradient@2026-08, mka1@2026-07, "),
        (".", ".: a folder without sources.toml: name a file in it"),
        ("git:no-such-commit", "git:no-such-commit: git knows no commit 'no-such-commit'"),
        ("git:--help", "git:--help: git knows no commit '--help'"),
        ("git:HEAD:no/such/file", "git:HEAD:no/such/file: that commit has no such file"),
        ("broken.json", "broken.json:1:2: malformed JSON"),
        ("dangling.json", "dangling.json: cannot generate from it:\n  #/paths/~1use"),
        ("page.html", "page.html: this is an HTML page"),
    ],
)
def test_errors(pair: Path, old: str, message: str) -> None:
    """What names nothing, or no document, ends in one message and status 2."""
    (pair / "broken.json").write_text("{")
    (pair / "dangling.json").write_text(json.dumps({**OLD, "components": {}}))
    (pair / "page.html").write_text("<html></html>")
    result = run(old, "new.json")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {message}")
    assert result.stdout == ""
