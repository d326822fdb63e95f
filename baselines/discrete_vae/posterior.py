"""Posteriors of Gaussian and categorical latents in training: draws, and what they cost."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.discrete_vae.settings import MixedSettings
from baselines.text_vae.kl_terms import kl_factor
from baselines.text_vae.posteriors import BatchPosterior, DiagonalGaussian, Drawn, GumbelCategorical

RECENT_TEXTS = 4096
"""How many texts before a batch tell, beside it, how often a code is drawn in all."""

MARGINAL_TEXTS = 448
"""How many of them tell the same of a single variable."""


@dataclass(frozen=True)
class MixedPosterior(BatchPosterior):
    """Gaussians, categoricals, or both, whose columns follow each other.

    `recent`: logs of the categoricals' probabilities of texts before these, [texts, values].
    """

    gaussian: DiagonalGaussian | None
    categorical: GumbelCategorical | None
    settings: MixedSettings
    recent: Tensor | None = None

    @property
    def mean(self) -> Tensor:  # type: ignore[override]
        return torch.cat([part.mean for part in self._parts], 1)

    def drawn(self, *, texts: int, share: float) -> Drawn:
        """The KLs, or their distances from capacities that rise (Dupont 2018, eq. 7).

        `KL = mutual information + total correlation + KL of the marginals` (Chen et al. 2018), so
        that `w KL + gamma |TC - C| - w TC` and as much of the marginals leave w to the first alone;
        all weights are annealed alike. TC is never below 0, but its estimate may be, so with C = 0
        the distance is the estimate itself: its absolute value would reward what latents share
        where they share little.
        """
        settings, made = self.settings, [p.drawn(texts=texts, share=share) for p in self._parts]
        latents, kl = torch.cat([d.latents for d in made], 1), torch.cat([d.kl for d in made], 1)
        if settings.capacity:
            risen = min(share / settings.annealing_share, 1.0) * settings.capacity / len(made)
            far = torch.stack([(own.kl.sum(1).mean() - risen).abs() for own in made])
            return Drawn(latents, kl * 0, settings.capacity_weight * far.sum())
        if self.categorical is None or self.gaussian is not None:
            return Drawn(latents, kl)
        correlation, marginals = self._aggregate(self.categorical, latents, texts)
        factor = kl_factor(
            share, 1, settings.annealing, share=settings.annealing_share, cycles=settings.cycles
        )
        far = correlation - settings.tc_target
        held = settings.tc_weight * (far.abs() if settings.tc_target else far)
        more = (settings.weight_of_marginals - settings.kl_weight) * marginals
        return Drawn(latents, kl, factor * (held - settings.kl_weight * correlation + more))

    def arrays(self) -> Mapping[str, Tensor]:
        found = {} if self.gaussian is None else dict(self.gaussian.arrays())
        return {**found, **({} if self.categorical is None else {"shares": self.categorical.mean})}

    @property
    def _parts(self) -> list[DiagonalGaussian | GumbelCategorical]:
        return [part for part in (self.gaussian, self.categorical) if part is not None]

    def _aggregate(
        self, own: GumbelCategorical, latents: Tensor, texts: int
    ) -> tuple[Tensor, Tensor]:
        """Of the values drawn; of a soft draw those that are nearest, which are the same draw."""
        parts = torch.split(latents, list(own.widths), dim=1)
        hard = [F.one_hot(part.argmax(1), part.shape[1]) for part in parts]
        codes = torch.cat(hard, 1) + latents - latents.detach()
        return aggregate_terms(codes, logs_of(own), own.widths, texts=texts, recent=self.recent)


class MixedMaps(nn.Module):
    """Linear maps to the Gaussians and to the logits of the categoricals.

    `width`: of the pooled states. `widths`: the number of values of each categorical.
    """

    def __init__(self, width: int, widths: tuple[int, ...], settings: MixedSettings) -> None:
        super().__init__()
        self.widths, self.settings = widths, settings
        count, values = 2 * settings.gaussians, sum(widths)
        self.gaussian = nn.Linear(width, count, bias=False) if count else None
        self.logits = nn.Linear(width, values) if values else None
        self.recent: Tensor
        self.register_buffer("recent", torch.zeros(0, values))

    def forget(self) -> None:
        """Leave the texts of the training behind, once it has ended."""
        self.recent = self.recent[:0]

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *others: Any) -> None:
        # A training that goes on has as many recent texts as it had seen.
        self.recent = state.setdefault(f"{prefix}recent", self.recent).to(self.recent)
        super()._load_from_state_dict(state, prefix, *others)

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
        found = MixedPosterior(gaussian, categorical, settings, self.recent)
        if self.training and categorical is not None and gaussian is None and settings.tc_weight:
            seen = torch.cat([self.recent, logs_of(categorical).detach()])
            self.recent = seen[-RECENT_TEXTS:]
        return found


def logs_of(posterior: GumbelCategorical) -> Tensor:
    """Logs of the probabilities of all values, [texts, values]."""
    parts = torch.split(posterior.logits, list(posterior.widths), dim=1)
    return torch.cat([part.log_softmax(1) for part in parts], 1)


def aggregate_terms(
    codes: Tensor,
    logs: Tensor,
    widths: Sequence[int],
    *,
    texts: int,
    recent: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Total correlation of the aggregate posterior and KL of its marginals, scalars, nats.

    `E[log q(z) - sum_k log q(z_k)]` and `E[sum_k log q(z_k)]` plus the logarithms of the widths,
    the marginals being held to uniform ones. Over the codes of a batch, with `q(z)` and each
    `q(z_k)` from the posteriors of its texts and of `recent` ones: a text's own counts `1/N`, as it
    does in the sum over all N texts, and the others share the rest, so that the estimate of q is
    unbiased and that from a batch of all texts exact (Chen et al. 2018, appendix C.2). Their
    weights of `1/(N M)` for all, appendix C.1, are too small by a factor in each density, which
    does not cancel here: with K copies of one fair bit and a batch of both its values they give
    (K - 1) log 4 for (K - 1) log 2.

    The logarithm of the estimate is not unbiased. Of a code that no other text has, `log q(z)`
    comes out near `-log N`; where most codes are such, the joint term is a constant, and what is
    pressed upon is the entropy of the marginals and not what they share. Of a batch of 64 texts
    alone that is so from some 4 nats of joint entropy on, with 4,096 recent ones from some 8.

    Parameters
    ----------
    codes : one-hot, [M, sum of widths]. A soft draw has no probability under a categorical.
    logs : of the probabilities of the same texts, [M, sum of widths].
    widths : the number of values of each variable.
    texts : N, how many texts there are in all.
    recent : logs of the probabilities of others, [R, sum of widths], as they were seen last.
    """
    batch, cut = len(codes), list(widths)
    recent = logs[:0].detach() if recent is None else recent
    if batch + len(recent) < 2:
        return codes.sum() * 0, codes.sum() * 0
    known = torch.cat([logs, recent])
    joint = torch.logsumexp(codes @ known.T + _weights(batch, known, texts), 1)
    # Marginals have few values each, which fewer texts tell as well.
    few = torch.cat([logs, recent[-MARGINAL_TEXTS:]])
    pairs = zip(*(torch.split(part, cut, dim=1) for part in (codes, few)), strict=True)
    # log q(z_k of text i | text j), [variables, i, j].
    each = torch.stack([own @ other.T for own, other in pairs])
    marginals = torch.logsumexp(each + _weights(batch, few, texts), 2).sum(0)
    return (joint - marginals).mean(), marginals.mean() + sum(map(math.log, cut))


def _weights(batch: int, known: Tensor, texts: int) -> Tensor:
    """Logs of what each known text counts for each of a batch, which they begin with."""
    total = max(texts, batch)
    weights = torch.full((batch, len(known)), math.log((total - 1) / (len(known) - 1) / total))
    return weights.fill_diagonal_(-math.log(total)).to(known)
