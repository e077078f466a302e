"""The contract engine: routes requests to operations, and checks messages against an OpenAPI document.

What it does not look at: undocumented headers and cookies, servers of single paths and operations, `$dynamicRef`,
`$id`, links and callbacks, `discriminator` (`oneOf` and `anyOf` decide alone, as OpenAPI 3.1 says).
"""

from unijob.contract.engine import Contract
from unijob.contract.operation import Content, OperationContract
from unijob.contract.parameters import Parameter
from unijob.contract.requests import RequestReading
from unijob.contract.routing import Match

__all__ = ["Content", "Contract", "Match", "OperationContract", "Parameter", "RequestReading"]
