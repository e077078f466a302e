"""Values of which one is made for each message: frozen for type checkers, without what freezing costs at run time.

A frozen attrs class takes about three times as long to make as one that is not. Where a class is made a few times for
every request that passes the proxy, that is more than the work it carries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attrs import frozen as value_class
else:
    from attrs import define as value_class

__all__ = ["value_class"]
