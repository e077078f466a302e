"""The witness: `python -m tests.witnesses.vendor NAME` answers one JSON line for each that it reads.

It runs in an environment of its own, which has the vendor's client and nothing of unijob.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

from tests.witnesses.vendor.witness import Vendor, Witness


def main() -> None:
    vendor: Vendor = importlib.import_module(f"tests.witnesses.vendor.{sys.argv[1]}").VENDOR
    witness = Witness(vendor)
    answers: dict[str, Callable[..., Any]] = {
        "methods": witness.methods,
        "describe": witness.describe,
        "read": witness.read,
        "send": witness.send,
    }
    out, sys.stdout = sys.stdout, sys.stderr  # whatever a vendor's client prints is no answer
    for line in sys.stdin:
        question = json.loads(line)
        json.dump(answers[question.pop("do")](**question), out)
        out.write("\n")
        out.flush()


if __name__ == "__main__":
    main()
