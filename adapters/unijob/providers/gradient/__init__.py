"""DigitalOcean Gradient: the indexing jobs of knowledge bases."""

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
    kinds={"indexing_job": "unijob.providers.gradient.indexing_job:KIND"},
    sandbox="unijob.providers.gradient.sandbox:SANDBOX",
)
