"""Posteriors of Gaussian and categorical latents in training: draws, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.discrete_vae.settings import DiscreteVaeSettings
from baselines.text_vae.kl_terms import kl_factor
from baselines.text_vae.posteriors import BatchPosterior, DiagonalGaussian, Drawn, GumbelCategorical


@dataclass(frozen=True)
class MixedPosterior(BatchPosterior):
    """Gaussians, categoricals, or both, whose columns follow each other."""

    gaussian: DiagonalGaussian | None
    categorical: GumbelCategorical | None
    settings: DiscreteVaeSettings

    @property
    def mean(self) -> Tensor:  # type: ignore[override]
        return torch.cat([part.mean for part in self._parts], 1)

    def drawn(self, *, texts: int, share: float) -> Drawn:
        """The KLs, or their distances from capacities that rise (Dupont 2018, eq. 7).

        `KL = mutual information + total correlation + KL of the marginals` (Chen et al. 2018), so
        that `w KL + gamma |TC - C| - w TC` leaves w to the first and the last; gamma is annealed as
        w is. TC is never below 0, but its estimate is, so with C = 0 the distance is the estimate
        itself: its absolute value would reward what latents share wherever they share little.
        """
        settings, made = self.settings, [p.drawn(texts=texts, share=share) for p in self._parts]
        latents, kl = torch.cat([d.latents for d in made], 1), torch.cat([d.kl for d in made], 1)
        if settings.capacity:
            risen = min(share / settings.annealing_share, 1.0) * settings.capacity / len(made)
            far = torch.stack([(own.kl.sum(1).mean() - risen).abs() for own in made])
            return Drawn(latents, kl * 0, settings.capacity_weight * far.sum())
        if self.categorical is None or self.gaussian is not None:
            return Drawn(latents, kl)
        correlation = self._correlation(self.categorical, latents, texts)
        factor = kl_factor(
            share, 1, settings.annealing, share=settings.annealing_share, cycles=settings.cycles
        )
        far = correlation - settings.tc_target
        held = settings.tc_weight * (far.abs() if settings.tc_target else far)
        return Drawn(latents, kl, factor * (held - settings.kl_weight * correlation))

    def arrays(self) -> Mapping[str, Tensor]:
        found = {} if self.gaussian is None else dict(self.gaussian.arrays())
        return {**found, **({} if self.categorical is None else {"shares": self.categorical.mean})}

    @property
    def _parts(self) -> list[DiagonalGaussian | GumbelCategorical]:
        return [part for part in (self.gaussian, self.categorical) if part is not None]

    def _correlation(self, own: GumbelCategorical, latents: Tensor, texts: int) -> Tensor:
        """Of the values drawn; of a soft draw those that are nearest, which are the same draw."""
        parts = torch.split(latents, list(own.widths), dim=1)
        hard = [F.one_hot(part.argmax(1), part.shape[1]) for part in parts]
        codes = torch.cat(hard, 1) + latents - latents.detach()
        logs = [part.log_softmax(1) for part in torch.split(own.logits, list(own.widths), dim=1)]
        return total_correlation(codes, torch.cat(logs, 1), own.widths, texts=texts)


class MixedMaps(nn.Module):
    """Linear maps to the Gaussians and to the logits of the categoricals.

    `width`: of the pooled states. `widths`: the number of values of each categorical.
    """

    def __init__(self, width: int, widths: tuple[int, ...], settings: DiscreteVaeSettings) -> None:
        super().__init__()
        self.widths, self.settings = widths, settings
        count, values = 2 * settings.gaussians, sum(widths)
        self.gaussian = nn.Linear(width, count, bias=False) if count else None
        self.logits = nn.Linear(width, values) if values else None

    def forward(self, pooled: Tensor) -> MixedPosterior:
        """q(z|x) from [texts, width], in float32."""
        settings, gaussian, categorical = self.settings, None, None
        if self.gaussian is not None:
            gaussian = DiagonalGaussian(*self.gaussian(pooled).float().chunk(2, dim=1))
        if self.logits is not None:
            logits = self.logits(pooled).float()
            categorical = GumbelCategorical(
                logits, self.widths, settings.temperature, settings.hard
            )
        return MixedPosterior(gaussian, categorical, settings)


def total_correlation(codes: Tensor, logs: Tensor, widths: Sequence[int], *, texts: int) -> Tensor:
    """KL of the aggregate posterior from the product of its marginals, a scalar, nats.

    `E[log q(z) - sum_k log q(z_k)]` over the codes of a batch, with `q(z)` and each `q(z_k)` from
    the posteriors of its texts: a text's own counts `1/N`, as it does in the sum over all N texts,
    and the others share the rest, so that the estimate of q is unbiased and that from a batch of
    all texts exact (Chen et al. 2018, appendix C.2). Its logarithm is not unbiased: of a code that
    no other text of the batch has, `log q(z)` comes out near `-log N`, so that a batch of fewer
    texts than there are codes gives too little, below 0 where variables are independent, for all
    encoders alike. Their weights of `1/(N M)` for all, appendix C.1, are too small by a factor in
    each density, which does not cancel here: with K copies of one fair bit and a batch of both its
    values they give (K - 1) log 4 for (K - 1) log 2.

    Parameters
    ----------
    codes : one-hot, [M, sum of widths]. A soft draw has no probability under a categorical.
    logs : of the probabilities of the same texts, [M, sum of widths].
    widths : the number of values of each variable.
    texts : N, how many texts there are in all.
    """
    batch = len(codes)
    if batch < 2:
        return codes.sum() * 0
    # log q(z_k of text i | text j), [variables, i, j].
    pairs = zip(*(torch.split(part, list(widths), dim=1) for part in (codes, logs)), strict=True)
    each = torch.stack([own @ other.T for own, other in pairs])
    total = max(texts, batch)
    weights = torch.full((batch, batch), math.log((total - 1) / (batch - 1) / total))
    weights.fill_diagonal_(-math.log(total))
    weights = weights.to(each)
    joint = torch.logsumexp(each.sum(0) + weights, 1)
    marginals = torch.logsumexp(each + weights, 2).sum(0)
    return (joint - marginals).mean()
