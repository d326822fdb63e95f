"""Posteriors of Gaussian and categorical latents in training: draws, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.discrete_vae.settings import DiscreteVaeSettings
from baselines.discrete_vae.total_correlation import total_correlation
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
        that `w KL + gamma |TC - C| - w TC` leaves w to the first and the last.
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
        weight = settings.kl_weight * kl_factor(
            share, 1, settings.annealing, share=settings.annealing_share, cycles=settings.cycles
        )
        held = settings.tc_weight * (correlation - settings.tc_target).abs()
        return Drawn(latents, kl, held - weight * correlation)

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
