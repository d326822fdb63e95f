"""The loop that trained methods share: schedule, averaging, stopping, and going on after a kill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor, nn

from harness.contract.stored import named
from harness.system.progress import Progress
from harness.training.averaging import RunningMean, put_values, values_of
from harness.training.checkpoint import Checkpoint, Saved, optimiser_tensors, restore_optimiser
from harness.training.schedule import COOL, rate_factor
from harness.training.settings import StoppingSettings

CHECKPOINT_STEPS = 50
"""How often the state is stored; writing mask scores and Adam's moments takes half a second."""

NOWHERE = Checkpoint(None)

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class Outcome:
    """What came of a training.

    Attributes
    ----------
    kept_step : the last step of those whose mean is used, counted from 1; 0 without a step.
    losses : step to the loss on validation rows.
    """

    kept_step: int = 0
    losses: Mapping[int, float] = field(default_factory=dict)


def run_steps(
    optimiser: torch.optim.Optimizer,
    steps: int,
    draw: Callable[[], Batch],
    backward: Callable[[int, Batch], float | Tensor],
    *,
    clip: float,
    progress: Progress,
    stopping: StoppingSettings,
    validate: Callable[[], float] | None = None,
    checkpoint: Checkpoint = NOWHERE,
) -> Outcome:
    """Descend for a number of steps, with the optimiser's rates under the schedule.

    Afterwards everything that the optimiser moves is the mean of its values over the last quarter
    of the steps, in which the rates fall. Where the loss on validation rows stops falling before,
    it is the mean that had the lowest, over the steps since the evaluation before.

    Parameters
    ----------
    draw : the next batch; after a kill batches are drawn again and thrown away.
    backward : adds the gradients of a step, counted from 0, and returns its loss; it is fetched
        from a card only where somebody watches.
    clip : largest norm of the gradient of everything that the optimiser moves.
    stopping : when to evaluate, and when to stop.
    validate : the loss of what is used where training ends now. It must draw no random numbers, and
        may change the parameters; None takes all steps.
    checkpoint : where to keep the state, and to look for one to go on from.
    """
    moved = [p for group in optimiser.param_groups for p in group["params"]]
    rates = [float(group["lr"]) for group in optimiser.param_groups]
    mean, watch = RunningMean(moved), _Watch(stopping.patience)
    points = evaluation_steps(steps, stopping) if validate is not None else frozenset()
    cooling = steps - max(round(COOL * steps), 1)
    saved = checkpoint.read()
    if saved is not None:
        put_values(moved, _listed(saved.tensors, "value."))
        means = zip(_listed(saved.tensors, "mean."), moved, strict=True)
        mean.means = [part.to(parameter.device) for part, parameter in means]
        mean.count = int(saved.tensors["count"])
        watch.restore(saved)
        restore_optimiser(optimiser, saved.tensors)
    for step in range(steps):
        batch = draw()
        if saved is not None and step < saved.step:
            continue
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * rate_factor(step, steps)
        loss = backward(step, batch)
        nn.utils.clip_grad_norm_(moved, clip)
        optimiser.step()
        optimiser.zero_grad()
        if step == cooling:
            mean.restart()
        mean.add()
        done = step + 1
        progress(done, steps, loss=loss)
        if validate is not None and done in points:
            now = values_of(moved)
            put_values(moved, mean.means)
            watch.note(done, validate(), mean.means)
            if watch.over:
                put_values(moved, watch.best)
                return Outcome(watch.lowest, watch.losses)
            put_values(moved, now)
            if done <= cooling:
                mean.restart()
        if done % CHECKPOINT_STEPS == 0 and done < steps:
            state = {"value": moved, "mean": mean.means, "best": watch.best}
            tensors = {
                f"{k}.{i}": t.detach() for k, part in state.items() for i, t in enumerate(part)
            }
            tensors |= {"count": torch.tensor(mean.count), **optimiser_tensors(optimiser)}
            checkpoint.write(Saved(done, watch.losses, tensors))
    if steps:
        put_values(moved, mean.means)
    return Outcome(steps, watch.losses)


def evaluation_steps(steps: int, stopping: StoppingSettings) -> frozenset[int]:
    """The steps, counted from 1, after which the validation rows are looked at."""
    if not stopping.patience:
        return frozenset()
    count = stopping.evaluations
    return frozenset(round(steps * (i + 1) / count) for i in range(count)) - {0}


class _Watch:
    """The losses on validation rows so far, and what had the lowest."""

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self.losses: dict[int, float] = {}
        self.lowest = 0
        self.best: list[Tensor] = []

    def note(self, step: int, loss: float, values: list[Tensor]) -> None:
        """Take down the loss of these values."""
        if not self.losses or loss < self.losses[self.lowest]:
            self.lowest, self.best = step, values_of(values)
        self.losses[step] = loss

    @property
    def over(self) -> bool:
        """Whether the last evaluations, as many as there is patience, did not lower the loss."""
        return sum(step > self.lowest for step in self.losses) >= self._patience

    def restore(self, saved: Saved) -> None:
        """Go back to a stored state."""
        self.losses = dict(saved.checked)
        self.lowest = min(self.losses, key=lambda step: (self.losses[step], step), default=0)
        self.best = _listed(saved.tensors, "best.")


def _listed(tensors: Mapping[str, Tensor], prefix: str) -> list[Tensor]:
    found = named(tensors, prefix)
    return [found[str(i)] for i in range(len(found))]
