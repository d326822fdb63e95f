"""Sparse VAEs: their draws against bounds and integrals, their traps, and what the prior does."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.distributions import Beta, kl_divergence

from baselines.sparse_vae.hsvae import (
    LEAST,
    MOST,
    GatedMaps,
    GatedPosterior,
    Hsvae,
    HsvaeSettings,
    SparseSettings,
    TextHsvae,
    clipped,
)
from baselines.sparse_vae.mat_vae import (
    MatchedGaussian,
    MatVae,
    MatVaeSettings,
    discrepancy,
)
from data.errors import UserError
from data.texts import TextTask
from harness.encoders.backbones import Backbone
from harness.evaluation.text.families import Gaussian, SpikeAndSlab, SpikeAndSlabPrior
from harness.evaluation.text.sparsity import hoyer
from harness.system.progress import silent

DRAWS = 20_000


def gated(off: float, on: float, slab: float, log_variance: float) -> GatedPosterior:
    values = [torch.full((DRAWS, 1), value) for value in (off, on, slab, log_variance)]
    return GatedPosterior(*values, SparseSettings())


@pytest.mark.parametrize(
    ("off", "on", "slab", "log_variance"),
    [(4.0, 1.0, 1.5, -1.0), (0.5, 0.5, 0.3, 0.0), (2.0, 8.0, -2.0, -3.0), (100.0, 0.5, 3.0, 1.0)],
)
def test_draws_keep_the_bounds_that_were_derived(
    off: float, on: float, slab: float, log_variance: float
) -> None:
    torch.manual_seed(0)
    posterior = gated(off, on, slab, log_variance)
    drawn = posterior.drawn(texts=1, share=0.0)
    gate = float(kl_divergence(Beta(torch.tensor(off), torch.tensor(on)), Beta(4.0, 1.0)))
    of_latents = drawn.kl.double().numpy() - gate
    error = 4 * of_latents.std() / DRAWS**0.5 + 1e-4
    arrays = {k: v[:1].double().numpy() for k, v in posterior.arrays().items()}
    closed = 0.5 * (slab**2 + np.exp(log_variance) - 1 - log_variance)
    share = off / (off + on)
    assert -error <= of_latents.mean() <= (1 - share) * closed + error
    # With the gate summed out, the divergence is smaller.
    marginal = SpikeAndSlab(**arrays).kl(SpikeAndSlabPrior(1, 0.8))[0, 0]
    assert 0 <= marginal <= of_latents.mean() + gate + error
    latents = drawn.latents.double().numpy()
    assert latents.mean() == pytest.approx((1 - share) * slab, abs=5 * latents.std() / DRAWS**0.5)
    assert float(posterior.mean[0, 0]) == pytest.approx((1 - share) * slab)


def test_every_parameter_learns_even_where_it_is_clipped() -> None:
    extreme = torch.tensor([-3.0, 0.1, 7.0, 1e6], requires_grad=True)
    inside = clipped(extreme)
    assert inside.tolist() == [LEAST, LEAST, 7.0, MOST]
    inside.sum().backward()
    assert extreme.grad is not None
    assert extreme.grad.tolist() == [1.0] * 4
    torch.manual_seed(0)
    maps = GatedMaps(6, SparseSettings(latent_size=5))
    with torch.no_grad():
        maps.gate.bias += torch.tensor([-50.0] * 5 + [500.0] * 5)
    drawn = maps(torch.randn(40, 6)).drawn(texts=1, share=0.0)
    (drawn.kl.sum() + drawn.latents.sum()).backward()
    for parameter in maps.parameters():
        assert parameter.grad is not None
        assert parameter.grad.isfinite().all()
        assert (parameter.grad != 0).any()


def test_the_discrepancy_by_hand_and_of_a_batch_of_one() -> None:
    one = torch.tensor([[0.0], [1.0]])
    kernel = sum(2 * s / (2 * s + 1.0) for s in (0.1, 0.2, 0.5, 1, 2, 5))
    # Pairs within, less pairs between: two at distance 0, two at distance 1.
    assert float(discrepancy(one, one)) == pytest.approx(2 * kernel - (6 + kernel))
    assert float(discrepancy(one[:1], one[1:])) == 0
    torch.manual_seed(0)
    same = [float(discrepancy(torch.randn(32, 3), torch.randn(32, 3))) for _ in range(200)]
    assert abs(np.mean(same)) < 4 * np.std(same) / 200**0.5
    assert float(discrepancy(torch.randn(32, 3), torch.randn(32, 3) * 0.05)) > 1


def test_the_drawn_kl_of_mat_vae_is_the_one_that_is_measured() -> None:
    torch.manual_seed(0)
    mean, log_variance = torch.full((DRAWS, 1), 0.7), torch.full((DRAWS, 1), -1.0)
    posterior = MatchedGaussian(mean, log_variance, SparseSettings(mmd_weight=0.0))
    torch.manual_seed(0)
    small = MatchedGaussian(mean[:4], log_variance[:4], SparseSettings()).drawn(texts=1, share=0.0)
    assert torch.isfinite(torch.as_tensor(small.penalty))
    kls = torch.cat(
        [
            MatchedGaussian(m, v, posterior.settings).drawn(texts=1, share=0.0).kl
            for m, v in zip(mean.split(500), log_variance.split(500), strict=True)
        ]
    ).double()
    exact = Gaussian(np.array([[0.7]]), np.array([[-1.0]])).kl(SpikeAndSlabPrior(1, 0.8))[0, 0]
    assert float(kls.mean()) == pytest.approx(exact, abs=5 * float(kls.std()) / DRAWS**0.5)


TEXTS = tuple(
    f"a {colour} {who} {does} {place}"
    for colour in ("red", "blue")
    for who in ("cat", "dog", "owl")
    for does in ("sits", "runs", "sleeps")
    for place in ("here", "now")
)
TASK = TextTask("toy", TEXTS, TEXTS[:6])
TINY: dict[str, Any] = {
    "batch_texts": 12,
    "max_pieces": 12,
    "latent_size": 12,
    "embedding": 12,
    "units": 12,
    "epochs": 40,
    "latent_rate": 2e-2,
    "curve_points": 0,
}


def test_the_prior_steers_how_much_is_switched_off(backbone: Backbone) -> None:
    found = {}
    for off in (0.5, 9.0):
        settings = HsvaeSettings(**TINY, prior_off=off, kl_weight=1.0)
        model = Hsvae(settings).fit(TASK, backbone, seed=0, progress=silent)
        posterior = model.posterior(TEXTS)
        assert isinstance(posterior, SpikeAndSlab)
        draw = posterior.sample(np.random.default_rng(0))
        found[off] = (posterior.off.mean(), hoyer(draw))
    assert found[9.0][0] > found[0.5][0] + 0.2
    assert found[9.0][1] > found[0.5][1] + 0.05


def test_a_last_batch_of_one_text_gives_no_nan(backbone: Backbone) -> None:
    settings = MatVaeSettings(**{**TINY, "epochs": 2, "batch_texts": 35})
    model = MatVae(settings).fit(TASK, backbone, seed=0, progress=silent)
    assert np.isfinite(model.posterior(TEXTS).kl(model.prior)).all()


def test_settings_that_mean_nothing_are_refused() -> None:
    with pytest.raises(UserError, match="above 0"):
        HsvaeSettings(prior_on=0.0)
    with pytest.raises(UserError, match="above 0"):
        MatVaeSettings(prior_off=-1.0)


def test_variants_change_what_they_are_named_after() -> None:
    for model in (Hsvae, TextHsvae):
        assert model.settings_for("weight-1").kl_weight == 1
        assert model.settings_for().kl_weight == 0.01
        fitted = model(model.settings_for("beta-1-1"))
        assert fitted.prior == SpikeAndSlabPrior(32, 0.5)
        assert model().prior == SpikeAndSlabPrior(32, 0.8)
