"""The loop that trained methods share: schedule, averaging, stopping, and going on after a kill."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor, nn

from harness.contract.stored import named
from harness.system.progress import Progress
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
    last_step : with which the training ended, counted from 1; 0 without a step.
    losses : step to the loss on validation rows.
    """

    last_step: int = 0
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
    of the steps, in which the rates fall. That quarter begins earlier where the loss on validation
    rows has stopped falling: a training that ended there at full rate would end in its noise.

    Parameters
    ----------
    draw : the next batch; after a kill batches are drawn again and thrown away.
    backward : adds the gradients of a step, counted from 0, and returns its loss; it is fetched
        from a card only where somebody watches.
    clip : largest norm of the gradient of everything that the optimiser moves.
    stopping : when to evaluate, and when to stop.
    validate : the loss of the mean over the steps since it was last taken. It must draw no random
        numbers, and may change the parameters; None takes all steps.
    checkpoint : where to keep the state, and to look for one to go on from.
    """
    moved = [p for group in optimiser.param_groups for p in group["params"]]
    rates = [float(group["lr"]) for group in optimiser.param_groups]
    quarter = max(round(COOL * steps), 1)
    mean, watch = _RunningMean(moved), _Watch(stopping.patience, steps - quarter)
    points = evaluation_steps(steps, stopping) if validate is not None else frozenset()
    saved = checkpoint.read()
    if saved is not None:
        _put_values(moved, _listed(saved.tensors, "value."))
        means = zip(_listed(saved.tensors, "mean."), moved, strict=True)
        mean.means = [part.to(parameter.device) for part, parameter in means]
        mean.count = int(saved.tensors["count"])
        for checked, held_loss in saved.checked.items():
            watch.note(checked, held_loss)
        restore_optimiser(optimiser, saved.tensors)
    for step in range(steps):
        end = watch.cooling + quarter
        if step >= end:
            break
        batch = draw()
        if saved is not None and step < saved.step:
            continue
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * rate_factor(step, steps, end=end)
        loss = backward(step, batch)
        nn.utils.clip_grad_norm_(moved, clip)
        optimiser.step()
        optimiser.zero_grad()
        if step == watch.cooling:
            mean.restart()
        mean.add()
        done = step + 1
        progress(done, end, loss=loss)
        if validate is not None and done in points and done < watch.cooling:
            now = _values_of(moved)
            _put_values(moved, mean.means)
            watch.note(done, validate())
            _put_values(moved, now)
            mean.restart()
        if done % CHECKPOINT_STEPS == 0 and done < end:
            tensors = {f"value.{i}": t.detach() for i, t in enumerate(moved)}
            tensors |= {f"mean.{i}": t for i, t in enumerate(mean.means)}
            tensors |= {"count": torch.tensor(mean.count), **optimiser_tensors(optimiser)}
            checkpoint.write(Saved(done, watch.losses, tensors))
    if steps:
        _put_values(moved, mean.means)
    return Outcome(min(watch.cooling + quarter, steps), watch.losses)


def backpropagated(loss: Tensor) -> Tensor:
    """The value of a loss where it lies, after its backward pass where it has one."""
    if loss.requires_grad:
        loss.backward()  # type: ignore[no-untyped-call]
    return loss.detach()


def evaluation_steps(steps: int, stopping: StoppingSettings) -> frozenset[int]:
    """The steps, counted from 1, after which the validation rows are looked at."""
    if not stopping.patience:
        return frozenset()
    count = stopping.evaluations
    return frozenset(round(steps * (i + 1) / count) for i in range(count)) - {0}


class _Watch:
    """The losses on validation rows so far, and the step with which the last quarter begins."""

    def __init__(self, patience: int, cooling: int) -> None:
        self._patience, self._lowest = patience, 0
        self.cooling = cooling
        self.losses: dict[int, float] = {}

    def note(self, step: int, loss: float) -> None:
        """Take down a loss; the rates fall from here on where it is one too many without a fall."""
        if not self.losses or loss < self.losses[self._lowest]:
            self._lowest = step
        self.losses[step] = loss
        if sum(each > self._lowest for each in self.losses) >= self._patience:
            self.cooling = step


class _RunningMean:
    """The mean of parameters over the steps since it was last restarted.

    A step's values are noisy, and thresholded scores more so: a score near 0 opens and closes from
    step to step. Their mean over many steps is steadier (Polyak and Juditsky 1992).

    Parameters
    ----------
    parameters : what is averaged.

    Attributes
    ----------
    count : steps that it is made of.
    means : one tensor for each parameter; without a step they mean nothing.
    """

    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        self._parameters = list(parameters)
        self.count = 0
        self.means = _values_of(self._parameters)

    def restart(self) -> None:
        """Forget the steps so far."""
        self.count = 0

    def add(self) -> None:
        """Count the parameters as they are now."""
        self.count += 1
        for mean, parameter in zip(self.means, self._parameters, strict=True):
            mean.lerp_(parameter.detach(), 1 / self.count)


def _values_of(parameters: Iterable[Tensor]) -> list[Tensor]:
    """Copies that do not change with the parameters."""
    return [parameter.detach().clone() for parameter in parameters]


def _put_values(parameters: Sequence[nn.Parameter], values: Sequence[Tensor]) -> None:
    """Set parameters to what `_values_of` gave."""
    with torch.no_grad():
        for parameter, value in zip(parameters, values, strict=True):
            parameter.copy_(value)


def _listed(tensors: Mapping[str, Tensor], prefix: str) -> list[Tensor]:
    found = named(tensors, prefix)
    return [found[str(i)] for i in range(len(found))]
