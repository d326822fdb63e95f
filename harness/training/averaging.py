"""The mean of what is learned over some steps, which is what a training ends with.

A step's values are noisy, and thresholded scores more so: a score near 0 opens and closes from step
to step. Their mean over many steps is steadier (Polyak and Juditsky 1992).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn


class RunningMean:
    """The mean of parameters over the steps since it was last restarted.

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
        self.means = values_of(self._parameters)

    def restart(self) -> None:
        """Forget the steps so far."""
        self.count = 0

    def add(self) -> None:
        """Count the parameters as they are now."""
        self.count += 1
        for mean, parameter in zip(self.means, self._parameters, strict=True):
            mean.lerp_(parameter.detach(), 1 / self.count)


def values_of(parameters: Iterable[Tensor]) -> list[Tensor]:
    """Copies that do not change with the parameters."""
    return [parameter.detach().clone() for parameter in parameters]


def put_values(parameters: Sequence[nn.Parameter], values: Sequence[Tensor]) -> None:
    """Set parameters to what `values_of` gave."""
    with torch.no_grad():
        for parameter, value in zip(parameters, values, strict=True):
            parameter.copy_(value)
