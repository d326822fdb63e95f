"""The method `group-dro`."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from baselines.finetuned import ENCODER_SEARCH, Finetuned, FinetunedSettings
from data.rows import TrainingTask
from harness.contract.search import Range
from harness.system.progress import Progress
from harness.training.settings import TRAINED_SEARCH
from harness.training.sources import Batch


@dataclass(frozen=True)
class GroupDroSettings(FinetunedSettings):
    """Beside those of `finetuned`: how fast the weights of the groups move.

    Attributes
    ----------
    group_rate : eta_q of Sagawa et al. 2020, algorithm 1.
    weight_decay : stronger than in `finetuned`, without which a network that fits every row makes
        all groups' losses vanish (Sagawa et al. 2020, section 3.2).
    triplet, classification : weights of the loss on validation rows alone, where the second is its
        scale; what is descended are the losses of the groups.
    """

    triplet: float = 0.0
    weight_decay: float = 0.1
    group_rate: float = 0.01


class GroupDro(Finetuned):
    """Finetuned for the worst cell's loss, not the mean. Source: Sagawa et al. 2020, algorithm 1.

    For each aspect, every cell g carries a weight q_g, at first the same. A step multiplies it by
    `exp(eta_q L_g)`, with L_g the cell's cross-entropy, normalises, and descends `sum_g q_g L_g`.
    """

    name = "group-dro"
    kinds = ("aspects",)
    Settings = GroupDroSettings
    search = {**TRAINED_SEARCH, **ENCODER_SEARCH, "group_rate": Range(3e-3, 0.1, "log")}

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:
        self._weights: dict[tuple[str, int], Tensor] = {}
        # The weights of the groups are no part of a stored state.
        self.checkpoint = None
        super().learn(task, seed=seed, progress=progress)

    def _loss(self, aspect: str, vectors: Tensor, batch: Batch, step: int) -> Tensor:
        labels = {name: codes.to(vectors.device) for name, codes in batch.labels.items()}
        logits = self.heads[self.place_of(aspect)](vectors)
        each = F.cross_entropy(logits, labels[aspect], reduction="none")
        losses = group_means(each, labels)
        # Every batch holds the same cells, in the same order.
        uniform = torch.full_like(losses, 1 / len(losses))
        before = self._weights.get((aspect, step - 1), uniform)
        weights = moved_weights(before, losses.detach(), self.settings.group_rate)
        # By step, so that a step that is tried again moves them once.
        self._weights[aspect, step] = weights
        return (weights * losses).sum()


def group_means(losses: Tensor, labels: dict[str, Tensor]) -> Tensor:
    """Mean loss of every cell that the batch holds, [cells], in the order of the cells' labels.

    `losses`: [rows]. `labels`: for each aspect int64 [rows].
    """
    codes = torch.stack(list(labels.values()), dim=1)
    cells, where = codes.unique(dim=0, return_inverse=True)  # type: ignore[no-untyped-call]
    sums = losses.new_zeros(len(cells)).index_add(0, where, losses)
    return sums / torch.bincount(where, minlength=len(cells))


def moved_weights(weights: Tensor, losses: Tensor, rate: float) -> Tensor:
    """`q_g exp(eta_q L_g)`, normalised to sum 1 (Sagawa et al. 2020, algorithm 1).

    `weights`: q, [cells], positive. `losses`: L, [cells], without gradient. `rate`: eta_q.
    """
    return (weights.log() + rate * losses).softmax(0)
