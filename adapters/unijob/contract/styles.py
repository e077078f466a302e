"""How a parameter is written (`style`, `explode`), and what the text of a value says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_INTEGER = re.compile(r"-?[0-9]{1,4000}\Z")
_NUMBER = re.compile(r"-?[0-9]{1,4000}(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?\Z")
_DELIMITERS = {
    "form": ",",
    "simple": ",",
    "label": ",",
    "matrix": ",",
    "spaceDelimited": " ",
    "pipeDelimited": "|",
}
DEEPEST = 20
"""How many keys `name[key][key]…` may have."""
_WORDS = {"true": True, "false": False}
PRIMITIVES = frozenset({"null", "boolean", "number", "integer", "string"})


class MalformedError(ValueError):
    """A parameter is not written in its documented style."""


def read_primitive(text: str, types: Collection[str]) -> Any:
    """Read a text as the narrowest of the types that it can be; as itself where it can be none."""
    if "integer" in types and _INTEGER.match(text):
        return int(text)
    if "number" in types and _NUMBER.match(text):
        number = float(text)
        return number if abs(number) != float("inf") else text
    if "boolean" in types and text in _WORDS:
        return _WORDS[text]
    if "null" in types and (text == "null" or (not text and "string" not in types)):
        return None
    return text


def bare(name: str, style: str, text: str) -> str:
    """Strip what a style puts before a primitive value."""
    if style == "label":
        return _after(text, ".")
    if style == "matrix":
        return _after(text, f";{name}=") if text != f";{name}" else ""
    return text


def split_array(name: str, style: str, *, explode: bool, texts: Sequence[str]) -> list[str]:
    """Split a parameter into the texts of its items.

    Args:
        name: the parameter's name.
        style: its style.
        explode: whether each item stands alone.
        texts: the values as sent, one for each time the parameter is there.
    """
    if style in {"form", "spaceDelimited", "pipeDelimited", "deepObject"} and explode:
        return list(texts)
    text = _only(texts)
    if style == "label":
        return _split(_after(text, "."), "." if explode else ",")
    if style == "matrix" and explode:
        return [_after(part, f"{name}=") for part in _after(text, ";").split(";")]
    return _split(bare(name, style, text), _DELIMITERS.get(style, ","))


def split_object(name: str, style: str, *, explode: bool, texts: Sequence[str]) -> dict[str, str]:
    """Split a parameter that stands in one text into the texts of its properties."""
    text = _only(texts)
    if explode and style in {"simple", "label", "matrix"}:
        mark, delimiter = {"simple": ("", ","), "label": (".", "."), "matrix": (";", ";")}[style]
        return dict(_pair(part) for part in _split(_after(text, mark), delimiter))
    parts = _split(bare(name, style, text), _DELIMITERS.get(style, ","))
    if len(parts) % 2:
        raise MalformedError
    return dict(zip(parts[::2], parts[1::2], strict=True))


def split_deep(name: str, pairs: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Gather `name[key]`, `name[key][inner]` and `name[key][]` into an object of texts and lists of texts."""
    result: dict[str, Any] = {}
    for key, texts in pairs.items():
        if not key.startswith(name + "["):
            continue
        keys = re.findall(r"\[([^\[\]]*)\]", key[len(name) :])
        if not 0 < len(keys) <= DEEPEST or name + "".join(f"[{one}]" for one in keys) != key:
            raise MalformedError
        many = len(keys) > 1 and not keys[-1]
        _put(result, keys[:-1] if many else keys, list(texts) if many or len(texts) > 1 else texts[0])
    return result


def _put(result: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    for key in keys[:-1]:
        if not isinstance(result.setdefault(key, {}), dict):
            raise MalformedError
        result = result[key]
    if keys[-1] in result:
        raise MalformedError
    result[keys[-1]] = value


def _only(texts: Sequence[str]) -> str:
    if len(texts) != 1:
        raise MalformedError
    return texts[0]


def _after(text: str, mark: str) -> str:
    if not text.startswith(mark):
        raise MalformedError
    return text[len(mark) :]


def _split(text: str, delimiter: str) -> list[str]:
    return text.split(delimiter) if text else []


def _pair(part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not equals:
        raise MalformedError
    return name, value
