"""Hypothesis strategies of what a contract allows, and of what breaks it in one known place, from its packed document.

Payloads are small. Optional properties are there or not, integers may be written `1.0`, objects sometimes carry what no
contract documents, and date-times take every form that RFC 3339 has. Needs `unijob[testing]`.

    document = registry.package("mka1", "2026-10").document()
    for answer in answers(document):
        payloads = Payloads(document).of(answer.schema)
"""

from __future__ import annotations

from unijob.testing.strategies.covering import Covering
from unijob.testing.strategies.damage import damaged
from unijob.testing.strategies.defect import Defect
from unijob.testing.strategies.defects import Defects
from unijob.testing.strategies.documents import Answer, Schema, answers, resolve
from unijob.testing.strategies.payloads import Payloads
from unijob.testing.strategies.requests import Requests, Sent
from unijob.testing.strategies.samples import Samples
from unijob.testing.strategies.values import json_values

__all__ = [
    "Answer",
    "Covering",
    "Defect",
    "Defects",
    "Payloads",
    "Requests",
    "Samples",
    "Schema",
    "Sent",
    "answers",
    "damaged",
    "json_values",
    "resolve",
]
