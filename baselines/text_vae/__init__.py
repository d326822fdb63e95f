"""Text VAEs finetuned from a pretrained seq2seq transformer, and what they are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baselines.text_vae.api import TextVAE

__all__ = ["TextVAE"]


def __getattr__(name: str) -> Any:
    # Torch loads when the class is asked for, not when the package is listed.
    if name == "TextVAE":
        from baselines.text_vae.api import TextVAE

        return TextVAE
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
