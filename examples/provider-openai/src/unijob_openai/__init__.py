"""OpenAI's batches, vector-store file batches and fine-tuning jobs, for unijob."""

from __future__ import annotations

from unijob.provider import Provider

PROVIDER = Provider(
    interface=1,
    name="openai",
    title="OpenAI",
    base_url="https://api.openai.com/v1",
    key_variables=("OPENAI_API_KEY",),
    base_url_variable="OPENAI_BASE_URL",
    contracts="unijob_openai.models.openai",
    kinds={
        "batch": "unijob_openai.batch:KIND",
        "file_batch": "unijob_openai.file_batch:KIND",
        "fine_tuning_job": "unijob_openai.fine_tuning_job:KIND",
    },
    sandbox="unijob_openai.sandbox:SANDBOX",
)
