"""Turns OpenAPI specs into what unijob speaks them with: models, enums, operation tables, packed contracts."""
