"""How the commands tell what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

import click

from unijob_codegen.errors import CodegenError


@contextmanager
def reported() -> Generator[None]:
    """Turn what is wrong into one message and exit code 1."""
    try:
        yield
    except CodegenError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
