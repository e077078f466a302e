"""Writes the small modules around the models: package and provider faces, and the union of revisions."""

from __future__ import annotations

from collections.abc import Mapping

from unijob_codegen.sources import Provider
from unijob_codegen.text import docstring, literal


def root(providers: tuple[Provider, ...]) -> str:
    """Write the `__init__.py` of the whole generated package."""
    entries = "".join(f"{literal(provider.name)}: {_revisions(provider)}, " for provider in providers)
    return "\n".join(
        [
            docstring(
                "Generated models, operations and packed contracts of every provider, one package for each revision."
            ),
            "from __future__ import annotations",
            "from collections.abc import Mapping",
            "from types import MappingProxyType",
            "from typing import Final",
            "",
            f"REVISIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({{{entries}}})",
            '"""The revisions of every provider, the oldest first."""',
            "",
        ]
    )


def provider_face(package: str, provider: Provider) -> str:
    """Write a provider's `__init__.py`: its revisions, and their contracts on demand.

    Args:
        package: the import name of the whole generated package.
        provider: the provider.
    """
    modules = "".join(
        f"{literal(revision.name)}: {literal(f'{package}.{provider.name}.{revision.module}')}, "
        for revision in provider.revisions
    )
    return f'''{docstring(f"Contracts of {provider.title}.")}
from __future__ import annotations
from importlib import import_module
from typing import TYPE_CHECKING, Final
if TYPE_CHECKING:
    from unijob_models.runtime import ContractPackage

REVISIONS: Final = {_revisions(provider)}
"""The oldest first."""

_PACKAGES: Final = {{{modules}}}


def contract(revision: str) -> ContractPackage:
    """Load the contract of a revision.

    Raises:
        LookupError: there is no such revision; names those that there are.
    """
    if revision not in _PACKAGES:
        raise LookupError(f"{provider.name} has no revision {{revision!r}}, only {{', '.join(REVISIONS)}}")
    found: ContractPackage = import_module(_PACKAGES[revision]).CONTRACT
    return found
'''


def revision_face(title: str) -> str:
    """Write a revision's `__init__.py`."""
    return f'''{docstring(f"The contract of {title}.")}
from __future__ import annotations
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from unijob_models.runtime import ContractPackage

    CONTRACT: ContractPackage

__all__ = ["CONTRACT"]


def __getattr__(name: str) -> ContractPackage:
    """Load the operations, and with them all models, only for who asks for the contract."""
    if name != "CONTRACT":
        raise AttributeError(name)
    from .operations import CONTRACT
    return CONTRACT
'''


def model_unions(package: str, provider: Provider, models: Mapping[str, tuple[str, ...]]) -> str:
    """Write a provider's `models.py`: each model as the union of what the revisions call by its name.

    Args:
        package: the import name of the whole generated package.
        provider: the provider.
        models: the model names of each revision, by revision.
    """
    modules = [revision.module for revision in provider.revisions]
    imports = [f"from {package}.{provider.name}.{module} import models as {module}" for module in modules]
    names = sorted({name for of_revision in models.values() for name in of_revision})
    aliases: list[str] = []
    for name in names:
        having = [revision.module for revision in provider.revisions if name in models[revision.name]]
        aliases.append(f"{name}: TypeAlias = {' | '.join(f'{module}.{name}' for module in having)}")
    return "\n".join(
        [
            docstring(f"Models of {provider.title} in every revision that has them, for type annotations."),
            "from __future__ import annotations",
            "from typing import TypeAlias",
            *imports,
            "",
            *aliases,
            "",
        ]
    )


def _revisions(provider: Provider) -> str:
    names = [literal(revision.name) for revision in provider.revisions]
    return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"
