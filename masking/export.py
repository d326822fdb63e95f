"""A mask burned into an ordinary checkpoint."""

from __future__ import annotations

from pathlib import Path

import torch

from harness.contract.artifacts import writing
from harness.encoders.layer_cut import layers_of
from masking.attachment import MaskedLayers


def write_checkpoint(layers: MaskedLayers, aspect: int, folder: Path) -> None:
    """Write the whole encoder with `W * M` in place of W, and its tokenizer.

    Biases, norms and all layers without masks are the backbone's own, in float32.

    Raises
    ------
    UserError : the folder cannot be written.
    """
    model = layers.backbone.copy_model()
    stack = layers_of(model)
    with torch.no_grad():
        for place in layers.places:
            linear = stack[place.layer].get_submodule(place.path)
            assert isinstance(linear, torch.nn.Linear)
            linear.weight.mul_(place.masked.used(aspect))
    with writing(folder):
        model.save_pretrained(folder)
        layers.backbone.tokenizer.save_pretrained(folder)
