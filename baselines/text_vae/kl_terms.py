"""How the KL enters the loss: its annealing, thresholds under which it costs nothing, a target."""

from typing import Literal

from torch import Tensor

from data.errors import UserError

Annealing = Literal["none", "monotone", "cyclical"]
Threshold = Literal["batch", "example", "total"]


def kl_factor(
    step: float, steps: float, annealing: Annealing, *, share: float, cycles: int
) -> float:
    """Factor on the KL's weight, from 0 to 1.

    Parameters
    ----------
    step : from 0 to steps - 1.
    steps : with the KL term, in all.
    annealing : `none` is 1 throughout; `monotone` rises over the first `share` of the steps and
        stays at 1 (Bowman et al. 2016); `cyclical` does so `cycles` times over (Fu et al. 2019).
    share : of the steps, or of each cycle, above 0.
    """
    if annealing == "none":
        return 1.0
    period = steps / (cycles if annealing == "cyclical" else 1)
    return min((step % period) / (share * period), 1.0)


def check_annealing(annealing: Annealing, *, share: float, cycles: int) -> None:
    """Refuse what `kl_factor` cannot rise over with a UserError."""
    if annealing != "none" and not (0 < share <= 1 and cycles >= 1):
        raise UserError("annealing takes a share above 0 and at most 1, and at least one cycle")


def thresholded(kl: Tensor, bits: float, threshold: Threshold) -> Tensor:
    """The KL that enters the loss, a scalar, nats a text (Kingma et al. 2016; Li et al. 2019).

    Parameters
    ----------
    kl : [texts, size], of each dimension; drawn ones may be negative.
    bits : nats a dimension that are free (lambda); with 0 the KL is taken as it is.
    threshold : `batch`, `sum_i max(lambda, mean_b kl_bi)`: a dimension is free on the mean of the
        batch, so single texts may spend more; `example`, `mean_b sum_i max(lambda, kl_bi)`: each
        text has its own allowance in each dimension; `total`, `max(size lambda, mean_b sum_i
        kl_bi)`: the dimensions share theirs, and all but a few may stay unused.
    """
    if not bits:
        return kl.mean(0).sum()
    if threshold == "example":
        return kl.clamp(min=bits).sum(1).mean()
    if threshold == "total":
        return kl.sum(1).mean().clamp(min=bits * kl.shape[1])
    return kl.mean(0).clamp(min=bits).sum()


def held(kl: Tensor, target: float) -> Tensor:
    """Distance of the batch's KL from a target, `|mean_b sum_i kl_bi - C|` (Burgess et al. 2018).

    `kl`: [texts, size], of each dimension. `target`: C, nats a text.
    """
    return (kl.sum(1).mean() - target).abs()
