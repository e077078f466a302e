"""Decodes documents: YAML as JSON has it, on libyaml where it is installed, or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, cast

import yaml

from unijob_codegen.errors import CodegenError
from unijob_codegen.pointers import is_list, is_object

_VERSIONS = re.compile(r"3\.[01]\.\d+")
_DEEPEST = 400
_MOST_VALUES = 8_000_000
_SCALARS: dict[str, tuple[str, str]] = {
    "null": (r"(?:~|null|Null|NULL|)$", "~nN"),
    "bool": (r"(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    "int": (r"-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    "float": (r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", "-0123456789"),
    "merge": (r"<<$", "<"),
}
AMBIGUOUS = re.compile("|".join(pattern for pattern, _ in _SCALARS.values()))
"""Text that would be read as something else if it stood without quotes."""

_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc, valid-type]
    """YAML as JSON has it: no dates, no `yes`, no octals; a repeated key is an error."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own form


def _construct_mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    seen: set[str] = set()
    for key_node, _ in node.value:
        key = key_node.value
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, "a key that is not text", key_node.start_mark)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        seen.add(key)
    loader.flatten_mapping(node)
    construct: Callable[..., Any] = loader.construct_object
    return {str(key_node.value): construct(value, deep=True) for key_node, value in node.value}


for _tag, (_pattern, _first) in _SCALARS.items():
    _characters = [*_first, *([""] if _tag == "null" else [])]
    cast("Any", _Loader).add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _characters)
cast("Any", _Loader).add_constructor("tag:yaml.org,2002:map", _construct_mapping)


def parse(data: bytes, *, shown: str) -> dict[str, Any]:
    """Decode YAML or JSON to an OpenAPI document.

    Args:
        data: the document.
        shown: where it is from, for messages.

    Raises:
        CodegenError: names the line, or what else is wrong.
    """
    content = decode(data, shown=shown)
    version = content.get("openapi") if is_object(content) else None
    if not isinstance(version, str) or not _VERSIONS.fullmatch(version):
        raise CodegenError(f"{shown}: not an OpenAPI 3.0 or 3.1 document (its `openapi` is {version!r})")
    for name in ("paths", "components"):
        if not is_object(content.get(name, {})):
            raise CodegenError(f"{shown}: its `{name}` is not an object")
    return dict(content)


def decode(data: bytes, *, shown: str) -> Any:
    """Decode YAML or JSON.

    Raises:
        CodegenError: names the line, or what else is wrong.
    """
    text = data.removeprefix(b"\xef\xbb\xbf")
    _refuse_html(text, shown)
    try:
        if text.lstrip()[:1] == b"{":
            return json.loads(text, parse_constant=_not_json)
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer types
        _measure(content, shown)
    except json.JSONDecodeError as error:
        raise CodegenError(f"{shown}:{error.lineno}:{error.colno}: malformed JSON: {error.msg}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise CodegenError(f"{shown}{place}: malformed YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise CodegenError(f"{shown}: malformed: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise CodegenError(f"{shown}: nested too deeply") from None
    return content


def _refuse_html(data: bytes, shown: str) -> None:
    start = data[:512].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        raise CodegenError(f"{shown}: this is an HTML page, not an OpenAPI document: is it the right address?")
    if start.startswith(b"<"):
        raise CodegenError(f"{shown}: this is XML, not an OpenAPI document: is it the right address?")


def _not_json(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _measure(content: Any, shown: str) -> None:
    """Refuse what YAML's aliases blow up: cycles, and trees far larger than their text."""
    count = 0
    stack = [(content, 0)]
    while stack:
        node, depth = stack.pop()
        count += 1
        if depth > _DEEPEST:
            raise CodegenError(f"{shown}: nested too deeply")
        if count > _MOST_VALUES:
            raise CodegenError(f"{shown}: more than {_MOST_VALUES} values")
        if is_object(node):
            stack += [(value, depth + 1) for value in node.values()]
        elif is_list(node):
            stack += [(value, depth + 1) for value in node]
