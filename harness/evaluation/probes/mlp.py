"""The hidden-layer probe: many small networks trained as one batched model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from harness.encoders.device import device
from harness.evaluation.probes.family import Family, Fit, FloatArray, Work

HIDDEN = 64
BATCH = 128
RATE = 3e-3
DECAYS = (0.3, 0.1, 0.03, 0.01)
PASSES = (3, 6, 12)
LEAST_STEPS = 8
"""Steps of a pass over few rows, which then are passed over more than once."""

PARTS_AT_ONCE = 3

Net = tuple[int, float]


class MLP(Family):
    """One layer of 64 rectified units, trained by Adam; strengths are weight decay and passes.

    The decay is a part of the gradient, as in scikit-learn: under Adam it closes the many units
    that carry little, which decoupled decay leaves open. Of masked weights and of untuned vectors
    other decays are best, by a factor of ten. A network that is stopped after fewer passes is a
    snapshot of the one that goes on.
    """

    name = "mlp"
    strengths = tuple(f"decay={d:g} passes={p}" for d in DECAYS for p in PASSES)

    def probabilities(self, prepared: Any, work: Work, fits: Sequence[Fit]) -> list[FloatArray]:
        parts = sorted({fit.part for fit in fits})
        chunks = [parts[at : at + PARTS_AT_ONCE] for at in range(0, len(parts), PARTS_AT_ONCE)]
        results: list[FloatArray] = [np.empty(0)] * len(fits)
        whole = torch.from_numpy(work.features).to(device())

        def train(chunk: list[int]) -> None:
            places = [place for place, fit in enumerate(fits) if fit.part in chunk]
            some = [fits[place] for place in places]
            networks = _Networks(whole, work, chunk, [self._net(fit) for fit in some], some)
            wanted = [PASSES[fit.strength % len(PASSES)] for fit in some]
            for done in range(1, max(wanted) + 1):
                networks.one_pass()
                for place, fit, passes in zip(places, some, wanted, strict=True):
                    if passes == done:
                        results[place] = networks.probabilities(fit, self._net(fit))

        work.shared_out(train, chunks)
        return results

    def _net(self, fit: Fit) -> Net:
        """Which network of its part a fit asks for: its target and decay."""
        return fit.target, DECAYS[fit.strength // len(PASSES)]


class _Networks:
    """The networks of some parts, equally many a part, as one model.

    The first layer of all networks of a part is one matrix, [width, networks x HIDDEN].
    """

    def __init__(
        self, whole: Tensor, work: Work, parts: list[int], nets: Sequence[Net], fits: Sequence[Fit]
    ) -> None:
        self.whole, self.work, self.parts = whole, work, parts
        own = [
            sorted({net for net, fit in zip(nets, fits, strict=True) if fit.part == part})
            for part in parts
        ]
        count = max(map(len, own))
        # A part that needs fewer networks trains its last one more than once.
        self.nets = [[*some, *[some[-1]] * (count - len(some))] for some in own]
        where, width = whole.device, whole.shape[1]
        self.classes = max(work.targets[target].classes for some in own for target, _ in some)
        self.random = torch.Generator().manual_seed((work.seed + parts[0]) % 2**63)
        flat = len(parts) * count

        def normal(*shape: int, scale: float) -> Tensor:
            drawn = torch.randn(shape, generator=self.random) * scale
            return drawn.to(where).requires_grad_()

        self.first = normal(len(parts), width, count * HIDDEN, scale=(2 / width) ** 0.5)
        self.first_bias = torch.zeros(len(parts), 1, count * HIDDEN, device=where)
        self.second = normal(flat, HIDDEN, self.classes, scale=(1 / HIDDEN) ** 0.5)
        self.second_bias = torch.zeros(flat, 1, self.classes, device=where)
        learned = [
            self.first, self.first_bias.requires_grad_(),
            self.second, self.second_bias.requires_grad_(),
        ]  # fmt: skip
        self.optimiser = torch.optim.Adam(learned, lr=RATE, fused=True)
        decays = torch.tensor([[decay for _, decay in some] for some in self.nets], device=where)
        self.first_decay = decays.repeat_interleave(HIDDEN, dim=1)[:, None]
        self.second_decay = decays.reshape(flat, 1, 1)
        told = [
            torch.from_numpy(np.stack([work.targets[t].labels for t, _ in some], axis=1))
            for some in self.nets
        ]
        self.labels = torch.stack(told).to(where)
        # A class that the target lacks is never told.
        self.closed = torch.tensor(
            [
                [k >= work.targets[t].classes for k in range(self.classes)]
                for some in self.nets
                for t, _ in some
            ],
            device=where,
        )[:, None]
        sizes = [len(work.parts[part][0]) for part in parts]
        self.steps = max(LEAST_STEPS, -(-max(sizes) // BATCH))

    def one_pass(self) -> None:
        """As many steps as the largest part has batches; smaller ones begin again."""
        needed = self.steps * BATCH
        order = torch.stack([self._order(part, needed) for part in self.parts])
        order = order.to(self.whole.device)
        each = torch.arange(len(self.parts), device=self.whole.device)[:, None]
        for step in range(self.steps):
            rows = order[:, step * BATCH : (step + 1) * BATCH]
            logits = self._logits(self.whole[rows])
            labels = self.labels[each, rows].transpose(1, 2)
            loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
            self.optimiser.zero_grad()
            (loss / BATCH).backward()  # type: ignore[no-untyped-call]
            for weights, decay in (
                (self.first, self.first_decay),
                (self.second, self.second_decay),
            ):
                assert weights.grad is not None
                weights.grad.addcmul_(weights.detach(), decay)
            self.optimiser.step()

    @torch.no_grad()
    def probabilities(self, fit: Fit, net: Net) -> FloatArray:
        """Of the scoring rows of a fit."""
        place = self.parts.index(fit.part)
        column = self.nets[place].index(net)
        units = slice(column * HIDDEN, (column + 1) * HIDDEN)
        flat = place * len(self.nets[0]) + column
        scoring = torch.from_numpy(self.work.parts[fit.part][1]).to(self.whole.device)
        bias = self.first_bias[place, :, units]
        hidden = (self.whole[scoring] @ self.first[place, :, units] + bias).relu()
        logits = hidden @ self.second[flat] + self.second_bias[flat]
        classes = self.work.targets[fit.target].classes
        return logits[:, :classes].double().softmax(dim=1).cpu().numpy()

    def _order(self, part: int, needed: int) -> Tensor:
        """Positions of fitting rows in random order, one round after another."""
        fitting = torch.from_numpy(self.work.parts[part][0])
        rounds = -(-needed // len(fitting))
        drawn = [torch.randperm(len(fitting), generator=self.random) for _ in range(rounds)]
        return fitting[torch.cat(drawn)[:needed]]

    def _logits(self, batch: Tensor) -> Tensor:
        """[parts x networks, rows, classes] for a batch [parts, rows, width]."""
        hidden = torch.baddbmm(self.first_bias, batch, self.first).relu()
        apart = hidden.view(*batch.shape[:2], -1, HIDDEN).transpose(1, 2).flatten(0, 1)
        logits = torch.baddbmm(self.second_bias, apart, self.second)
        return logits.masked_fill(self.closed, -1e9)
