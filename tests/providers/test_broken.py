"""A provider that is broken is reported by name, and takes no other down. Each is really installed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.providers.distributions import Site, generate

LOOK = """
import json, logging
logs = []
class Kept(logging.Handler):
    def emit(self, record):
        logs.append(record.getMessage())
logging.getLogger("unijob").addHandler(Kept())
from unijob import catalog, health, parse, registry
from unijob.errors import UnijobError
from unijob.sandbox import Sandbox
def asked():
    try:
        return str(parse("bad:task", {"id": "a", "status": "done"}).state)
    except UnijobError as error:
        return f"{type(error).__name__}: {error}"
found = {
    "providers": registry.provider_names(),
    "kinds": [kind.name for kind in catalog.kinds() if kind.name.endswith(":task")],
    "problems": [str(problem) for problem in health.problems()],
    "asked": asked(),
    "acme": str(parse("acme:task", {"id": "a", "status": "done"}).state),
    "sandbox": list(Sandbox().revisions),
    "logs": logs,
}
registry.provider_names.cache_clear()
print(json.dumps(found))
"""


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("models"))


@pytest.fixture
def site(tmp_path: Path, models: Path) -> Site:
    """A place with two good providers; a test breaks the second."""
    found = Site(tmp_path)
    found.provider("acme", models)
    found.provider("bad", models)
    return found


def in_provider(old: str, new: str) -> Callable[[Site], None]:
    return lambda site: site.edit("bad_jobs/__init__.py", old, new)


def in_kind(old: str, new: str) -> Callable[[Site], None]:
    return lambda site: site.edit("bad_jobs/task.py", old, new)


def in_models(path: str, old: str, new: str) -> Callable[[Site], None]:
    return lambda site: site.edit(f"sample_models/bad/{path}", old, new)


def test_two_good_providers(site: Site) -> None:
    """Nothing is reported of installed providers that are as they should be, and they work everywhere."""
    told = site.told(LOOK)
    assert {"acme", "bad", "mka1"} <= set(told["providers"])
    assert {"acme", "bad", "mka1"} <= set(told["sandbox"])
    assert told["kinds"] == ["acme:task", "bad:task"]
    assert (told["problems"], told["logs"]) == ([], [])
    assert (told["asked"], told["acme"]) == ("succeeded", "succeeded")


LEFT_OUT: dict[str, tuple[Callable[[Site], None], str]] = {
    "an import error": (
        in_provider("from unijob.provider import", "import nowhere\nfrom unijob.provider import"),
        r"bad_jobs:PROVIDER cannot be loaded: .*'nowhere' \(this unijob speaks interface 1 of providers\)",
    ),
    "a syntax error": (in_provider("PROVIDER =", "PROVIDER"), r"cannot be loaded: \w*SyntaxError: .*"),
    "an exit": (in_provider("PROVIDER =", "raise SystemExit(3)\nPROVIDER ="), "cannot be loaded: SystemExit: 3 .*"),
    "nothing of that name": (in_provider("PROVIDER =", "OTHER ="), "cannot be loaded: AttributeError: .*PROVIDER.*"),
    "another thing": (in_provider("PROVIDER = Provider(", "PROVIDER = dict("), "bad_jobs:PROVIDER is no Provider"),
    "no interface": (in_provider("interface=1,", ""), "cannot be loaded: TypeError: .*'interface'.* interface 1 of .*"),
    "a later interface": (
        in_provider("interface=1", "interface=2"),
        "it is written for interface 2 of providers, and this unijob speaks 1",
    ),
    "a field of a later interface": (
        in_provider("interface=1", "interface=2, shiny=True"),
        r"cannot be loaded: TypeError: .*'shiny' \(this unijob speaks interface 1 of providers\)",
    ),
    "another's name": (
        in_provider('name="bad"', 'name="acme"'),
        "it calls itself 'acme': the name of the entry point must be the same",
    ),
    "no contracts": (
        in_provider("sample_models.bad", "sample_models.none"),
        "its contracts, sample_models.none, cannot be loaded: ModuleNotFoundError: .*",
    ),
    "contracts that are none": (
        in_provider("sample_models.bad", "json"),
        r"its contracts, json, are not what unijob-codegen generates: REVISIONS and contract\(\)",
    ),
    "a kind that is nowhere": (
        in_provider("bad_jobs.task:KIND", "bad_jobs.task.KIND"),
        "kind task must be where it is declared, module:attribute, not 'bad_jobs.task.KIND'",
    ),
    "a kind that no reference can name": (in_provider('"task":', '"Task":'), "'Task' is no name of a kind"),
    "a text for names": (in_provider('("bad_KEY",)', '"bad_KEY"'), "key_variables must be a tuple of names"),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_provider_that_cannot_be_used_is_left_out(site: Site, name: str) -> None:
    """It is named once in the log and in full by who asks for it; the others are all there, the sandbox too."""
    spoil, reason = LEFT_OUT[name]
    spoil(site)
    told = site.told(LOOK)
    assert "bad" not in {*told["providers"], *told["sandbox"]}
    assert {"acme", "mka1"} <= {*told["providers"]} & {*told["sandbox"]}
    assert (told["kinds"], told["acme"]) == (["acme:task"], "succeeded")
    (problem,) = told["problems"]
    assert re.fullmatch(rf"provider bad \(of bad-jobs 1\.0\): (bad_jobs:PROVIDER )?{reason}", problem)
    assert told["logs"] == [problem]
    assert told["asked"] == f"UnusableProvider: {problem}"


PARTS: dict[str, tuple[Callable[[Site], None], str]] = {
    "a kind with an import error": (
        in_kind("from unijob.job", "import nowhere\nfrom unijob.job"),
        "bad_jobs.task:KIND cannot be loaded: ModuleNotFoundError: No module named 'nowhere'",
    ),
    "a kind that is none": (in_kind("KIND = JobKind(", "KIND = dict("), "bad_jobs.task:KIND is no kind"),
    "another's kind": (
        in_kind('"bad:task"', '"acme:task"'),
        "bad_jobs.task:KIND calls itself 'acme:task', not 'bad:task'",
    ),
    "a revision that cannot be loaded": (
        in_models("v1/operations.py", "OPERATIONS: Final", "raise ValueError('odd')\nOPERATIONS: Final"),
        "its contract 1 cannot be loaded: ValueError: odd",
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_kind_that_cannot_be_used_is_left_out(site: Site, name: str) -> None:
    """The rest of its provider, and all others, go on."""
    spoil, reason = PARTS[name]
    spoil(site)
    told = site.told(LOOK.replace("list(Sandbox().revisions)", "[]") if "revision" in name else LOOK)
    assert {"acme", "bad"} <= set(told["providers"])
    assert (told["kinds"], told["acme"]) == (["acme:task"], "succeeded")
    assert told["problems"] == [f"provider bad (of bad-jobs 1.0): {reason}"]
    assert told["asked"] == f"UnusableProvider: {told['problems'][0]}"


DOUBTFUL: dict[str, tuple[Callable[[Site], None], str]] = {
    "an incomplete table": (
        in_kind('"open": JobState.RUNNING, ', ""),
        "bad:task: bad_jobs.task.STATUS lists no 'open', which TaskStatus has in 1: add it there with the state .*",
    ),
    "an operation that is nowhere": (
        in_kind('get="getTask",', 'get="getTask", cancel="stopTask",'),
        "bad:task: no contract revision has the operation stopTask, which it names for cancel",
    ),
    "a table of no enum": (
        in_kind('enum="TaskStatus"', 'enum="TaskState"'),
        "bad:task: no contract revision has the enum TaskState of its status table",
    ),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_a_doubtful_kind_is_reported_and_stays(site: Site, name: str) -> None:
    """A table that lacks a value makes jobs `unknown`, and stops nothing."""
    spoil, reason = DOUBTFUL[name]
    spoil(site)
    told = site.told(LOOK)
    assert told["kinds"] == ["acme:task", "bad:task"]
    assert (told["asked"], told["acme"]) == ("succeeded", "succeeded")
    (problem,) = told["problems"]
    assert re.fullmatch(rf"provider bad \(of bad-jobs 1\.0\): {reason}", problem)


def test_a_kind_whose_get_no_revision_has(site: Site) -> None:
    """It can do nothing, which is said."""
    site.edit("bad_jobs/task.py", '"getTask"', '"readTask"')
    told = site.told(LOOK.replace("asked(),", '"",'))
    assert told["kinds"] == ["acme:task"]
    assert told["problems"] == [
        "provider bad (of bad-jobs 1.0): bad:task: no contract revision has its `get`, readTask"
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("SANDBOX = ", "import nowhere\nSANDBOX = ", "bad_jobs.sandbox:SANDBOX cannot be loaded: .*nowhere.*"),
        ("VendorSandbox(\n", "dict(\n", "bad_jobs.sandbox:SANDBOX is no VendorSandbox"),
    ],
)
def test_a_broken_sandbox_serves_the_others(site: Site, old: str, new: str, reason: str) -> None:
    """What cannot live there is logged by name; the provider itself works."""
    site.edit("bad_jobs/sandbox.py", old, new)
    told = site.told(LOOK)
    assert "bad" not in told["sandbox"]
    assert {"acme", "mka1"} <= set(told["sandbox"])
    assert told["asked"] == "succeeded"
    (line,) = told["logs"]
    assert re.fullmatch(rf"provider bad \(of bad-jobs 1\.0\): {reason}", line)


def test_a_provider_without_a_sandbox(site: Site) -> None:
    """It need not live there; who asks for it there is told."""
    site.edit("bad_jobs/__init__.py", 'sandbox="bad_jobs.sandbox:SANDBOX",', "")
    told = site.told(LOOK)
    assert "bad" not in told["sandbox"]
    assert (told["asked"], told["problems"], told["logs"]) == ("succeeded", [], [])
    done = site.run("-c", "from unijob.sandbox import Sandbox; Sandbox(providers=['bad'])")
    assert "provider bad (of bad-jobs 1.0): it does not live in the sandbox" in done.stderr


def test_two_packages_with_one_name(site: Site) -> None:
    """Neither is taken, since nobody can tell which is meant; both are named."""
    site.distribution("worse-jobs", {"bad": "acme_jobs:PROVIDER"}, "2.0")
    told = site.told(LOOK)
    assert "bad" not in told["providers"]
    assert told["problems"] == ["provider bad: several packages have one of that name: bad-jobs 1.0, worse-jobs 2.0"]
    assert told["acme"] == "succeeded"


def test_nobody_takes_the_place_of_a_built_in(site: Site) -> None:
    """A package that registers a built-in provider's name is reported, and the built-in one stays."""
    site.distribution("cuckoo", {"mka1": "acme_jobs:PROVIDER"})
    told = site.told(LOOK)
    assert told["problems"] == ["provider mka1 (of cuckoo 1.0): unijob has one of that name itself"]
    assert "mka1" in told["providers"]


