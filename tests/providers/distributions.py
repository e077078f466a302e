"""Little distributions with providers, installed for real: packages and metadata in a folder of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

SPEC = """
openapi: 3.1.0
info: {title: Acme, version: "1"}
paths:
  /tasks/{task_id}:
    get:
      operationId: getTask
      parameters: [{name: task_id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: The task.
          content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}
components:
  schemas:
    Task:
      type: object
      required: [id, status]
      properties:
        id: {type: string}
        status: {$ref: "#/components/schemas/TaskStatus"}
    TaskStatus: {type: string, enum: [open, done]}
"""
PROVIDER = """
from unijob.provider import Provider

PROVIDER = Provider(
    interface=1,
    name="{name}",
    title="{name} of a test",
    base_url="https://{name}.example",
    key_variables=("{name}_KEY",),
    base_url_variable="{name}_URL",
    contracts="sample_models.{name}",
    kinds={{"task": "{name}_jobs.task:KIND"}},
    sandbox="{name}_jobs.sandbox:SANDBOX",
)
"""
KIND = """
from unijob.job import Job, JobState
from unijob.kinds import JobKind, StatusTable

STATUS = StatusTable(enum="TaskStatus", states={{"open": JobState.RUNNING, "done": JobState.SUCCEEDED}})


def normalize(task, reading):
    return Job(
        ref=reading.ref((task.id,)),
        state=reading.status(STATUS, task.status, "status"),
        raw_status=task.status,
        revision=reading.revision,
        source=task,
    )


KIND = JobKind(
    name="{name}:task",
    title="task",
    ids=("task_id",),
    get="getTask",
    vital=("id", "status"),
    tables=(STATUS,),
    normalize=normalize,
)
"""
SANDBOX = """
from unijob.sandbox.vendor import Refusal, Reply, VendorSandbox

SANDBOX = VendorSandbox(
    handlers={{"getTask": lambda call: Reply({{"id": call.path["task_id"], "status": "done"}})}},
    lives={{}},
    error=lambda failure: {{"message": failure.message}},
    invalid=lambda violations: Refusal("invalid", str(violations[0])),
    headers=lambda world, now: {{}},
    catch_up=lambda world, now: None,
)
"""


class Site:
    """A folder that packages are installed in, and a Python that finds them there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text), encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, text
        self.write(path, text.replace(old, new))

    def distribution(self, name: str, points: Mapping[str, str], version: str = "1.0") -> None:
        """Install a distribution's metadata: its entry points, name to `module:attribute`."""
        info = f"{name.replace('-', '_')}-{version}.dist-info"
        listed = "".join(f"{point} = {value}\n" for point, value in points.items())
        self.write(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        self.write(f"{info}/entry_points.txt", f"[unijob.providers]\n{listed}")

    def provider(self, name: str, models: Path) -> None:
        """Install a whole provider, `NAME-jobs` 1.0, with one kind, `NAME:task`."""
        self.distribution(f"{name}-jobs", {name: f"{name}_jobs:PROVIDER"})
        self.write(f"{name}_jobs/__init__.py", PROVIDER.format(name=name))
        self.write(f"{name}_jobs/task.py", KIND.format(name=name))
        self.write(f"{name}_jobs/sandbox.py", SANDBOX.format(name=name))
        shutil.copytree(models, self.root / models.name, dirs_exist_ok=True)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run Python."""
        return subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": str(self.root), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def told(self, script: str) -> Any:
        """Run a script, and read the JSON that it prints."""
        done = self.run("-c", dedent(script))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def generate(root: Path) -> Path:
    """Generate the package `sample_models`, with the contracts of two providers, `acme` and `bad`."""
    sources = ""
    for name in ("acme", "bad"):
        (root / f"specs/{name}").mkdir(parents=True)
        (root / f"specs/{name}/1.yaml").write_text(SPEC, encoding="utf-8")
        sources += f'[[providers.{name}.revisions]]\nrevision = "1"\nfile = "{name}/1.yaml"\n'
    (root / "specs/sources.toml").write_text(sources, encoding="utf-8")
    command = ["generate", "--package", "sample_models"]
    subprocess.run([sys.executable, "-m", "unijob_codegen", *command], cwd=root, check=True, capture_output=True)
    return root / "src/sample_models"
