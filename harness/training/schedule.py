"""The learning-rate schedule that all trained methods share."""

WARM = 0.1
"""Share of the steps over which the rate rises: masks that close at full rate can collapse."""

COOL = 0.25
"""Share of the steps over which it falls to zero, so that thresholded scores come to rest."""


def rate_factor(step: int, steps: int, *, end: int | None = None) -> float:
    """Factor on the learning rate: up over the first tenth, level, down over the last quarter.

    Parameters
    ----------
    step : from 0 to the last one.
    steps : of the whole training.
    end : steps after which it ends, where that is earlier; it falls for as many steps.

    Returns
    -------
    Above 0 and at most 1.
    """
    rising = (step + 1) / max(WARM * steps, 1)
    falling = ((steps if end is None else end) - step) / max(COOL * steps, 1)
    return max(min(1.0, rising, falling), 0.0)
