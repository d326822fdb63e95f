"""The method `balanced`."""

from dataclasses import dataclass, replace

import numpy as np

from baselines.finetuned import ENCODER_SEARCH, Finetuned, FinetunedSettings
from data.rows import Rows, TrainingTask
from harness.system.progress import Progress
from harness.training.settings import TRAINED_SEARCH


@dataclass(frozen=True)
class BalancedSettings(FinetunedSettings):
    """Those of `finetuned`, without triplets: only the choice of rows separates the aspects.

    Attributes
    ----------
    triplet, classification : weights of the losses; that of the only one changes how far gradients
        are clipped, and no more.
    """

    triplet: float = 0.0


class Balanced(Finetuned):
    """Finetuned as a classifier on rows resampled to equal cells. Source: Han et al. 2022.

    Every cell is sampled down to the size of the smallest one (Han, Baldwin and Cohn 2022, section
    3, resampling for the joint distribution of target and protected attribute), so that no aspect
    predicts another in the rows that are left. `finetuned` draws its batches evenly
    over the cells too, but from all rows, so that it sees rows of small cells more often.
    """

    name = "balanced"
    kinds = ("aspects",)
    Settings = BalancedSettings
    search = {**TRAINED_SEARCH, **ENCODER_SEARCH}

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:
        equal = replace(task, train=equal_cells(task.train, seed=seed))
        super().learn(equal, seed=seed, progress=progress)


def equal_cells(rows: Rows, *, seed: int) -> Rows:
    """As many rows of every cell as the smallest one has, drawn without repetition.

    Cells without any row stay empty. The rows keep their order.
    """
    random = np.random.default_rng(seed)
    cells = [np.flatnonzero(rows.cells == cell) for cell in np.unique(rows.cells)]
    size = min(map(len, cells))
    kept = np.concatenate([random.choice(cell, size, replace=False) for cell in cells])
    return rows.take(np.sort(kept))
