"""Writes a spec as YAML that people read and `codegen.documents` reads the same."""

from __future__ import annotations

from typing import Any, cast

import yaml

from unijob_codegen import decoding
from unijob_codegen.errors import CodegenError

_WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """Lists are indented, nothing is an alias, and text that looks like something else is quoted."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Indent lists, too."""
        cast("Any", super()).increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Write everything out."""
        return True


def _text(dumper: Any, value: str) -> Any:
    style = "'" if decoding.AMBIGUOUS.match(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


cast("Any", _Dumper).add_representer(str, _text)


def dump(content: dict[str, Any], *, comment: str) -> bytes:
    """Write a document.

    Args:
        content: the document.
        comment: what stands above it, lines without `#`.

    Raises:
        CodegenError: it would not be read as it was meant.
    """
    head = "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines())
    parts = [
        yaml.dump({key: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
        for key, value in content.items()
    ]
    blank = {"paths", "components"}
    body = "".join(("\n" if key in blank else "") + part for key, part in zip(content, parts, strict=True))
    data = (head + body).encode()
    if decoding.decode(data, shown="the new revision") != content:
        raise CodegenError("the new revision cannot be written as YAML without loss")
    return data
