"""JSON bytes to generated models and back, strictly or leniently, losing nothing.

cattrs compiles a hook for a class when it is first met. Its defaults coerce (`"5"` to 5); every hook here replaces
one of them by one that takes a value as it is or says what is wrong with it. Unions, open enums and properties that no
schema lists are this package's own.
"""

from unijob.converter.failures import StructureError
from unijob.converter.lenient import structure_leniently
from unijob.converter.reading import structure
from unijob.converter.text import dumps, loads
from unijob.converter.writing import unstructure

__all__ = ["StructureError", "dumps", "loads", "structure", "structure_leniently", "unstructure"]
