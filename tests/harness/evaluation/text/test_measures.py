"""What is measured on models of texts, against closed forms and brute force."""

import tracemalloc
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_fakes import Deaf, LinearGaussian

from data.errors import UserError
from data.texts import TextDraw, TextTask
from harness.contract.scores import Score
from harness.evaluation.evaluation import Evaluation
from harness.evaluation.language import check, evaluate
from harness.evaluation.text import likelihood
from harness.evaluation.text.families import Gaussian, StandardGaussian
from harness.evaluation.text.information import active_units, mutual_information
from harness.evaluation.text.latents import FloatArray
from harness.evaluation.text.likelihood import elbo, importance_weighted, latent_use, words
from harness.evaluation.text.samples import on_line, prior_samples, rebuilt
from harness.system.progress import silent

TEXTS = tuple(f"{y:.3f}" for y in np.random.default_rng(3).normal(0, 1.6, size=40))


def brute_force(model: LinearGaussian, texts: tuple[str, ...]) -> FloatArray:
    """-log of the integral of p(x|z) p(z) over a fine grid of z."""
    grid = np.linspace(-9, 9, 20_001)
    latents = np.repeat(grid[:, None], len(texts), axis=1)[..., None]
    logs = (
        model.log_likelihood(texts, latents)
        + StandardGaussian(1).log_density(grid[:, None])[:, None]
    )
    return -np.log(np.exp(logs).sum(0) * (grid[1] - grid[0]))


def test_importance_weighting_agrees_with_brute_force_and_with_the_known_evidence() -> None:
    model = LinearGaussian()
    posterior = model.posterior(TEXTS)
    known = -model.log_evidence(TEXTS)
    assert np.allclose(brute_force(model, TEXTS), known, atol=1e-6)
    runs = np.stack(
        [importance_weighted(model, TEXTS, posterior, samples=500, seed=s) for s in range(12)]
    )
    error = runs.std(0, ddof=1) / len(runs) ** 0.5
    assert (np.abs(runs.mean(0) - known) < 5 * error + 2e-3).all()
    # Before: the bound of one sample is off by far more.
    bound = elbo(model, TEXTS, posterior, draws=500, seed=0).negative
    assert (bound - known).mean() > 20 * error.mean()


def test_more_samples_tighten_the_bound_in_the_mean() -> None:
    model = LinearGaussian()
    posterior = model.posterior(TEXTS)
    few, some, many = (
        np.mean(
            [importance_weighted(model, TEXTS, posterior, samples=k, seed=s) for s in range(20)]
        )
        for k in (1, 5, 50)
    )
    assert few > some > many > float(-model.log_evidence(TEXTS).mean()) - 1e-3


