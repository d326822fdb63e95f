"""Posteriors in training: draws, their gradients, and a training whose loss is no number."""

from math import log
from pathlib import Path

import numpy as np
import pytest
import torch
from test_text_vae_training import SMALL, TASK

from baselines.gaussian import Gaussian
from baselines.text_vae.posteriors import DiagonalGaussian, GumbelCategorical
from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.text_vae import TextVae
from data.errors import UserError
from harness.encoders.backbones import Backbone
from harness.evaluation.text.families import Categorical, UniformCategorical


def test_a_gaussian_draws_as_before() -> None:
    mean, log_variance = torch.randn(2, 4, 3)
    torch.manual_seed(1)
    drawn = DiagonalGaussian(mean, log_variance).drawn(texts=9, share=0.0)
    torch.manual_seed(1)
    old = Gaussian(mean, log_variance)
    assert torch.equal(drawn.latents, old.sample())
    assert torch.equal(drawn.kl, old.kl())
    assert drawn.penalty == 0


def categoricals(count: int, *, hard: bool, temperature: float = 0.5) -> GumbelCategorical:
    logits = torch.tensor([[log(0.7), log(0.2), log(0.1), 0.0, 0.0]]).repeat(count, 1)
    return GumbelCategorical(logits.requires_grad_(), (3, 2), temperature, hard)


def test_hard_draws_are_one_hot_with_the_frequencies_of_the_logits() -> None:
    torch.manual_seed(0)
    posterior = categoricals(20_000, hard=True)
    latents = posterior.drawn(texts=1, share=0.0).latents
    assert set(latents.detach().round(decimals=5).unique().tolist()) == {0.0, 1.0}
    assert torch.allclose(latents.mean(0), posterior.mean[0], atol=0.02)
    assert torch.allclose(posterior.mean[0], torch.tensor([0.7, 0.2, 0.1, 0.5, 0.5]))
    # Straight through: the gradient is that of the soft draw.
    torch.manual_seed(0)
    (hard,) = torch.autograd.grad(latents[:, 0].sum(), posterior.logits)
    soft = categoricals(20_000, hard=False)
    torch.manual_seed(0)
    inside = soft.drawn(texts=1, share=0.0).latents
    (own,) = torch.autograd.grad(inside[:, 0].sum(), soft.logits)
    assert own.abs().sum() > 0
    assert torch.allclose(hard, own)
    assert len(inside.unique()) > 1000


def test_the_kl_of_categoricals_is_that_of_the_evaluation() -> None:
    posterior = categoricals(2, hard=True)
    mean = posterior.arrays()["mean"].detach().double().numpy()
    exact = Categorical(mean, (3, 2)).kl(UniformCategorical((3, 2)))
    assert np.allclose(posterior.kl().detach().numpy(), exact, atol=1e-6)
    assert exact[0, 1] == pytest.approx(0, abs=1e-6)


def test_a_loss_that_is_no_number_ends_with_one_clear_line_before_it_is_learned(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = TextVae(TextVaeSettings(**{**SMALL, "curve_points": 0}))
    model.checkpoint = tmp_path / "state"
    steps: list[int] = []
    old = DiagonalGaussian.kl

    def broken(self: DiagonalGaussian) -> torch.Tensor:
        # The first phase has ten steps and no KL.
        return old(self) * (float("nan") if len(steps) == 14 else 1.0)

    monkeypatch.setattr(DiagonalGaussian, "kl", broken)
    with pytest.raises(UserError, match=r"step 15 of 20 has a loss of nan .* lower the rates"):
        model.fit(TASK, backbone, seed=0, progress=lambda done, total, **m: steps.append(done))
    assert all(p.isfinite().all() for p in model._model.parameters())
    # A state is of its own settings, so one that lower rates could not go on from is not written.
    assert not model.checkpoint.exists()
