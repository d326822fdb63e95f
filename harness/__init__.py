"""The common evaluation: method contract, trials, probes, metrics, records, tables and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.outputs.audit import Audit, audit

__all__ = ["Audit", "audit"]


def __getattr__(name: str) -> Any:
    """`audit` and its result, which load what measures only when they are used."""
    if name in __all__:
        from harness.outputs import audit as package

        return getattr(package, name)
    raise AttributeError(f"module 'harness' has no attribute {name!r}")
