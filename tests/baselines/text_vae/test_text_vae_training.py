"""Training in two phases: what it learns, what it resumes, and what each technique does."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from toy_texts import SMALL, TASK, sentences

from baselines.gaussian import Gaussian
from baselines.text_vae import training
from baselines.text_vae.kl_terms import Threshold, held, kl_factor, thresholded
from baselines.text_vae.language import PiecewiseModel
from baselines.text_vae.lstm import LstmLm, LstmModel, LstmVae
from baselines.text_vae.model import TextModel
from baselines.text_vae.plan import Plan
from baselines.text_vae.sequences import Batch
from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.text_vae import DEFECTS, TECHNIQUES, DecoderLm, TextVae
from data.errors import UserError
from harness.encoders.backbones import Backbone
from harness.evaluation.text.likelihood import elbo, latent_use
from harness.system.progress import silent


def fitted(backbone: Backbone, seed: int = 0, **changes: Any) -> TextVae:
    settings = TextVaeSettings(**{**SMALL, **changes})
    return TextVae(settings).fit(TASK, backbone, seed=seed, progress=silent)


def learned(model: PiecewiseModel) -> dict[str, torch.Tensor]:
    return {name: part.clone() for name, part in model.model.state_dict().items()}


@pytest.fixture(scope="module")
def plain(t5: Backbone) -> TextVae:
    return fitted(t5, warm_up_epochs=8, epochs=6)


def test_two_phases_teach_the_decoder_to_use_its_latent(plain: TextVae, t5: Backbone) -> None:
    texts = sentences(40, 2)
    posterior = plain.posterior(texts)
    use = latent_use(plain, texts, posterior, draws=2, seed=0).mean()
    assert use > 0.3
    # Before: from the same start without phase 1 and free bits, the latent stays unused.
    vanilla = fitted(t5, warm_up_epochs=0, epochs=14, free_bits=0.0)
    own = vanilla.posterior(texts)
    assert latent_use(vanilla, texts, own, draws=2, seed=0).mean() < 0.1
    kls = [each.kl(plain.prior).sum(1).mean() for each in (own, posterior)]
    assert kls[0] < 0.5 < kls[1]
    bounds = [elbo(m, texts, m.posterior(texts), draws=4, seed=0) for m in (plain, vanilla)]
    assert bounds[0].reconstruction.mean() < bounds[1].reconstruction.mean()


def test_of_several_draws_each_text_trains_on_its_most_probable(
    t5: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    used: list[torch.Tensor] = []
    choose, nats = training.most_probable, TextModel.nats

    def watched(ask: Callable[[torch.Tensor], torch.Tensor], drawn: torch.Tensor) -> torch.Tensor:
        best = choose(ask, drawn)
        seen.append((torch.stack([ask(each) for each in drawn]), best))
        return best

    def last(model: TextModel, latents: torch.Tensor, batch: Batch) -> torch.Tensor:
        found = nats(model, latents, batch)
        if found.requires_grad:
            used.append(found.detach())
        return found

    monkeypatch.setattr(training, "most_probable", watched)
    monkeypatch.setattr(TextModel, "nats", last)
    one, several = (fitted(t5, warm_up_epochs=0, epochs=1, samples=k) for k in (1, 3))
    # Before: one draw leaves nothing to choose.
    assert all(len(of_draws) == 1 for of_draws, _ in seen[: len(seen) // 2])
    of_draws, best = seen[-1]
    assert of_draws.shape == (3, SMALL["batch_texts"])
    assert torch.equal(best, of_draws.argmin(0))
    assert (of_draws.min(0).values < of_draws[0]).any()
    torch.testing.assert_close(used[-1], of_draws.min(0).values)
    differing = [not torch.equal(a, b) for a, b in zip(*map(_weights, (one, several)), strict=True)]
    assert any(differing)


def _weights(model: TextVae) -> list[torch.Tensor]:
    return list(learned(model).values())


def test_a_killed_training_goes_on_to_the_equal_result(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "CHECKPOINT_STEPS", 3)
    changes = {"dropout": 0.1, "deletion": 0.2, "reset_decoder": True, "annealing": "monotone"}
    settings = TextVaeSettings(**{**SMALL, **changes})
    whole = TextVae(settings).fit(TASK, backbone, seed=4, progress=silent)

    for last in (5, 13):
        broken = TextVae(settings)
        broken.checkpoint = tmp_path / str(last)

        def killed(done: int, total: int, *, at: int = last, **metrics: float) -> None:
            if done == at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            broken.fit(TASK, backbone, seed=4, progress=killed)
        assert list(broken.checkpoint.iterdir())
        seen: list[int] = []
        again = TextVae(settings)
        again.checkpoint = tmp_path / str(last)
        again.fit(
            TASK, backbone, seed=4, progress=lambda done, total, seen=seen, **m: seen.append(done)
        )
        assert min(seen) == last // 3 * 3 + 1
        assert not again.checkpoint.exists()
        first, second = learned(whole), learned(again)
        assert all(torch.equal(first[name], second[name]) for name in first)
        assert whole.heatmaps() == again.heatmaps()
    # Before: another seed gives another model.
    other = learned(TextVae(settings).fit(TASK, backbone, seed=5, progress=silent))
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_a_state_of_another_training_is_not_used(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "CHECKPOINT_STEPS", 3)
    settings = TextVaeSettings(**SMALL)

    def killed(done: int, total: int, **metrics: float) -> None:
        if done == 5:
            raise KeyboardInterrupt

    broken = TextVae(settings)
    broken.checkpoint = tmp_path / "c"
    with pytest.raises(KeyboardInterrupt):
        broken.fit(TASK, backbone, seed=0, progress=killed)
    seen: list[int] = []
    other = TextVae(replace(settings, free_bits=0.1))
    other.checkpoint = tmp_path / "c"
    other.fit(
        TASK, backbone, seed=0, progress=lambda done, total, seen=seen, **m: seen.append(done)
    )
    assert min(seen) == 1


def test_a_frozen_decoder_stays_as_it_is_in_phase_1(backbone: Backbone) -> None:
    start, frozen, free = (
        learned(fitted(backbone, epochs=0, warm_up_epochs=e, freeze_decoder=f))
        for e, f in ((0, False), (1, True), (1, False))
    )
    for name, weights in start.items():
        decoder = name.startswith(("pair.writer.stack", "pair.output", "pair.embedding"))
        if decoder:
            assert torch.equal(frozen[name], weights)
    for part in ("pair.reader", "maps", "pair.writer.injection"):
        changed = [n for n in start if n.startswith(part) and not torch.equal(frozen[n], start[n])]
        assert changed
    assert not torch.equal(free["pair.output.bias"], start["pair.output.bias"])


def test_a_reset_decoder_starts_phase_2_as_it_started_phase_1(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = learned(fitted(backbone, warm_up_epochs=0, epochs=0))
    seen: list[dict[str, torch.Tensor]] = []
    original = training.Trainer._loss

    def watched(self: training.Trainer, step: Any, batch: Any) -> torch.Tensor:
        if step.phase == 2 and step.within == 0:
            seen.append({k: v.clone() for k, v in self._model.state_dict().items()})
        return original(self, step, batch)

    monkeypatch.setattr(training.Trainer, "_loss", watched)
    fitted(backbone, reset_decoder=True)
    fitted(backbone, reset_decoder=False)
    reset, kept = seen
    for name in start:
        if name.startswith(("pair.writer", "pair.output")):
            assert torch.equal(reset[name], start[name])
    assert not torch.equal(kept["pair.output.bias"], start["pair.output.bias"])
    assert not torch.equal(reset["maps.mean.weight"], start["maps.mean.weight"])


def test_phase_1_ends_early_where_reconstruction_no_longer_improves(backbone: Backbone) -> None:
    seen: list[int] = []
    settings = TextVaeSettings(**{**SMALL, "warm_up_epochs": 6, "epochs": 1, "rate": 0.0,
                                  "encoder_rate": 0.0, "latent_rate": 0.0})  # fmt: skip
    TextVae(settings).fit(
        TASK, backbone, seed=0, progress=lambda done, total, **m: seen.append(done)
    )
    # One epoch to have a value, one without a better one; phase 2 follows.
    assert seen == [*range(1, 21), *range(61, 71)]


@pytest.mark.parametrize("kind", [LstmVae, LstmLm])
def test_phase_2_falls_to_its_end_where_the_bound_no_longer_improves(
    kind: type[LstmModel], backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "CHECKPOINT_STEPS", 7)
    small = {"batch_texts": 16, "max_pieces": 12, "units": 16, "embedding": 8, "curve_points": 2}
    still = {"rate": 0.0, "encoder_rate": 0.0, "latent_rate": 0.0}

    def seen_by(model: LstmModel, *, kill: int = 0) -> list[int]:
        seen: list[int] = []

        def progress(done: int, total: int, **metrics: float) -> None:
            seen.append(done)
            if done == kill:
                raise KeyboardInterrupt

        model.checkpoint = tmp_path
        with contextlib.suppress(KeyboardInterrupt):
            model.fit(TASK, backbone, seed=0, progress=progress)
        return seen

    def model(**changes: Any) -> LstmModel:
        return kind(kind.Settings(**{**small, "epochs": 12, **changes}))

    # Ten steps an epoch. One to have a value, one without a better one, a quarter of all to fall.
    stopped = model(**still, second_patience=1)
    assert seen_by(stopped, kill=40) == [*range(1, 41)]
    assert seen_by(stopped) == [*range(36, 51)]
    # Before: without the rule, or while texts are still learned.
    assert seen_by(model(**still))[-1] == 120
    assert seen_by(model(second_patience=1, epochs=3))[-1] == 30


def test_every_variant_is_a_setting_and_defects_are_off_by_default() -> None:
    default = TextVae.settings_for()
    for name, changes in {**TECHNIQUES, **DEFECTS}.items():
        assert TextVae.settings_for(name) != default, name
        assert set(changes) <= set(TextVaeSettings.__dataclass_fields__)
    for switch in (
        "latents_scrambled",
        "denoising_swapped",
        "loss_scaled_by_padding",
        "unmasked_pooling",
        "unshuffled",
    ):
        assert getattr(default, switch) is False
    assert len(TECHNIQUES) >= 12
    assert len(DEFECTS) == 5


@pytest.mark.parametrize("profile", ["smoke", "quick", "standard"])
def test_the_decoder_alone_has_as_many_epochs_as_in_the_vae(profile: str) -> None:
    whole, alone = (kind.settings_for("default", profile) for kind in (TextVae, DecoderLm))
    assert alone.epochs == whole.warm_up_epochs + whole.epochs


def test_unmasked_pooling_makes_a_text_depend_on_padding(backbone: Backbone) -> None:
    texts = ["a red cat", "the blue dog sleeps here now and the owl sits"]
    right, wrong = (
        fitted(backbone, warm_up_epochs=0, epochs=0, unmasked_pooling=u) for u in (False, True)
    )
    assert right.model.unmasked == 0
    assert wrong.model.unmasked > 10
    means = [m.posterior(texts).mean for m in (right, wrong)]
    assert not np.allclose(means[0], means[1])
    alone = [m.posterior(texts[:1]).mean for m in (right, wrong)]
    assert np.allclose(alone[0], means[0][:1], atol=1e-5)


def test_an_lstm_reads_a_text_to_its_end_and_not_into_its_padding(t5: Backbone) -> None:
    texts = ["a red cat", "the blue dog sleeps here now and the owl sits"]
    settings = replace(LstmVae.settings_for(), epochs=0, embedding=16, units=16)
    model = LstmVae(settings).fit(TASK, t5, seed=0, progress=silent)
    alone = [model.posterior([text]).mean[0] for text in texts]
    assert not np.allclose(alone[0], alone[1], atol=1e-3)
    assert np.allclose(model.posterior(texts).mean, alone, atol=1e-5)


def test_swapped_denoising_hides_the_text_from_the_encoder(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[bool, list[torch.Tensor]] = {True: [], False: []}
    for swapped in seen:
        original = training.TextModel.posterior

        def watched(
            self: Any, ids: Any, mask: Any, *, to: bool = swapped, run: Any = original
        ) -> Gaussian:
            if self.training:
                seen[to].append(ids)
            return run(self, ids, mask)

        with monkeypatch.context() as patch:
            patch.setattr(training.TextModel, "posterior", watched)
            fitted(backbone, epochs=1, deletion=0.3, denoising_swapped=swapped)
    first_phase = 10
    assert all(set(ids.unique().tolist()) <= {0, 1} for ids in seen[True][:first_phase])
    assert all(len(ids.unique()) > 5 for ids in seen[True][first_phase:])
    assert all(len(ids.unique()) > 5 for ids in seen[False])


def test_aggressive_training_moves_the_encoder_ahead(t5: Backbone) -> None:
    base = {"epochs": 1, "embedding": 16, "units": 16, "batch_texts": 16, "curve_texts": 10}
    settings = LstmVae.settings_for("aggressive")
    calls = {"aggressive": 0, "default": 0}
    for variant in calls:
        own = replace(LstmVae.settings_for(variant), **base)
        original = training.Trainer._loss

        def counted(
            self: Any, step: Any, batch: Any, *, to: str = variant, run: Any = original
        ) -> torch.Tensor:
            calls[to] += 1
            return run(self, step, batch)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(training.Trainer, "_loss", counted)
            LstmVae(own).fit(TASK, t5, seed=0, progress=silent)
    assert settings.inner_steps == 10
    assert calls["default"] == 10
    assert calls["aggressive"] > 15


def test_impossible_settings_are_refused() -> None:
    for changes, said in (
        ({"pooling": "median"}, "use one of mean, max, first"),
        ({"injection": "osmosis"}, "use one of memory, cross, input"),
        ({"deletion": 1.0}, "below 1"),
        ({"annealing": "monotone", "annealing_share": 0.0}, "share above 0"),
        ({"latents_scrambled": True, "injection": "cross"}, "use injection memory"),
    ):
        with pytest.raises(UserError, match=said):
            TextVaeSettings(**changes)


@given(
    kl=st.lists(st.lists(st.floats(0, 10), min_size=3, max_size=3), min_size=1, max_size=6),
    bits=st.floats(0, 5),
)
def test_thresholds_order_themselves(kl: list[list[float]], bits: float) -> None:
    """Jensen: max is convex, so more is paid for single texts than for their mean."""
    tensor = torch.tensor(kl, dtype=torch.float64)
    plain = float(tensor.sum(1).mean())
    example, batch, total = (
        float(thresholded(tensor, bits, name)) for name in ("example", "batch", "total")
    )
    assert example >= batch - 1e-9 >= total - 2e-9
    assert total >= max(plain, 3 * bits) - 1e-9
    assert float(thresholded(tensor, 0.0, "batch")) == pytest.approx(plain)
    assert float(held(tensor, plain)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", ["batch", "example", "total"])
def test_without_free_bits_a_drawn_kl_counts_below_zero_too(name: Threshold) -> None:
    """Clamped, its mean would be too large, and its gradient missing where it is negative."""
    kl = torch.tensor([[-3.0, 2.0], [1.0, -0.5]], requires_grad=True)
    paid = thresholded(kl, 0.0, name)
    assert paid.item() == -0.25
    (slope,) = torch.autograd.grad(paid, kl)
    assert slope.tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_nothing_is_paid_below_the_threshold() -> None:
    kl = torch.tensor([[0.1, 2.0], [0.3, 4.0]], requires_grad=True)
    for name, expected in (
        ("batch", [[0, 0.5], [0, 0.5]]),
        ("example", [[0, 0.5], [0, 0.5]]),
        ("total", [[0.5, 0.5], [0.5, 0.5]]),
    ):
        (slope,) = torch.autograd.grad(thresholded(kl, 0.5, name), kl)
        assert slope.tolist() == expected, name


@given(steps=st.integers(1, 200), share=st.floats(0.1, 1), cycles=st.integers(1, 5))
def test_annealing_rises_from_0_and_stays_within_1(steps: int, share: float, cycles: int) -> None:
    for name in ("none", "monotone", "cyclical"):
        factors = [kl_factor(i, steps, name, share=share, cycles=cycles) for i in range(steps)]
        assert all(0 <= f <= 1 for f in factors)
        assert factors[0] == (1 if name == "none" else 0)
    monotone = [kl_factor(i, 100, "monotone", share=0.5, cycles=4) for i in range(100)]
    assert monotone == sorted(monotone)
    assert monotone[50:] == [1.0] * 50
    cyclical = [kl_factor(i, 100, "cyclical", share=0.5, cycles=4) for i in range(100)]
    assert [i for i, f in enumerate(cyclical) if f == 0] == [0, 25, 50, 75]


@pytest.mark.parametrize(("variant", "alike"), [("default", True), ("latents-scrambled", False)])
def test_texts_written_from_the_latents_of_others_do_not_share_their_length(
    variant: str, alike: bool
) -> None:
    """Else the latents of the others in a batch would tell a text's length."""
    lengths = np.random.default_rng(0).integers(3, 60, size=1600)
    plan = Plan(lengths, TextVae.settings_for(variant), seed=0, latent=True)
    spread = np.mean([np.ptp(lengths[step.index]) for step in plan.phase(2)])
    assert (spread < 5) == alike
