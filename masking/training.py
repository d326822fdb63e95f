"""How masks are learned: the loop over steps, what is kept, and going on after a kill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from data.rows import Rows
from harness.contract.stored import named
from harness.encoders.encoding import kept_positions
from harness.encoders.split_encoder import PrefixBatch
from harness.system.progress import Progress
from harness.training.checkpoint import Checkpoint, Saved, optimiser_tensors, restore_optimiser
from harness.training.schedule import rate_factor
from harness.training.sources import Source
from masking.attachment import MaskedLayers
from masking.masks import estimator_of
from masking.objectives import openness_loss, overlap_loss
from masking.pruning import MagnitudePruner, cubic_sparsity
from masking.settings import MaskSettings
from masking.stopping import FloatArray, ValidationScore, check_steps

CHECKPOINT_STEPS = 50
"""How often the state is stored; writing the scores and Adam's moments takes half a second."""


@dataclass(frozen=True)
class Training:
    """What came of a training.

    Attributes
    ----------
    kept_step : the step whose masks were kept, counted from 1; 0 where there was none.
    checked : step to its score on the validation rows.
    """

    kept_step: int
    checked: Mapping[int, float]


def train_masks(
    layers: MaskedLayers,
    heads: nn.ModuleDict,
    source: Source,
    valid: Rows | None,
    settings: MaskSettings,
    *,
    seed: int,
    progress: Progress,
    checkpoint: Checkpoint,
) -> Training:
    """Learn the mask scores and the heads in place.

    The loss is `l_trp L_trp + l_cls L_cls + l_ovl L_ovl` (Zhang et al. 2021, section 3), with L_trp
    and L_cls summed over the aspects, and optionally the share of open entries. Afterwards scores
    and heads are those of the step that `masking.stopping` chooses, frozen for encoding.

    Parameters
    ----------
    layers : with masks for the source's aspects in their order.
    heads : a linear map for each aspect that has labels.
    valid : rows to choose the step on; None keeps the last.
    seed : of batches, token positions and draws of masks.
    checkpoint : where to keep the state, and to look for one to go on from.
    """
    trainer = _Trainer(layers, heads, source, settings, seed)
    prefixes = layers.split.prefixes(source.texts, settings.max_tokens)
    choice = _Choice(layers, list(source.aspects), valid, settings, seed)
    trainer.prune(0)
    saved = checkpoint.read()
    if saved is not None:
        trainer.restore(saved)
        choice.restore(saved)
    random = np.random.default_rng(seed)
    for step in range(settings.steps):
        index = source.draw()
        width = int(max(len(prefixes.tokens.ids[i]) for i in index))
        positions = kept_positions(width, settings.token_share, random)
        if saved is not None and step < saved.step:
            continue
        loss = trainer.step(step, prefixes.batch(index).at(positions))
        done = step + 1
        if done in choice.steps:
            choice.check(done, trainer)
        if done % CHECKPOINT_STEPS == 0 and done < settings.steps:
            tensors = {**trainer.state(), **choice.state()}
            checkpoint.write(Saved(done, choice.checked, tensors))
        progress(done, settings.steps, loss=loss)
    kept = choice.keep(trainer) or settings.steps
    layers.freeze()
    return Training(kept, choice.checked)


@dataclass
class _Choice:
    """The checked masks, of which one is kept."""

    layers: MaskedLayers
    aspects: Sequence[str]
    valid: Rows | None
    settings: MaskSettings
    seed: int
    steps: frozenset[int] = frozenset()
    checked: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rows: dict[int, FloatArray] = {}
        self._best: dict[str, Tensor] = {}
        if self.valid is None or not self.settings.checks or not self.settings.steps:
            return
        self._score = ValidationScore(self.valid, seed=self.seed)
        if self._score.folds:
            self.steps = check_steps(self.settings.steps, self.settings.checks)
            self._seen = self.layers.split.prefixes(self.valid.texts, self.settings.max_tokens)

    def check(self, step: int, trainer: _Trainer) -> None:
        """Score the masks of a step, and hold on to them while they are the best."""
        self.layers.freeze()
        rows = self._score(
            {a: self.layers.encode(self._seen, k) for k, a in enumerate(self.aspects)}
        )
        if all(self._score.mean(rows) > score for score in self.checked.values()):
            self._best = trainer.learned()
        self._rows[step] = rows
        self.checked[step] = self._score.mean(rows)

    def keep(self, trainer: _Trainer) -> int:
        """Put the chosen masks in place; their step, or 0 where nothing was checked."""
        if not self.checked:
            return 0
        last = max(self.checked)
        best = max(self.checked, key=lambda step: (self.checked[step], -step))
        if best == last or not self._score.clearly_better(self._rows[best], self._rows[last]):
            return last
        trainer.put(self._best)
        return best

    def state(self) -> dict[str, Tensor]:
        """What a later check depends on."""
        rows = {f"rows.{step}": torch.from_numpy(found) for step, found in self._rows.items()}
        return {**rows, **{f"best.{name}": tensor for name, tensor in self._best.items()}}

    def restore(self, saved: Saved) -> None:
        """Go back to a stored state."""
        self.checked = dict(saved.checked)
        self._rows = {step: saved.tensors[f"rows.{step}"].numpy() for step in saved.checked}
        self._best = named(saved.tensors, "best.")


