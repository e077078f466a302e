"""Turns the specs into `generated/unijob_models`: models, enums, operation tables, packed contracts."""
