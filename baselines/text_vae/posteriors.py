"""What a posterior gives to the training: a draw of each text of a batch, and what it costs."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from baselines.gaussian import Gaussian


@dataclass(frozen=True)
class Drawn:
    """A draw of each text, and its cost.

    Attributes
    ----------
    latents : [texts, size], differentiable in the posterior.
    kl : [texts, variables], nats; the settings weigh it, anneal it and leave some of it free.
    penalty : a scalar of the whole batch, nats a text, which is added as it is.
    """

    latents: Tensor
    kl: Tensor
    penalty: Tensor | float = 0.0


class BatchPosterior(ABC):
    """q(z|x) of the texts of a batch; most are frozen dataclasses of tensors [texts, width].

    `mean`: E[z|x], [texts, size].
    """

    mean: Tensor

    @abstractmethod
    def drawn(self, *, texts: int, share: float) -> Drawn:
        """A draw by torch's generator.

        `texts`: how many there are to train on. `share`: of the steps with a KL that are done.
        """

    def arrays(self) -> Mapping[str, Tensor]:
        """The tensors from which `AskedModel.evaluated` makes what the harness measures."""
        return vars(self)


@dataclass(frozen=True)
class DiagonalGaussian(Gaussian, BatchPosterior):
    """Independent Gaussians, whose prior is the standard one."""

    def drawn(self, *, texts: int, share: float) -> Drawn:
        return Drawn(self.sample(), self.kl())


@dataclass(frozen=True)
class GumbelCategorical(BatchPosterior):
    """Independent variables with finitely many values, whose prior is uniform.

    Source: Jang et al. 2017; Maddison et al. 2017.

    Attributes
    ----------
    logits : [texts, sum of widths].
    widths : the number of values of each variable.
    temperature : of the Gumbel-softmax.
    hard : whether draws are one-hot, with the gradient of the soft ones (straight-through).
    """

    logits: Tensor
    widths: tuple[int, ...]
    temperature: float
    hard: bool

    @property
    def mean(self) -> Tensor:  # type: ignore[override]
        return torch.cat([block.softmax(1) for block in self._blocks(self.logits)], 1)

    def drawn(self, *, texts: int, share: float) -> Drawn:
        # Drawn on the processor, so that a seed draws the same on every device.
        exponential = torch.empty(self.logits.shape).exponential_().to(self.logits.device)
        noisy = (self.logits - exponential.log()) / self.temperature
        soft = [block.softmax(1) for block in self._blocks(noisy)]
        if self.hard:
            picked = [F.one_hot(each.argmax(1), each.shape[1]).to(each) for each in soft]
            soft = [one + each - each.detach() for one, each in zip(picked, soft, strict=True)]
        return Drawn(torch.cat(soft, 1), self.kl())

    def kl(self) -> Tensor:
        """KL from the uniform prior of each variable, `log V + sum_v p log p`, exact."""
        logs = [block.log_softmax(1) for block in self._blocks(self.logits)]
        each = [math.log(own.shape[1]) + (own.exp() * own).sum(1) for own in logs]
        return torch.stack(each, 1)

    def arrays(self) -> Mapping[str, Tensor]:
        return {"mean": self.mean}

    def _blocks(self, values: Tensor) -> tuple[Tensor, ...]:
        return torch.split(values, list(self.widths), dim=1)


@torch.no_grad()
def most_probable(nats: Callable[[Tensor], Tensor], drawn: Tensor) -> Tensor:
    """Which of K draws makes each text the most probable, int64 [texts] (Sato et al. 2021).

    It has no gradient.

    Parameters
    ----------
    nats : from latents [texts, size] to -log p(x|z), [texts].
    drawn : K draws, [K, texts, size]; one draw is taken unasked.
    """
    if len(drawn) == 1:
        return torch.zeros(drawn.shape[1], dtype=torch.int64, device=drawn.device)
    return torch.stack([nats(each) for each in drawn]).argmin(0)


def taken(drawn: Tensor, which: Tensor) -> Tensor:
    """For each text its own draw, [texts, ...].

    `drawn`: [K, texts, ...]. `which`: int64 [texts].
    """
    return drawn[which, torch.arange(drawn.shape[1], device=drawn.device)]
