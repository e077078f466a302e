"""MKA1: feedback exports, vector-store file batches, eval runs and their schedules."""

from __future__ import annotations

from unijob.provider import Provider

PROVIDER = Provider(
    interface=1,
    name="mka1",
    title="MKA1",
    base_url="https://apigw.mka1.com",
    key_variables=("MKA1_API_KEY",),
    base_url_variable="MKA1_BASE_URL",
    revision_variable="MKA1_REVISION",
    contracts="unijob_models.mka1",
    kinds={
        "feedback_export": "unijob.providers.mka1.feedback_export:KIND",
        "file_batch": "unijob.providers.mka1.file_batch:KIND",
        "eval_run": "unijob.providers.mka1.eval_run:KIND",
        "eval_schedule": "unijob.providers.mka1.eval_schedule:KIND",
    },
    on_behalf_of="X-On-Behalf-Of",
    sandbox="unijob.providers.mka1.sandbox:SANDBOX",
)
