"""Disentanglement by masks over a frozen transformer (Zhang et al. 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from masking.estimator import MaskedEncoder

__all__ = ["MaskedEncoder"]


def __getattr__(name: str) -> Any:
    # Torch loads when the estimator is asked for, not when the package is listed.
    if name == "MaskedEncoder":
        from masking.estimator import MaskedEncoder

        return MaskedEncoder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
