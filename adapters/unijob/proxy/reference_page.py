"""Writes the reference of the proxy's settings from the classes that the settings are read into.

`python -m unijob.proxy.reference_page > docs/proxy-config.md`
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import click
import orjson

from unijob.cli.proxy import proxy
from unijob.proxy import settings
from unijob.proxy.config_checks import may_be_zero
from unijob.proxy.settings import Limits, Policy, ProxySettings, UpstreamSettings

_HEAD = """\
# Settings of the proxy

Written by `python -m unijob.proxy.reference_page` from the code that reads them; do not edit.
[The validation proxy](proxy.md) tells how to run it.

`unijob proxy --config FILE` reads a TOML file. Flags win over it. Every name and value is checked before anything is
served, and all that is wrong is told at once; `--check-config` does only that. File names are relative to the TOML
file, those in flags to the working directory.

Values of `headers` and `inbound_keys` take credentials from outside the file: `${NAME}` is the environment variable
`NAME`, `${file:PATH}` the text of a file without the white space around it, both read at the start and at each reload.
A literal credential is refused.
"""
_SECTIONS: tuple[tuple[str, str, type[Any]], ...] = (
    ("Overall", "At the top of the file.", ProxySettings),
    ("`[policy]`", "", Policy),
    ("`[limits]`", "", Limits),
    ("`[upstreams.NAME]`", "", UpstreamSettings),
)
_SIMPLE: Mapping[Any, str] = {str: "text", bool: "true or false", int: "whole number", float: "number"}
_HIDDEN = frozenset({"upstreams", "limits", "name"})
_PYTHON_TUPLE = re.compile(r'\(("[^"]*"),\)')


def page() -> str:
    """Write the page."""
    documents = _field_documents()
    parts = [_HEAD, _flags()]
    for title, told, cls in _SECTIONS:
        document = told or f"{_first(inspect.getdoc(cls))}"
        rows = "\n".join(_rows(cls, documents[cls.__name__]))
        parts.append(
            f"## {title}\n\n{document}\n\n| setting | takes | default | |\n| --- | --- | --- | --- |\n{rows}\n"
        )
    parts.append(_policy_note())
    return "\n".join(parts)


def _rows(cls: type[Any], documents: Mapping[str, str]) -> Iterator[str]:
    hints = get_type_hints(cls)
    for field in attrs.fields(cls):
        if field.name in _HIDDEN:
            continue
        takes, default = _takes(hints[field.name], field), _default(field)
        if cls is Limits:
            takes += ", 0 or more" if may_be_zero(field.name) else ", more than 0"
        yield f"| `{field.name}` | {takes} | {default} | {_told(documents[field.name])} |"


def _takes(kind: Any, field: attrs.Attribute[Any]) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        (only,) = [each for each in inner if each is not type(None)]
        return _takes(only, field) + (", or `false` for none" if field.default is not None else "")
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in inner)
    if origin is None:
        return "table, as `[policy]`" if kind is Policy else _SIMPLE[kind]
    if origin is tuple:
        return "list of text"
    return "a table, as `[policy]`, for each" if Policy in inner else "table of text"


def _default(field: attrs.Attribute[Any]) -> str:
    if field.default is attrs.NOTHING:
        return "must be given"
    is_shown = isinstance(field.default, (str, int, float))
    return f"`{orjson.dumps(field.default).decode()}`" if is_shown else ""


def _told(document: str) -> str:
    """Put a field's docstring into one cell, as TOML says it, without a default that the next cell shows."""
    text = " ".join(document.split()).replace("|", "\\|").replace("None for", "`false` for")
    text = _PYTHON_TUPLE.sub(r"[\1]", text)
    return re.sub(r" Default [^:]*\.$", "", text).removesuffix(" Not said by default.")


def _field_documents() -> dict[str, dict[str, str]]:
    """Read the docstrings below fields, which exist in the source only."""
    tree = ast.parse(inspect.getsource(settings))
    return {node.name: dict(_documents(node)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _documents(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, document in zip(node.body, node.body[1:], strict=False):
        match field, document:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
            case _:
                continue


def _policy_note() -> str:
    _, _, rest = (inspect.getdoc(Policy) or "").partition("\n\n")
    return f"## Which policy wins\n\n{rest}\n"


def _flags() -> str:
    options = [option for option in proxy.params if isinstance(option, click.Option)]
    rows = [f"| `{_shown(option)}` | {option.help or ''} |" for option in options]
    return "## Flags\n\n| flag | |\n| --- | --- |\n" + "\n".join(rows) + "\n"


def _shown(option: click.Option) -> str:
    return " ".join(filter(None, [*option.opts, option.metavar]))


def _first(document: str | None) -> str:
    return (document or "").partition("\n\n")[0]


if __name__ == "__main__":
    sys.stdout.write(page())
