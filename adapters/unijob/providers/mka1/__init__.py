"""MKA1: exports, batches, evaluations and their schedules, fine-tuning, agent runs, compute jobs."""

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
        "batch": "unijob.providers.mka1.batch:KIND",
        "fine_tuning_job": "unijob.providers.mka1.fine_tuning_job:KIND",
        "agent_run": "unijob.providers.mka1.agent_run:KIND",
        "compute_job": "unijob.providers.mka1.compute_job:KIND",
    },
    on_behalf_of="X-On-Behalf-Of",
    sandbox="unijob.providers.mka1.sandbox:SANDBOX",
)