def test_the_command_line_names_what_is_broken(site: Site) -> None:
    """`unijob kinds` lists what there is and says what is not; a reference to it is a configuration error."""
    site.edit("bad_jobs/__init__.py", "interface=1", "interface=7")
    reason = "provider bad (of bad-jobs 1.0): it is written for interface 7 of providers, and this unijob speaks 1"
    done = site.run("-m", "unijob.cli", "kinds")
    assert done.returncode == 0
    assert "acme:task" in done.stdout
    assert "bad" not in done.stdout
    assert done.stderr == f"unijob: {reason}\n"
    done = site.run("-m", "unijob.cli", "get", "bad:task/a")
    assert done.returncode != 0
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_completion_says_nothing_of_it(site: Site) -> None:
    """A shell that completes a kind's name shows what works, and no message between."""
    site.edit("bad_jobs/task.py", "KIND =", "OTHER =")
    words = {"_UNIJOB_COMPLETE": "bash_complete", "COMP_WORDS": "unijob list ac", "COMP_CWORD": "2"}
    done = site.run("-c", "from unijob.cli import main; main(prog_name='unijob')", **words)
    assert (done.stdout, done.stderr) == ("plain,acme:task\n", "")


def test_settings_of_a_broken_provider_stop_no_other(site: Site) -> None:
    """A section for it in the settings' file is no error of the commands for others."""
    site.edit("bad_jobs/__init__.py", "interface=1", "interface=7")
    site.write(
        "config.toml", '[profiles.default.bad]\nkey = "k"\n[profiles.default.acme]\nbase_url = "http://localhost:1"\n'
    )
    done = site.run("-m", "unijob.cli", "config", "show", UNIJOB_CONFIG=str(site.root / "config.toml"))
    assert done.returncode == 0, done.stderr
    assert "http://localhost:1" in done.stdout


def test_the_proxy_says_why_it_has_no_contract(site: Site) -> None:
    """An upstream of a broken provider is refused with the reason, not as one unknown."""
    site.edit("bad_jobs/__init__.py", "interface=1", "interface=7")
    done = site.run("-m", "unijob.cli", "proxy", "--upstream", "bad=http://127.0.0.1:1", "--port", "0")
    assert done.returncode != 0
    assert "it is written for interface 7 of providers" in done.stderr
