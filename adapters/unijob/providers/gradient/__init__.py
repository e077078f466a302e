"""DigitalOcean Gradient: the indexing of knowledge bases, and evaluation runs."""

from __future__ import annotations

from unijob.provider import Provider

PROVIDER = Provider(
    interface=1,
    name="gradient",
    title="DigitalOcean Gradient",
    base_url="https://api.digitalocean.com",
    key_variables=("GRADIENT_ACCESS_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"),
    base_url_variable="GRADIENT_BASE_URL",
    contracts="unijob_models.gradient",
    kinds={
        name: f"unijob.providers.gradient.{name}:KIND"
        for name in ("evaluation_run", "indexing_job", "model_evaluation_run", "scheduled_indexing")
    },
    sandbox="unijob.providers.gradient.sandbox:SANDBOX",
)
