"""Training and encoding go on where memory runs out: in pieces, and to the same result.

A batch that does not fit goes through the encoder in two pieces, then four, and so on. Each piece
forgets its activations and computes them again on the way back (`torch.utils.checkpoint`), so that
gradients are accumulated piece by piece, while losses that compare rows, such as the triplet loss,
still see the whole batch.
"""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from harness.encoders.device import device, torch_generators
from harness.system.logs import warn

T = TypeVar("T")


def ran_out(error: Exception) -> bool:
    """Whether an error says that the device, or the machine, has no memory left."""
    words = ("can't allocate memory", "not enough memory")
    return isinstance(error, torch.OutOfMemoryError) or any(w in str(error) for w in words)


class SplitBatches:
    """In how many pieces batches go through an encoder; once doubled it stays so."""

    def __init__(self) -> None:
        self._pieces = 1
        self._rows = 1

    def attempt(self, step: Callable[[], T], undo: Callable[[], None]) -> T:
        """What a step of training returns, tried with more pieces where memory runs out.

        Parameters
        ----------
        step : sends its batch through `rows`; begun again it must draw and count the same. Torch's
            own random numbers are put back.
        undo : takes back the gradients of a step that broke off.

        Raises
        ------
        torch.OutOfMemoryError : single rows do not fit.
        """
        drawn_from = torch_generators()
        states = [generator.get_state() for generator in drawn_from]
        while True:
            try:
                return step()
            except RuntimeError as error:
                if not ran_out(error) or self._pieces >= self._rows:
                    raise
            # Outside the handler, so that the broken step's tensors are not held by its traceback.
            self._pieces *= 2
            warn("out of memory, batches go through in pieces", pieces=self._pieces)
            undo()
            for generator, kept in zip(drawn_from, states, strict=True):
                generator.set_state(kept)
            if device().type == "cuda":
                torch.cuda.empty_cache()

    def rows(self, count: int, forward: Callable[[slice], Tensor]) -> Tensor:
        """[count, ...]: what `forward` makes of neighbouring rows, put together.

        `count`: rows of the batch. `forward`: from which rows to their vectors; each row's follow
        from it alone.
        """
        self._rows = max(self._rows, count)
        if self._pieces == 1:
            return forward(slice(0, count))
        size = -(-count // self._pieces)
        parts = [slice(start, min(start + size, count)) for start in range(0, count, size)]
        return torch.cat([checkpoint(forward, part, use_reentrant=False) for part in parts])