def test_memory_does_not_grow_with_the_samples() -> None:
    model, texts = LinearGaussian(), TEXTS * 20
    posterior = model.posterior(texts)
    peaks = []
    for samples in (10, 400):
        model.asked = 0
        tracemalloc.start()
        importance_weighted(model, texts, posterior, samples=samples, seed=0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert model.asked <= likelihood.CHUNK * len(texts)
    assert peaks[1] < 1.5 * peaks[0]


@pytest.mark.parametrize(("slope", "width"), [(1.0, 1.0), (2.0, 0.5), (0.3, 1.0)])
def test_mutual_information_agrees_with_the_closed_form(slope: float, width: float) -> None:
    """Means slope x of a standard x: the aggregate is Gaussian, I = 1/2 log(1 + slope^2/w^2)."""
    x = np.random.default_rng(0).standard_normal((4000, 1))
    posterior = Gaussian(slope * x, np.full_like(x, 2 * log(width)))
    found = mutual_information(posterior, draws=2, seed=0)
    assert found == pytest.approx(0.5 * log(1 + slope**2 / width**2), abs=0.03)


def test_mutual_information_is_capped_by_the_number_of_texts() -> None:
    far = Gaussian(np.arange(50.0)[:, None] * 100, np.zeros((50, 1)))
    assert mutual_information(far, draws=2, seed=0) == pytest.approx(log(50))
    same = Gaussian(np.zeros((50, 3)), np.zeros((50, 3)))
    assert mutual_information(same, draws=2, seed=0) == 0


def test_units_are_active_where_their_means_vary() -> None:
    random = np.random.default_rng(0)
    scale = np.array([1.0, 0.3, 0.05, 0.0])
    posterior = Gaussian(random.standard_normal((2000, 4)) * scale, np.zeros((2000, 4)))
    assert active_units(posterior, 0.01) == 2
    assert active_units(posterior, 0.2) == 1


def test_a_decoder_that_ignores_the_latent_makes_no_use_of_it() -> None:
    deaf, model = Deaf(), LinearGaussian()
    posterior = deaf.posterior(TEXTS)
    assert (latent_use(deaf, TEXTS, posterior, draws=3, seed=0) == 0).all()
    # Neither KL nor active units nor mutual information say so.
    assert posterior.kl(deaf.prior).sum(1).mean() > 0.1
    assert active_units(posterior, 0.01) == 1
    assert mutual_information(posterior, draws=4, seed=0) > 0.3
    assert latent_use(model, TEXTS, posterior, draws=3, seed=0).mean() > 1


@given(st.integers(2, 30), st.integers(0, 5))
def test_no_text_keeps_its_own_latent(count: int, seed: int) -> None:
    class Watcher(LinearGaussian):
        def log_likelihood(self, texts, latents):  # type: ignore[no-untyped-def]
            own, other = latents[..., 0]
            assert sorted(own) == sorted(other)
            assert (own != other).all()
            return super().log_likelihood(texts, latents)

    texts = tuple(f"{i:.1f}" for i in range(count))
    watcher = Watcher()
    latent_use(watcher, texts, watcher.posterior(texts), draws=1, seed=seed)


def test_use_of_one_text_is_refused() -> None:
    model = LinearGaussian()
    with pytest.raises(ValueError, match="one text"):
        latent_use(model, TEXTS[:1], model.posterior(TEXTS[:1]), draws=1, seed=0)


def test_kl_is_the_closed_form() -> None:
    random = np.random.default_rng(0)
    posterior = Gaussian(random.normal(size=(3, 2)), random.normal(size=(3, 2)))
    logs = np.zeros(3)
    for _ in range(40_000):
        z = posterior.sample(random)
        logs += posterior.log_density(z) - StandardGaussian(2).log_density(z)
    assert np.allclose(posterior.kl(StandardGaussian(2)).sum(1), logs / 40_000, atol=0.06)


def test_words_count_the_end() -> None:
    assert words(["a red cat", "dog"]) == 6


def test_reconstruction_and_lines_between() -> None:
    model = LinearGaussian(noise=0.01)
    exact = [f"{y:.1f}" for y in (0.5, 1.0, -2.0)]

    class Sure(LinearGaussian):
        def posterior(self, texts):  # type: ignore[no-untyped-def]
            mean = np.array([[float(t)] for t in texts]) / self.weight
            return Gaussian(mean, np.zeros_like(mean))

        def decode(self, latents):  # type: ignore[no-untyped-def]
            return [" ".join([text] * 5) for text in super().decode(latents)]

        def normalised(self, texts):  # type: ignore[no-untyped-def]
            return [" ".join([text] * 5) for text in super().normalised(texts)]

    sure = Sure()
    found = rebuilt(sure, exact)
    assert found[0] == 1
    assert found[1] == pytest.approx(100)
    assert rebuilt(model, ["9.0", "7.0"])[0] < 1
    line = on_line(sure, sure.posterior(["0.0", "3.0"]).mean, steps=4)
    assert [text.split()[0] for text in line] == ["0.0", "1.0", "2.0", "3.0"]
    assert len(prior_samples(sure, 5, seed=0)) == 5


def test_an_evaluation_has_every_measure_and_its_caps() -> None:
    model = LinearGaussian()
    draw = TextDraw(TextTask("toy", TEXTS[:5], TEXTS[:3]), TEXTS)
    check(draw)
    found = evaluate(model, draw, seed=0, pictures=False, progress=silent)
    values = {score.metric: score.value for score in found.scores}
    assert values["negative_elbo"] == pytest.approx(values["reconstruction"] + values["kl"])
    known = float(-model.log_evidence(TEXTS).mean())
    assert values["iw_nll"] == pytest.approx(known, abs=0.1)
    assert values["negative_elbo"] > values["iw_nll"]
    assert values["word_perplexity"] == pytest.approx(np.exp(values["iw_nll"] / 2))
    assert values["mutual_information_cap"] == pytest.approx(log(40))
    assert 0 < values["mutual_information"] < log(40)
    assert values["latent_use"] > 0
    with pytest.raises(UserError, match="give 10 at least"):
        check(TextDraw(draw.training, TEXTS[:4]))


def test_one_number_has_one_value() -> None:
    """Else tables and tests take whichever comes last."""

    class Twice(LinearGaussian):
        def scores(self) -> list[Score]:
            return [Score("kl", 1.0)]

    draw = TextDraw(TextTask("toy", TEXTS[:5], TEXTS[:3]), TEXTS)
    with pytest.raises(ValueError, match="kl is measured twice"):
        evaluate(Twice(), draw, seed=0, pictures=False, progress=silent)
    apart = (Score("kl", 1.0, "colour"), Score("kl", 1.0), Score("kl", 1.0, probe="linear"))
    assert Evaluation(scores=apart).scores == apart


def test_the_gap_of_a_few_texts_serves_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The importance-weighted likelihood from 10 texts' gaps is near that from all of them."""
    import harness.evaluation.language as language

    model, texts = LinearGaussian(), TEXTS * 5
    draw = TextDraw(TextTask("toy", texts[:5], texts[:3]), texts)

    def nll(few: int) -> float:
        monkeypatch.setattr(language, "WEIGHTED_TEXTS", few)
        found = language.evaluate(model, draw, seed=0, pictures=False, progress=silent)
        return next(s.value for s in found.scores if s.metric == "iw_nll")

    plain = importance_weighted(model, texts[:10], model.posterior(texts[:10]), samples=100, seed=0)
    whole = nll(len(texts))
    assert abs(nll(10) - whole) < 0.25
    assert abs(plain.mean() - whole) > abs(nll(10) - whole)
