"""The client without async: the same methods, over the same implementation."""

from unijob.sync.job_client import JobClient

__all__ = ["JobClient"]
