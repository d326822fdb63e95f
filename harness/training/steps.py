"""The loop that trained methods share, under the schedule of `harness.training.schedule`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import nn

from harness.system.progress import Progress
from harness.training.schedule import rate_factor


def run_steps(
    optimiser: torch.optim.Optimizer,
    steps: int,
    backward: Callable[[int], float],
    *,
    clip: float,
    progress: Progress,
    clipped: Iterable[nn.Parameter] | None = None,
) -> None:
    """Descend for a number of steps, with the optimiser's rates under the schedule.

    Parameters
    ----------
    backward : adds the gradients of a step, counted from 0, and returns its loss.
    clip : largest norm of the gradient.
    clipped : what the norm is of, by default everything that the optimiser moves.
    """
    moved = [p for group in optimiser.param_groups for p in group["params"]]
    clipped = moved if clipped is None else list(clipped)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate_factor(step, steps))
    for step in range(steps):
        loss = backward(step)
        nn.utils.clip_grad_norm_(clipped, clip)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        progress(step + 1, steps, loss=loss)
