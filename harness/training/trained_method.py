"""What all methods share that train the last layers of an encoder: masks, adapters, weights."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from harness.contract.method import Representation
from harness.contract.scores import Score
from harness.contract.stored import StoredMethod
from harness.encoders.device import seeded
from harness.encoders.plain_encoder import PlainEncoder
from harness.encoders.split_encoder import PrefixBatch
from harness.system.progress import Progress
from harness.training.changed_layers import AspectLayers, heads_of
from harness.training.checkpoint import Checkpoint
from harness.training.settings import QUICK, SMOKE, TrainedSettings
from harness.training.sources import (
    Batch,
    Source,
    held_batches,
    placed,
    source_of,
    to_validate,
)
from harness.training.steps import Outcome, backpropagated, run_steps


class TrainedMethod(StoredMethod):
    """An encoder whose last layers compute for each aspect in its own way, which is trained.

    A subclass says what stands in these layers, at what rates that is learned, what is asked of it
    beside `l_trp L_trp + l_cls L_cls`, and how it is stored.
    """

    Settings = TrainedSettings
    profiles = {"smoke": SMOKE, "quick": QUICK}

    def learn(self, task: Any, *, seed: int, progress: Progress) -> None:
        source = source_of(task, self.settings, seed=seed)
        held_out = to_validate(task)
        valid = held_out and source_of(held_out, self.settings, seed=seed)
        self.learn_from(source, valid, seed=seed, progress=progress)

    def learn_from(
        self, source: Source, valid: Source | None, *, seed: int, progress: Progress
    ) -> None:
        """Learn from any source of batches; the loss on those of `valid` may end the training."""
        self._prepare(seed)
        about = (self.name, self.settings, self.aspects, seed, self.backbone.weights_hash)
        checked = valid.texts if valid else None
        checkpoint = Checkpoint(self.checkpoint, *about, tuple(source.texts), checked)
        with seeded(seed):
            self.outcome = self._train(source, valid, seed, progress, checkpoint)
        checkpoint.remove()
        self._layers.freeze()

    def _prepare(self, seed: int) -> None:
        with seeded(seed):
            self.heads = heads_of(self.backbone, self.aspects)
            self._layers = self._build(seed)
        self.outcome = Outcome()

    @abstractmethod
    def _build(self, seed: int) -> AspectLayers:
        """The layers before any step; torch's generator is seeded."""

    @abstractmethod
    def _groups(self) -> list[dict[str, Any]]:
        """Adam's parameter groups of everything that is learned, heads included."""

    def _loss(self, aspect: str, vectors: Tensor, batch: Batch, step: int) -> Tensor:
        """What a training step asks of one aspect's vectors, [rows, width]."""
        return self._asked(aspect, vectors, batch)

    def _asked(self, aspect: str, vectors: Tensor, batch: Batch) -> Tensor:
        """The losses of the aspect itself, which are those on validation rows too."""
        head = self.heads[self.place_of(aspect)] if self.heads else None
        return batch.loss(aspect, vectors, head)

    def _train(
        self,
        source: Source,
        valid: Source | None,
        seed: int,
        progress: Progress,
        checkpoint: Checkpoint,
    ) -> Outcome:
        settings, split = self.settings, self._layers.split
        prefixes = split.prefixes(source.texts, settings.max_tokens)
        random = np.random.default_rng(seed)
        groups = [group for group in self._groups() if group["params"]]
        optimiser = torch.optim.AdamW(groups, weight_decay=0.0, fused=True)

        def drawn_ahead() -> tuple[Batch, Tensor]:
            batch, device = source.draw(), self.backbone.device
            longest = prefixes.longest(batch.index)
            seen = split.seen_positions(longest, settings.token_share, random)
            return placed(batch, device), torch.from_numpy(seen).to(device)

        # Before the first step, so that a card never waits for the processor within one.
        batches = iter([drawn_ahead() for _ in range(settings.steps)])

        def draw() -> tuple[Batch, PrefixBatch]:
            batch, columns = next(batches)
            return batch, prefixes.batch(batch.index, columns)

        def backward(step: int, drawn: tuple[Batch, PrefixBatch]) -> Tensor:
            # Draws depend on the step alone, so that a training that goes on draws the same.
            torch.manual_seed((seed << 20) + step)
            return split.split_batches.attempt(
                lambda: self._accumulate_gradients(*drawn, step), optimiser.zero_grad
            )

        return run_steps(
            optimiser,
            settings.steps,
            draw,
            backward,
            clip=settings.clip,
            progress=progress,
            stopping=settings,
            validate=self._validation(valid) if valid else None,
            checkpoint=checkpoint,
        )

    def _accumulate_gradients(self, batch: Batch, states: PrefixBatch, step: int) -> Tensor:
        """One backward pass for each aspect, so that only one graph is held at a time."""
        losses = [
            backpropagated(self._loss(aspect, self._layers.vectors(states, position), batch, step))
            for position, aspect in enumerate(self.aspects)
        ]
        return torch.stack(losses).sum()

    def _validation(self, valid: Source) -> Callable[[], float]:
        """What gives the mean over batches and aspects of the loss of what would be used.

        On a share of the tokens, as in training.
        """
        settings, split, random = self.settings, self._layers.split, np.random.default_rng(0)
        prefixes = split.prefixes(valid.texts, settings.max_tokens)
        held: list[tuple[Batch, PrefixBatch]] = []
        batches: list[Batch] = held_batches(valid, len(valid.texts), settings.batch_texts)
        for batch in batches:
            states = prefixes.batch(batch.index)
            seen = split.seen_positions(states.ids.shape[1], settings.token_share, random)
            held.append((batch, states.at(seen)))

        @torch.no_grad()
        def loss() -> float:
            self._layers.freeze()
            found = [
                float(self._asked(aspect, self._layers.vectors(states, position), batch))
                for batch, states in held
                for position, aspect in enumerate(self.aspects)
            ]
            self._layers.thaw()
            return float(np.mean(found))

        return loss

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        limit, split = self.settings.max_tokens, self._layers.split
        prefixes = self.kept_for(texts, lambda: split.prefixes(texts, limit))
        return self._layers.encode(prefixes, self.place_of(aspect))

    def plain_encoder(self, aspect: str) -> PlainEncoder:
        model = self._layers.plain_model(self.place_of(aspect))
        return PlainEncoder(self.backbone, model, self.settings.max_tokens)

    def learned(self) -> Mapping[str, nn.Module | Tensor]:
        return {"head": self.heads}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self._prepare(seed=0)
        self._restore(tensors)
        self._layers.freeze()

    def _restore(self, stored: Mapping[str, Tensor]) -> None:
        """Take over what `extras` gave."""

    @property
    def trainable_parameters(self) -> int:
        if not self.settings.steps:
            return 0
        return sum(p.numel() for group in self._groups() for p in group["params"])

    def scores(self) -> list[Score]:
        # A fit that was loaded does not know how it was made.
        steps = self.outcome.last_step
        return [Score("last_step", float(steps))] if steps else []