class _Trainer:
    """Scores, heads and their optimiser."""

    def __init__(
        self,
        layers: MaskedLayers,
        heads: nn.ModuleDict,
        source: Source,
        settings: MaskSettings,
        seed: int,
    ) -> None:
        self._layers, self._heads, self._source = layers, heads, source
        self._settings = settings
        self._estimator = estimator_of(settings.estimator)
        self._seed = seed
        self._rates = (settings.mask_rate, settings.head_rate)
        self._learned = [*layers.scores, *heads.parameters()]
        groups = [{"params": layers.scores}, {"params": list(heads.parameters())}]
        self._optimiser = torch.optim.Adam([g for g in groups if g["params"]], fused=True)
        self._pruner = None
        if settings.sparsity:
            self._pruner = MagnitudePruner(layers.maps, layers.originals())

    def prune(self, step: int) -> None:
        """Prune as far as the schedule is at a step."""
        if self._pruner is not None:
            settings = self._settings
            self._pruner.prune(cubic_sparsity(step, settings.steps, settings.sparsity))

    def step(self, step: int, batch: PrefixBatch) -> float:
        """One step of the optimiser; the loss before it."""
        settings = self._settings
        for group, rate in zip(self._optimiser.param_groups, self._rates, strict=False):
            group["lr"] = rate * rate_factor(step, settings.steps)
        self.prune(step)
        loss = self._layers.split.split_batches.attempt(
            lambda: self._accumulate_gradients(step, batch), self._optimiser.zero_grad
        )
        nn.utils.clip_grad_norm_(self._learned, settings.clip)
        self._optimiser.step()
        self._optimiser.zero_grad()
        return loss

    def _accumulate_gradients(self, step: int, batch: PrefixBatch) -> float:
        """One backward pass for each aspect, so that only one graph is held at a time."""
        settings = self._settings
        # Draws depend on the step alone, so that a training that goes on draws the same.
        self._layers.draw(self._estimator, torch.Generator().manual_seed((self._seed << 20) + step))
        total = 0.0
        for position, aspect in enumerate(self._source.aspects):
            vectors = self._layers.vectors(batch, position)
            head = self._heads[aspect] if aspect in self._heads else None  # noqa: SIM401
            total += _backward(self._source.loss(aspect, vectors, head))
        masks = torch.zeros(())
        if settings.overlap:
            masks = masks + settings.overlap * overlap_loss(self._layers.layers)
        if settings.openness:
            opened = openness_loss(self._layers.layers, self._estimator)
            masks = masks + settings.openness * opened
        return total + _backward(masks)

    def learned(self) -> dict[str, Tensor]:
        """Copies of scores and heads."""
        tensors = {f"score.{i}": s for i, s in enumerate(self._layers.scores)}
        tensors |= {f"head.{name}": part for name, part in self._heads.state_dict().items()}
        return {name: tensor.detach().clone() for name, tensor in tensors.items()}

    def put(self, learned: Mapping[str, Tensor]) -> None:
        """Set scores and heads to what `learned` gave."""
        with torch.no_grad():
            for i, scores in enumerate(self._layers.scores):
                scores.copy_(learned[f"score.{i}"])
        self._heads.load_state_dict(named(learned, "head."))

    def state(self) -> dict[str, Tensor]:
        """Everything that a later step depends on."""
        return {**self.learned(), **optimiser_tensors(self._optimiser)}

    def restore(self, saved: Saved) -> None:
        """Go back to a stored state."""
        self.put(saved.tensors)
        restore_optimiser(self._optimiser, saved.tensors)


def _backward(loss: Tensor) -> float:
    if loss.requires_grad:
        loss.backward()  # type: ignore[no-untyped-call]
    return float(loss.item())
