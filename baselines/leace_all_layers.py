"""The method `leace-all-layers`."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

import torch
from torch import Tensor

from baselines.erasure import Eraser
from baselines.leace import Leace, leace_eraser
from baselines.untuned import LAYERS
from data.rows import TrainingTask
from harness.contract.method import Method, Representation
from harness.contract.stored import restored_arrays
from harness.encoders.encoding import frozen_vectors, mean_vectors
from harness.encoders.layer_cut import changing, layers_of
from harness.system.progress import Progress


class LeaceAllLayers(Leace):
    """LEACE behind every layer of the encoder. Source: Belrose et al. 2023, concept scrubbing.

    Behind the first layer an eraser is fitted to the means of the token vectors, and applied to
    every token; the next layer runs on what it left, and so on. So no layer is given what the ones
    above it, which are not linear, could make readable again.
    """

    name = "leace-all-layers"
    kinds = ("aspects",)
    variants = {**Leace.variants, **LAYERS}
    studies = {"aspects": dict.fromkeys(LAYERS, 1)}
    plain_encoder = Method.plain_encoder

    @property
    def depth(self) -> int:
        """Layers that take part."""
        layers = len(layers_of(self.backbone.model))
        return max(layers - int(self.settings.layers_left_out), 1)

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:  # type: ignore[override]
        self.erasers = {}
        for aspect in self.aspects:
            for depth in range(1, self.depth + 1):
                vectors = self.scrubbed(task.train.texts, aspect, depth)
                rows = self.labelled(task.train, vectors, aspect)
                self.erasers[_place(aspect, depth)] = leace_eraser(rows).at(self.settings.strength)
                progress(len(self.erasers), len(self.aspects) * self.depth)

    def scrubbed(self, texts: tuple[str, ...], aspect: str, depth: int) -> Representation:
        """float32 [n, width]: means of the token vectors behind a layer, erased below it alone.

        Parameters
        ----------
        depth : of the layer, from 1.
        """
        layers = layers_of(self.backbone.model)
        limit, left_out = self.settings.max_tokens, len(layers) - depth
        if depth == 1:
            return frozen_vectors(self.backbone, texts, limit, left_out)
        with ExitStack() as changed:
            for below in range(1, depth):
                eraser = self.erasers[_place(aspect, below)]
                change = _of_tokens(eraser, self.backbone.device)
                changed.enter_context(changing(layers[below], change))
            return mean_vectors(self.backbone, texts, limit, left_out)

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        last = self.erasers[_place(aspect, self.depth)]
        return last(self.scrubbed(texts, aspect, self.depth))

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        depths = range(1, self.depth + 1)
        places = [_place(aspect, depth) for aspect in self.aspects for depth in depths]
        self.erasers = restored_arrays(Eraser, tensors, places)


def _place(aspect: str, depth: int) -> str:
    return f"{aspect}.{depth}"


def _of_tokens(eraser: Eraser, device: torch.device) -> Callable[[Tensor], Tensor]:
    """The same map of token vectors, [b, t, width], in float64, which autocast leaves alone."""
    parts = (eraser.left, eraser.right, eraser.offset)
    left, right, offset = (torch.from_numpy(part).double().to(device) for part in parts)

    def erased(states: Tensor) -> Tensor:
        exact = states.double()
        return (exact - (exact @ right.T - offset) @ left.T).to(states.dtype)

    return erased
