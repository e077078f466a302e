"""Writes a revision's `models.py`: datamodel-code-generator with this project's templates."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from unijob_codegen.errors import CodegenError
from unijob_codegen.lowering import Lowering, Model
from unijob_codegen.text import docstring, literal

TEMPLATES = Path(__file__).parent / "templates"

_EXTRAS = "additional_properties"
_WORD = re.compile(r"\w+")
_IMPORTS = (
    ("collections.abc", ("Mapping",)),
    ("enum", ("StrEnum",)),
    ("typing", ("Any", "Literal", "TypeAlias")),
    ("unijob_models.runtime", ("NO_EXTRAS", "UNSET", "Unset")),
)


def render(lowering: Lowering, *, title: str) -> str:
    """Write the module, unformatted and without a header.

    Args:
        lowering: the document's models.
        title: the contract's name, for the docstring.

    Raises:
        CodegenError: datamodel-code-generator refuses the document, or leaves something out.
    """
    statements = _statements(_generated(lowering), lowering)
    body = "\n\n\n".join(statements)
    parts = [docstring(f"Models of {title}."), "from __future__ import annotations", _imports(body), body]
    return "\n\n".join(parts) + "\n"


def _generated(lowering: Lowering) -> str:
    # Slow to import, and not needed for a message about a malformed document.
    from datamodel_code_generator import generate  # noqa: PLC0415
    from datamodel_code_generator.enums import DataModelType, InputFileType  # noqa: PLC0415
    from datamodel_code_generator.format import PythonVersion  # noqa: PLC0415

    if not lowering.models:
        return ""
    try:
        source = generate(
            json.dumps(lowering.document()),
            input_file_type=InputFileType.OpenAPI,
            output_model_type=DataModelType.DataclassesDataclass,
            target_python_version=PythonVersion.PY_311,
            custom_template_dir=TEMPLATES / "models",
            extra_template_data=defaultdict(dict, {model.name: _data(model) for model in lowering.models.values()}),
            custom_class_name_generator=_same,
            use_type_alias=True,
            strict_nullable=True,
            use_typed_nullable_map_values=True,
            use_standard_collections=True,
            use_union_operator=True,
            disable_timestamp=True,
            formatters=[],
        )
    except Exception as error:
        raise CodegenError(f"datamodel-code-generator refuses the schemas: {type(error).__name__}: {error}") from error
    if not isinstance(source, str):
        raise CodegenError("datamodel-code-generator split the models into several modules")
    return source


def _same(name: str) -> str:
    return name


def _data(model: Model) -> dict[str, Any]:
    names = {item.name for item in model.properties}
    is_alias = not model.properties and not model.members
    return {
        "model_doc": docstring(model.doc or f"`{model.name}` of the contract.", indent=4)
        if model.doc or not is_alias
        else "",
        "extras": f"{_EXTRAS}_" if _EXTRAS in names else _EXTRAS,
        "members": [{"name": name, "literal": literal(value)} for name, value in model.members.items()],
        "properties": [
            {
                "json": item.json,
                "json_literal": literal(item.json),
                "name": item.name,
                "required": item.required,
                "doc": docstring(item.doc, indent=4) if item.doc else "",
            }
            for item in model.properties
        ],
    }


def _statements(source: str, lowering: Lowering) -> list[str]:
    """Put the definitions in an order of their own: enums, classes, then aliases after what they name."""
    try:
        found = _definitions(source)
    except SyntaxError as error:
        raise CodegenError(f"datamodel-code-generator wrote invalid Python: {error}") from error
    names = set(lowering.models)
    if found.keys() != names:
        odd = ", ".join(sorted(found.keys() ^ names))
        raise CodegenError(f"datamodel-code-generator lost or added models: {odd}")
    models = [lowering.models[name] for name in sorted(names)]
    enums = [model.name for model in models if model.members]
    classes = [model.name for model in models if model.properties]
    aliases = sorted(names.difference(enums, classes))
    graph = {name: sorted(set(_WORD.findall(found[name])).intersection(aliases) - {name}) for name in aliases}
    return [found[name] for name in (*enums, *classes, *TopologicalSorter(graph).static_order())]


def _definitions(source: str) -> dict[str, str]:
    lines = source.splitlines()
    found: dict[str, str] = {}
    last = ""
    for node in ast.parse(source).body:
        start = node.lineno
        if isinstance(node, ast.ClassDef):
            last = node.name
            start = min([start, *(decorator.lineno for decorator in node.decorator_list)])
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            last = node.target.id
        elif not (isinstance(node, ast.Expr) and last):
            continue
        text = "\n".join(lines[start - 1 : node.end_lineno])
        found[last] = f"{found[last]}\n{text}" if last in found else text
    return found


def _imports(body: str) -> str:
    used = set(_WORD.findall(body))
    lines = [
        f"from {module} import {', '.join(name for name in names if name in used)}"
        for module, names in _IMPORTS
        if used.intersection(names)
    ]
    if "_frozen" in used:
        field = "from attrs import field as _field\n" if "_field" in used else ""
        lines.append(f"{field}from attrs import frozen as _frozen\nfrom unijob_models.runtime import Model as _Model")
    return "\n".join(lines)
