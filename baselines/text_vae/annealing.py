"""How the weight of the KL rises over a training."""

from __future__ import annotations

from typing import Literal, get_args

Annealing = Literal["none", "monotone", "cyclical"]

ANNEALINGS: tuple[Annealing, ...] = get_args(Annealing)


def kl_factor(step: int, steps: int, annealing: Annealing, *, share: float, cycles: int) -> float:
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
