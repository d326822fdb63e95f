"""The method `diff-pruning`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from data.rows import TrainingTask
from harness.contract.dial import Dial
from harness.contract.scores import Score
from harness.contract.search import Range
from harness.encoders.architectures import weight_of, with_weight
from harness.encoders.device import seeded
from harness.system.progress import Progress
from harness.training.adversaries import Adversaries
from harness.training.changed_layers import ChangedLayers, ChangedLinear, last_layers
from harness.training.objectives import reverse_gradient
from harness.training.settings import LAYER_SEARCH, QUICK, TRAINED_SEARCH, TrainedSettings
from harness.training.sources import Batch
from harness.training.trained_method import TrainedMethod


@dataclass(frozen=True)
class DiffPruningSettings(TrainedSettings):
    """Beside those of every trained encoder, without triplets as in the papers: gates, heads.

    Attributes
    ----------
    difference_rate, gate_rate, head_rate, adversary_rate : Adam's learning rates.
    gate_start : alpha of every gate at the start; above 0 is open.
    sparsity : weight of the expected share of differences that are not zero.
    reversal : weight of the reversed gradient.
    adversaries : heads for each other aspect, each with one hidden layer as wide as the encoder.
    dropout : before both maps of an adversary.
    scale : what differences are multiplied by when they are used.
    """

    triplet: float = 0.0
    difference_rate: float = 1e-3
    gate_rate: float = 0.1
    head_rate: float = 1e-3
    adversary_rate: float = 1e-3
    gate_start: float = 5.0
    sparsity: float = 100.0
    reversal: float = 3.0
    adversaries: int = 5
    dropout: float = 0.3
    scale: float = 1.0


class DiffPruning(TrainedMethod):
    """Sparse weight differences against adversaries. Source: Guo 2021; Hauzenberger et al. 2023.

    Every linear map of a changed layer computes `h' = h (W + M_a * D_a)` for aspect a, with hard
    concrete gates M_a; biases stay. Several adversaries read each other aspect b from z_a behind a
    reversed gradient, and the expected share of open gates is penalised. Gates, their rate and the
    adversaries are set as in Hauzenberger et al. 2023; weights and heads learn faster than there,
    since they have hundreds of steps and not epochs.
    """

    name = "diff-pruning"
    Settings = DiffPruningSettings
    search = {
        **TRAINED_SEARCH,
        **LAYER_SEARCH,
        "difference_rate": Range(3e-4, 3e-3, "log"),
        "sparsity": Range(10.0, 300.0, "log"),
        "reversal": Range(0.3, 10.0, "log"),
    }
    # Gates have the same way to go in fewer steps.
    profiles = {**TrainedMethod.profiles, "quick": {**QUICK, "gate_rate": 0.3}}
    dial = Dial("scale", (0.25, 0.5, 0.75), at_use=True)
    _layers: ChangedLayers[DifferenceLinear]
    _accuracies: list[Score]

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:
        super().learn(task, seed=seed, progress=progress)
        self._accuracies = self._adversaries.scores("adversary_accuracy", self.encode, task.valid)

    def _prepare(self, seed: int) -> None:
        super()._prepare(seed)
        settings, width = self.settings, self.backbone.width
        count, dropout = settings.adversaries, settings.dropout
        with seeded(seed):
            adversaries = Adversaries(
                width, self.aspects, count=count, units=width, dropout=dropout
            )
        self._adversaries = adversaries.to(self.backbone.device)
        self._accuracies = []

    def _build(self, seed: int) -> ChangedLayers[DifferenceLinear]:
        settings, aspects = self.settings, len(self.aspects)
        return ChangedLayers(
            self.backbone,
            last_layers(self.backbone, settings.layers),
            lambda path, linear: DifferenceLinear(
                linear, settings.gate_start, aspects=aspects, scale=settings.scale
            ),
        )

    def _groups(self) -> list[dict[str, Any]]:
        settings, maps = self.settings, self._layers.maps
        return [
            {"params": list(self.heads.parameters()), "lr": settings.head_rate},
            {"params": list(self._adversaries.parameters()), "lr": settings.adversary_rate},
            {"params": [d for m in maps for d in m.differences], "lr": settings.difference_rate},
            {
                "params": [g for m in maps for g in m.gates],
                "lr": settings.gate_rate,
                # The penalty's gradient for one of millions of gates is below the usual 1e-8.
                "eps": 1e-15,
            },
        ]

    def _loss(self, aspect: str, vectors: Tensor, batch: Batch, step: int) -> Tensor:
        settings, position = self.settings, self.place_of(aspect)
        loss = super()._loss(aspect, vectors, batch, step)
        reversed_ = reverse_gradient(vectors, settings.reversal)
        loss = loss + self._adversaries.loss(aspect, reversed_, batch.labels)
        opened = torch.stack([m.expected_open(position) for m in self._layers.maps]).sum()
        total: Tensor = loss + settings.sparsity * opened / self._entries
        return total

    @property
    def _entries(self) -> int:
        """Weights that may differ, for one aspect."""
        return sum(m.weight.numel() for m in self._layers.maps)

    def extras(self) -> dict[str, Tensor]:
        stored = {}
        for position, aspect in enumerate(self.aspects):
            difference = torch.cat([m.differences[position].flatten() for m in self._layers.maps])
            stored[f"gaps.{aspect}"], stored[f"values.{aspect}"] = pack(difference)
        return stored

    def _restore(self, stored: Mapping[str, Tensor]) -> None:
        for position, aspect in enumerate(self.aspects):
            whole = unpack(stored[f"gaps.{aspect}"], stored[f"values.{aspect}"], self._entries)
            parts = torch.split(whole, [m.weight.numel() for m in self._layers.maps])
            for changed, part in zip(self._layers.maps, parts, strict=True):
                changed.put(position, part.view(changed.weight.shape))

    def scores(self) -> list[Score]:
        densities = [
            sum(int(m.differences[k].count_nonzero()) for m in self._layers.maps) / self._entries
            for k in range(len(self.aspects))
        ]
        shares = zip(self.aspects, densities, strict=True)
        found = [Score("difference_density", d, representation=a) for a, d in shares]
        return [*super().scores(), *found, *self._accuracies]


class DifferenceLinear(ChangedLinear):
    """A frozen linear map whose weight differs by a gated difference for each aspect.

    The gates of each training pass are drawn by torch's generator, on the processor.

    `linear`: the map, weight [out, in]. `start`: alpha of every gate; differences start at 0.
    `aspects`: number of differences. `scale`: of the differences after `freeze`.
    """

    def __init__(
        self, linear: nn.Linear, start: float, *, aspects: int, scale: float = 1.0
    ) -> None:
        super().__init__(linear)
        self._scale = scale
        shape = self.weight.shape
        self.differences = nn.ParameterList(torch.zeros(shape) for _ in range(aspects))
        self.gates = nn.ParameterList(torch.full(shape, start) for _ in range(aspects))
        self._active_weight = self.weight
        self._final: list[Tensor] = []

    def activate(self, aspect: int) -> None:
        super().activate(aspect)
        if self._final:
            self._active_weight = self._final[aspect]
        else:
            noise = torch.rand(self.weight.shape)
            gate = gate_draw(self.gates[aspect], noise.to(self.weight.device))
            self._active_weight = (self.weight + gate * self.differences[aspect]).to(
                self.weight.dtype
            )

    def freeze(self) -> None:
        with torch.no_grad():
            for difference, gate in zip(self.differences, self.gates, strict=True):
                difference.copy_((final_gate(gate) * difference).to(torch.bfloat16))
                gate.copy_(torch.where(difference != 0, OPEN, CLOSED))
            self._final = [
                (self.weight + self._scale * difference).to(self.weight.dtype)
                for difference in self.differences
            ]

    def thaw(self) -> None:
        self._final = []

    def put(self, aspect: int, difference: Tensor) -> None:
        """Take over a final difference, [out, in]."""
        with torch.no_grad():
            self.differences[aspect].copy_(difference)
            self.gates[aspect].fill_(OPEN)

    def expected_open(self, aspect: int) -> Tensor:
        """Expected number of open gates of an aspect (Louizos et al. 2018, equation 12)."""
        return open_probability(self.gates[aspect]).sum()

    def plain(self, original: nn.Module, aspect: int) -> nn.Module:
        difference = self._scale * self.differences[aspect]
        return with_weight(original, weight_of(original) + difference)

    def forward(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self._active_weight, self.bias)


LOWER, UPPER = -1.5, 1.5
"""Stretch of the hard concrete gates; their temperature is 1 (Guo et al. 2021, section 3.1)."""

OPEN, CLOSED = 5.0, -5.0
"""Alphas of gates after training, whose deterministic values are 1 and 0."""


def gate_draw(alpha: Tensor, noise: Tensor) -> Tensor:
    """A draw of hard concrete gates, `min(1, max(0, sigmoid(logit u + alpha) (r - l) + l))`.

    `alpha`: float32 [out, in]. `noise`: u, uniform between 0 and 1, of the same shape. Gives
    float32 [out, in] from 0 to 1, both ends of which have positive probability.
    """
    gate: Tensor = _GateDraw.apply(alpha, noise)  # type: ignore[no-untyped-call]
    return gate


class _GateDraw(torch.autograd.Function):
    """In one function, as plain operations keep and revisit half a dozen tensors of each map."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, alpha: Tensor, noise: Tensor) -> Tensor:
        # The sigmoid of `logit u + alpha` with one exponential in place of two logarithms.
        soft = noise / (noise + (1 - noise) * (-alpha).exp()).clamp(min=1e-30)
        stretched = soft * (UPPER - LOWER) + LOWER
        inside = (stretched > 0) & (stretched < 1)
        ctx.save_for_backward(inside * soft * (1 - soft) * (UPPER - LOWER))
        return stretched.clamp(0, 1)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        (slope,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return gradient * slope, None


def final_gate(alpha: Tensor) -> Tensor:
    """The gate without noise, which is open where alpha is above `log(-l / r)`, here 0."""
    return (alpha.sigmoid() * (UPPER - LOWER) + LOWER).clamp(0, 1)


def open_probability(alpha: Tensor) -> Tensor:
    """Probability that a draw is above 0 (Louizos et al. 2018, equation 12, temperature 1)."""
    return (alpha - math.log(-LOWER / UPPER)).sigmoid()


SKIP = 255
"""The gap that stands for as many zeros and no entry."""


def pack(difference: Tensor) -> tuple[Tensor, Tensor]:
    """The entries of a vector that are not zero, at three bytes each where they are not too rare.

    Gives uint8 gaps: the zeros before each entry, or `SKIP` zeros and no entry; and the entries,
    bfloat16 [entries].
    """
    entries = difference.detach().cpu()
    where = entries.numpy().nonzero()[0]
    zeros = np.diff(where, prepend=-1) - 1
    ends = np.cumsum(zeros // SKIP + 1)
    gaps = np.full(ends[-1] if len(ends) else 0, SKIP, dtype=np.uint8)
    gaps[ends - 1] = zeros % SKIP
    return torch.from_numpy(gaps), entries[where].to(torch.bfloat16)


def unpack(gaps: Tensor, values: Tensor, length: int) -> Tensor:
    """The float32 [length] vector that `pack` packed.

    ValueError where gaps and values do not fit each other or the length.
    """
    steps: NDArray[np.int64] = gaps.numpy().astype(np.int64)
    is_entry = steps != SKIP
    where = (np.cumsum(steps + is_entry) - 1)[is_entry]
    if len(where) != len(values) or (len(where) and where[-1] >= length):
        raise ValueError(f"{len(where)} gaps do not hold {len(values)} of {length} entries")
    whole = torch.zeros(length)
    whole[torch.from_numpy(where)] = values.float()
    return whole
