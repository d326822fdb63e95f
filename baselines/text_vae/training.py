"""How a model of texts is trained: phase 1 without the KL, phase 2 with it."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from baselines.text_vae.kl_terms import held, kl_factor, thresholded
from baselines.text_vae.model import TextModel
from baselines.text_vae.plan import Plan, Step
from baselines.text_vae.posteriors import BatchPosterior, Drawn, most_probable, taken
from baselines.text_vae.sequences import Batch, Sequences
from baselines.text_vae.settings import TrainingSettings
from data.errors import UserError
from harness.contract.stored import named
from harness.encoders.device import seeded
from harness.system.progress import Progress
from harness.training.checkpoint import Checkpoint, Saved, optimiser_tensors, restore_optimiser
from harness.training.schedule import COOL, rate_factor
from harness.training.steps import backpropagated

CHECKPOINT_STEPS = 100

INNER_BLOCK = 5
"""Steps of the encoder alone after which it is seen whether they still help."""

Measure = Callable[[], Mapping[str, float]]


Curves = dict[str, dict[int, float]]
"""What was measured while training: name to step to value."""


def curve_tensors(curves: Curves) -> dict[str, Tensor]:
    """As tensors, float64 [points, 2] each."""
    return {
        f"curve.{name}": torch.tensor(list(points.items()), dtype=torch.float64)
        for name, points in curves.items()
    }


def curves_of(tensors: Mapping[str, Tensor]) -> Curves:
    """From what `curve_tensors` gave, among others."""
    stored = named(tensors, "curve.").items()
    return {name: {int(s): float(v) for s, v in points.tolist()} for name, points in stored}


class Trainer:
    """Trains a model in place.

    Parameters
    ----------
    train, valid : numbered texts; `valid` ends phase 1 early.
    measure : what the curves hold, asked now and then; None measures nothing.
    seed : of batches and of all draws.
    checkpoint : where to keep the state, and to look for one to go on from.
    """

    def __init__(
        self,
        model: TextModel,
        train: Sequences,
        valid: Sequences,
        settings: TrainingSettings,
        *,
        measure: Measure | None,
        seed: int,
        checkpoint: Checkpoint,
    ) -> None:
        self._model, self._train, self._valid = model, train, valid
        self._settings, self._seed = settings, seed
        self._measure, self._checkpoint = measure, checkpoint
        self._plan = Plan(train.lengths, settings, seed=seed, latent=bool(model.latent))
        self._start = copy.deepcopy(self._decoder_state()) if settings.reset_decoder else {}
        self._pieces = float(train.lengths.mean()) + 1
        self._checked: dict[int, float] = {}
        self._aggressive = settings.inner_steps > 0
        self._best_information = -1.0
        points = min(settings.curve_points, self._plan.steps) if measure else 0
        self._points = {round(self._plan.steps * (i + 1) / points) for i in range(points)}
        self.curves: Curves = {}

    def train(self, progress: Progress) -> Trainer:
        """Both phases; goes on where a stored state ends."""
        saved = self._checkpoint.read()
        with seeded(self._seed):
            if saved is None:
                self._note(0)
            else:
                self._restore(saved)
            self._model.train()
            for phase in (1, 2):
                self._run(phase, saved, progress)
        self._model.eval()
        self._checkpoint.remove()
        return self

    def _run(self, phase: int, saved: Saved | None, progress: Progress) -> None:
        settings = self._settings
        if not self._plan.epochs[phase]:
            return
        ends = {1: self._plan.a_epoch * self._plan.epochs[1], 2: self._plan.steps}
        done = 0 if saved is None else saved.step
        if done >= ends[phase]:
            return
        if phase == 2 and settings.reset_decoder and done <= ends[1]:
            self._model.load_state_dict({**self._model.state_dict(), **self._start})
        groups = self._groups(phase)
        optimiser = torch.optim.AdamW(groups, weight_decay=settings.weight_decay, fused=True)
        inside = saved is not None and done > (0 if phase == 1 else ends[1])
        if saved is not None and inside:
            restore_optimiser(optimiser, saved.tensors)
        rates = [float(group["lr"]) for group in optimiser.param_groups]
        for step in self._plan.phase(phase):
            if step.number < done:
                continue
            end = self._end(step)
            if step.within >= end:
                break
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * rate_factor(step.within, step.steps, end=end)
            # Draws depend on the step alone, so that a training that goes on draws the same.
            torch.manual_seed((self._seed << 20) + step.number)
            loss = self._step(step, optimiser)
            progress(step.number + 1, self._plan.steps, loss=loss)
            self._after(step, optimiser)

    def _step(self, step: Step, optimiser: torch.optim.Optimizer) -> float:
        optimiser.zero_grad()
        deletion = self._deletion(step.phase)
        if step.phase == 2 and self._aggressive:
            self._inner(step, optimiser)
        loss = backpropagated(self._loss(step, self._train.batch(step.index, deletion=deletion)))
        if step.phase == 2 and self._aggressive:
            for parameter in self._encoder():
                parameter.grad = None
        trained = [p for group in optimiser.param_groups for p in group["params"]]
        return self._moved(step, optimiser, trained, loss)

    def _moved(
        self,
        step: Step,
        optimiser: torch.optim.Optimizer,
        parameters: list[nn.Parameter],
        loss: Tensor,
    ) -> float:
        """The loss, once these parameters have moved along their gradients.

        UserError where one of both is no number.
        """
        norm = nn.utils.clip_grad_norm_(parameters, self._settings.clip)
        value = float(loss.item())
        if not math.isfinite(value + norm.item()):
            raise UserError(
                f"step {step.number + 1} of {self._plan.steps} has a loss of {value:g} and a "
                f"gradient of norm {norm.item():g}; lower the rates or kl_weight"
            )
        optimiser.step()
        return value

    def _inner(self, step: Step, optimiser: torch.optim.Optimizer) -> None:
        """Steps of the encoder alone, on random batches, while a block's loss still falls."""
        encoder = self._encoder()
        own = {id(parameter) for parameter in encoder}
        others = [p for p in self._model.parameters() if id(p) not in own]
        last, block = float("inf"), 0.0
        size = min(self._settings.batch_texts, len(self._train))
        for number in range(1, self._settings.inner_steps + 1):
            index = torch.randperm(len(self._train))[:size].numpy()
            loss = backpropagated(self._loss(step, self._train.batch(index)))
            for parameter in others:
                parameter.grad = None
            block += self._moved(step, optimiser, encoder, loss)
            optimiser.zero_grad()
            if number % INNER_BLOCK == 0:
                if block >= last:
                    return
                last, block = block, 0.0

    def _loss(self, step: Step, batch: Batch) -> Tensor:
        """The loss of a batch, divided by the mean pieces of a text so that clipping is alike."""
        settings, model = self._settings, self._model
        if not model.latent:
            return model.nats(None, batch).mean() / self._pieces
        posterior = self._posterior(batch, step.phase)
        if step.phase == 1:
            return self._scaled(model.nats(posterior.mean, batch)) / self._pieces
        share = step.within / step.steps
        drawn = self._drawn(posterior, batch, share)
        nats, kl = self._scaled(model.nats(drawn.latents, batch)), drawn.kl
        if settings.target_kl:
            cost = held(kl, settings.target_kl)
        else:
            cost = thresholded(kl, settings.free_bits, settings.threshold)
        factor = kl_factor(
            step.within,
            step.steps,
            settings.annealing,
            share=settings.annealing_share,
            cycles=settings.cycles,
        )
        return (nats + settings.kl_weight * factor * cost + drawn.penalty) / self._pieces

    def _drawn(self, posterior: BatchPosterior, batch: Batch, share: float) -> Drawn:
        """A draw of each text, the best of as many as the settings say."""
        model, count = self._model, self._settings.samples
        made = [posterior.drawn(texts=len(self._train), share=share) for _ in range(count)]
        latents, kl = torch.stack([d.latents for d in made]), torch.stack([d.kl for d in made])
        best = most_probable(lambda each: model.nats(each, batch), latents)
        return Drawn(taken(latents, best), taken(kl, best), made[0].penalty)

    def _posterior(self, batch: Batch, phase: int) -> BatchPosterior:
        """q(z|x) of a batch; with the released code's swapped denoising where that is asked for."""
        settings = self._settings
        ids, mask = batch.ids, batch.mask
        if settings.denoising_swapped and self._deletion(phase):
            ids, mask = mask, (ids != self._model.pieces.frame.padding).long()
        return self._model.posterior(ids, mask)

    def _deletion(self, phase: int) -> float:
        settings = self._settings
        if phase == 2:
            return 0.0
        return settings.deletion / (3 if settings.denoising_swapped else 1)

    def _scaled(self, nats: Tensor) -> Tensor:
        """Reconstruction of a batch, nats a text, or a padded position where that is asked for."""
        if self._settings.loss_scaled_by_padding:
            return nats.mean() / self._settings.padded_pieces
        return nats.mean()

    def _groups(self, phase: int) -> list[dict[str, Any]]:
        """The parameters that a phase trains, in groups with their rates."""
        settings, model = self._settings, self._model
        parts = [] if model.maps is None else [model.maps]
        # The maps to and from the latent.
        fresh = [p for part in [*parts, *model.pair.entries()] for p in part.parameters()]
        reader = list(model.pair.reader.parameters())
        elsewhere = {id(parameter) for parameter in [*fresh, *reader]}
        rest = [p for p in model.parameters() if id(p) not in elsewhere]
        if phase == 1 and settings.freeze_decoder:
            rest = []
        groups = (
            {"params": rest, "lr": settings.rate},
            {"params": reader, "lr": settings.encoder_rate},
            {"params": fresh, "lr": settings.latent_rate},
        )
        return [group for group in groups if group["params"]]

    def _encoder(self) -> list[nn.Parameter]:
        model = self._model
        assert model.maps is not None
        return [*model.pair.reader.parameters(), *model.maps.parameters()]

    def _decoder_state(self) -> dict[str, Tensor]:
        """What a reset of the decoder sets back; the embedding is the encoder's as well."""
        kept = ("maps.", "pair.embedding.", "pair.reader.")
        state = self._model.state_dict()
        return {name: part for name, part in state.items() if not name.startswith(kept)}

    def _after(self, step: Step, optimiser: torch.optim.Optimizer) -> None:
        done = step.number + 1
        if step.ends_epoch and (step.phase == 1 or self._settings.second_patience):
            self._checked[done] = self._valid_nats(step.phase)
        if done in self._points:
            self._note(done)
        if done % CHECKPOINT_STEPS == 0 and done < self._plan.steps:
            self._keep(done, optimiser)

    def _keep(self, done: int, optimiser: torch.optim.Optimizer) -> None:
        model = {f"model.{name}": part for name, part in self._model.state_dict().items()}
        more = {"aggressive": torch.tensor([float(self._aggressive), self._best_information])}
        state = {**model, **optimiser_tensors(optimiser), **curve_tensors(self.curves), **more}
        self._checkpoint.write(Saved(done, self._checked, state))

    def _restore(self, saved: Saved) -> None:
        self._model.load_state_dict(named(saved.tensors, "model."))
        self.curves = curves_of(saved.tensors)
        self._checked = dict(saved.checked)
        going, best = saved.tensors["aggressive"].tolist()
        self._aggressive, self._best_information = bool(going), float(best)

    def _note(self, done: int) -> None:
        """Measure, and stop training the encoder ahead once it learns no more of the texts."""
        if self._measure is None:
            return
        self._model.eval()
        measured = self._measure()
        self._model.train()
        for name, value in measured.items():
            self.curves.setdefault(name, {})[done] = value
        second = done > self._plan.a_epoch * self._plan.epochs[1]
        if self._aggressive and second and "mutual_information" in measured:
            self._aggressive = measured["mutual_information"] > self._best_information
            self._best_information = measured["mutual_information"]

    def _end(self, step: Step) -> int:
        """After how many steps a phase ends: early once the validation texts gain no more.

        Phase 1 then ends at once; phase 2 is left the time in which its rates fall.
        """
        first, settings = step.number - step.within, self._settings
        patience = settings.patience if step.phase == 1 else settings.second_patience
        falling = 0 if step.phase == 1 else math.ceil(COOL * step.steps)
        own = [(done - first, nats) for done, nats in self._checked.items() if done > first]
        for place, (done, _) in enumerate(own, start=1):
            values = [nats for _, nats in own[:place]]
            if 0 < patience < place and min(values[-patience:]) >= min(values[:-patience]):
                return min(step.steps, done + falling)
        return step.steps

    @torch.no_grad()
    def _valid_nats(self, phase: int) -> float:
        """Nats a validation text: in phase 1 from the posterior's mean, then minus the bound."""
        self._model.eval()
        total = 0.0
        settings, model = self._settings, self._model
        if phase == 2:
            # The same draws at every check; each step sets the generator anew.
            torch.manual_seed(self._seed)
        for index in self._valid.batches(settings.batch_texts, bucketed=settings.bucketed):
            batch = self._valid.batch(index)
            if not model.latent:
                total += float(model.nats(None, batch).sum())
                continue
            posterior = model.posterior(batch.ids, batch.mask)
            if phase == 1:
                total += float(model.nats(posterior.mean, batch).sum())
                continue
            drawn = posterior.drawn(texts=len(self._train), share=1.0)
            total += float((model.nats(drawn.latents, batch) + drawn.kl.sum(1)).sum())
        model.train()
        return total / max(len(self._valid), 1)
