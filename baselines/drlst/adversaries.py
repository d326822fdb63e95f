"""Adversaries: classifiers that predict from a latent what it should not encode."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from baselines.drlst.losses import bag_loss, entropy
from harness.training.objectives import classification_loss

Answer = Callable[[str, Tensor], Tensor]
"""From an aspect and a classifier's output for each text to logits over the possible answers."""


def of_classes(aspect: str, said: Tensor) -> Tensor:
    """The `Answer` where there are labels: the output is the logits over classes."""
    return said


class Adversaries(nn.Module):
    """Softmax classifiers, one for each latent and each thing to be kept out of it.

    From each latent one reads every aspect that is not its own; from each latent but that of the
    content one more reads the bag of words (John et al. 2019, section 3.2.2 and 3.3).

    Parameters
    ----------
    sizes : of the latents, by name; an aspect's latent has its name.
    aspects : number of classes of each aspect, or how many numbers its classifiers give for a text.
    content : name of the content's latent.
    words : size of the bags.
    """

    def __init__(
        self, sizes: Mapping[str, int], aspects: Mapping[str, int], content: str, words: int
    ) -> None:
        super().__init__()
        self._pairs = [(latent, name) for latent in sizes for name in aspects if name != latent]
        self.labels = nn.ModuleList(
            nn.Linear(sizes[latent], aspects[name]) for latent, name in self._pairs
        )
        self._styles = [latent for latent in sizes if latent != content]
        self.bags = nn.ModuleList(nn.Linear(sizes[latent], words) for latent in self._styles)

    def loss(
        self,
        latents: Mapping[str, Tensor],
        labels: Mapping[str, Tensor],
        bags: Tensor,
        answer: Answer = of_classes,
    ) -> Tensor:
        """Their own cross-entropies, J_dis, summed; no gradient reaches the latents.

        `latents`: [texts, size] each. `labels`: int64 for each aspect, one for each row of its
        logits. `bags`: [texts, words]. `answer`: what the logits are.
        """
        total = bags.new_zeros(())
        for (latent, aspect), module in zip(self._pairs, self.labels, strict=True):
            logits = answer(aspect, module(latents[latent].detach()))
            total = total + classification_loss(logits, labels[aspect])
        for latent, module in zip(self._styles, self.bags, strict=True):
            total = total + bag_loss(module(latents[latent].detach()), bags)
        return total

    def label_entropy(self, latents: Mapping[str, Tensor], answer: Answer = of_classes) -> Tensor:
        """Entropies of the aspects' predictions, summed; no gradient reaches the adversaries."""
        return sum(
            (
                entropy(answer(aspect, _held(module, latents[latent])))
                for (latent, aspect), module in zip(self._pairs, self.labels, strict=True)
            ),
            torch.zeros(()),
        )

    def bag_entropy(self, latents: Mapping[str, Tensor]) -> Tensor:
        """The same for the predicted bags of words."""
        read = zip(self._styles, self.bags, strict=True)
        return sum(
            (entropy(_held(module, latents[latent])) for latent, module in read), torch.zeros(())
        )

    def logits(self, latent: str, aspect: str, vectors: Tensor) -> Tensor:
        """One adversary's prediction of an aspect, [texts, classes]."""
        logits: Tensor = self.labels[self._pairs.index((latent, aspect))](vectors)
        return logits


def _held(module: nn.Module, vectors: Tensor) -> Tensor:
    """A module's output with constant weights, so that the gradient reaches the vectors alone."""
    weights = {name: weight.detach() for name, weight in module.named_parameters()}
    said: Tensor = torch.func.functional_call(module, weights, vectors)
    return said
