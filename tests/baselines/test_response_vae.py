"""`response-vae`: what is made of K draws, and that its likelihoods are those of the model."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from baselines.gaussian import Gaussian
from baselines.response_vae import model as response_model
from baselines.response_vae.response_vae import ResponseVae
from baselines.response_vae.settings import ResponseVaeSettings
from baselines.response_vae.training import bound
from baselines.text_vae.posteriors import most_probable, taken
from baselines.text_vae.sequences import Batch
from data import tasks
from data.errors import UserError
from data.quotas import Sizes
from data.responses import Contexts, ResponseDraw
from harness.encoders import encoding
from harness.encoders.backbones import Backbone
from harness.evaluation import check, evaluate
from harness.system.progress import silent
from harness.training import steps


class Known:
    """Nats of a response that is a standard number beside its latent: a toy with known answers."""

    def nats(self, decoded: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
        return 0.5 * (decoded - latents).square().sum(1) + 0.5 * math.log(math.tau)


@pytest.fixture
def draw() -> ResponseDraw:
    task = tasks.find("dialogue")
    drawn = task.draw(task.load(None), seed=0, sizes=Sizes(12, 4, 12))
    assert isinstance(drawn, ResponseDraw)
    return drawn


def settings(**changes: object) -> ResponseVaeSettings:
    return replace(ResponseVae.settings_for("default", "smoke"), **changes)


def test_the_most_probable_of_the_draws_is_taken_for_each_response() -> None:
    drawn = torch.tensor([[[0.0], [5.0]], [[3.0], [1.0]], [[-2.0], [-4.0]]])
    responses = torch.tensor([[2.5], [-3.0]])
    best = most_probable(lambda each: Known().nats(responses, each), drawn)
    assert taken(drawn, best).tolist() == [[3.0], [-4.0]]


def test_the_bound_rises_with_its_draws_to_the_likelihood_and_one_draw_is_the_elbo() -> None:
    # y ~ N(z, 1), z ~ N(1, 4): y ~ N(1, 5). The posterior is off on purpose.
    target = torch.tensor([[2.0]]).expand(4000, 1)
    prior = Gaussian(torch.ones(4000, 1), torch.full((4000, 1), math.log(4)))
    units = Gaussian(torch.zeros(4000, 1), torch.full((4000, 1), math.log(0.5)))
    torch.manual_seed(0)
    exact = 0.5 * math.log(math.tau * 5) + 0.5 * (2 - 1) ** 2 / 5
    found = {}
    for count in (1, 5, 50):
        drawn = torch.stack([units.sample() for _ in range(count)])
        nats = bound(Known(), target, prior, units, drawn)  # type: ignore[arg-type]
        found[count] = float(nats.mean())
    kl = float(units.kl().sum(1).mean())
    # E 1/2 (2 - z)^2 with z = 1 + 2u, u ~ N(0, .5).
    elbo = 0.5 * (1 + 4 * 0.5) + 0.5 * math.log(math.tau) + kl
    assert found[1] == pytest.approx(elbo, abs=0.1)
    assert found[1] > found[5] > found[50] > exact - 0.01
    assert found[50] == pytest.approx(exact, abs=0.03)


def test_units_of_the_prior_keep_divergence_and_density() -> None:
    prior = Gaussian(torch.tensor([[1.0, -2.0]]), torch.tensor([[0.3, 1.2]]))
    posterior = Gaussian(torch.tensor([[0.4, 0.0]]), torch.tensor([[-1.0, 0.5]]))
    units = posterior.relative_to(prior)
    normal = torch.distributions.Normal
    q = normal(posterior.mean, (0.5 * posterior.log_variance).exp())
    p = normal(prior.mean, (0.5 * prior.log_variance).exp())
    torch.testing.assert_close(units.kl(), torch.distributions.kl_divergence(q, p))
    point = torch.tensor([[0.2, -0.7]])
    ours = units.log_density(point) - Gaussian(torch.zeros(1, 2), torch.zeros(1, 2)).log_density(
        point
    )
    z = prior.at(point)
    torch.testing.assert_close(ours, (q.log_prob(z) - p.log_prob(z)).sum(1))


def test_with_one_draw_all_three_ways_but_the_bound_are_one(
    draw: ResponseDraw, backbone: Backbone
) -> None:
    fitted = [
        ResponseVae(settings(samples=1, draws=how)).fit(
            draw.training, backbone, seed=1, progress=silent
        )
        for how in ("best", "averaged")
    ]
    latents = np.zeros((1, 12, 8))
    first, second = (m.log_likelihood(draw.evaluation.firsts(), latents) for m in fitted)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("variant", ["default", *ResponseVae.variants])
def test_every_variant_is_trained_and_measured(
    variant: str, draw: ResponseDraw, backbone: Backbone
) -> None:
    model = ResponseVae(ResponseVae.settings_for(variant, "smoke"))
    model.fit(draw.training, backbone, seed=0, progress=silent)
    found = evaluate("responses", model, draw, seed=0, pictures=False, progress=silent)
    values = {score.metric: score.value for score in found.scores}
    assert values["kl"] >= 0
    assert values["negative_elbo"] >= values["iw_nll"] - 0.5
    assert 0 <= values["distinct_1"] <= 1
    assert values["references"] == 8


def test_the_likelihood_is_of_the_response_after_its_context(
    draw: ResponseDraw, backbone: Backbone
) -> None:
    model = ResponseVae(settings()).fit(draw.training, backbone, seed=0, progress=silent)
    replies = draw.evaluation.firsts()
    latents = np.zeros((1, len(replies), 8))
    own = model.log_likelihood(replies, latents)
    other = tuple(r._replace(context=replies[i - 1].context) for i, r in enumerate(replies))
    assert np.abs(own - model.log_likelihood(other, latents)).max() > 1e-4


def test_what_cannot_be_is_refused(draw: ResponseDraw) -> None:
    with pytest.raises(UserError, match="draws 'worst' is unknown; use one of best"):
        ResponseVaeSettings(draws="worst")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="a bound has no KL to weigh"):
        ResponseVaeSettings(draws="bound", annealing="cyclical")
    for impossible in ({"annealing_share": 0.0}, {"cycles": 0}):
        with pytest.raises(UserError, match="a share above 0"):
            ResponseVaeSettings(annealing="cyclical", **impossible)
    with pytest.raises(UserError, match="0 samples are no draw"):
        ResponseVaeSettings(samples=0)
    few = replace(draw, evaluation=Contexts(("a?",), (("b.",),)))
    with pytest.raises(UserError, match="has 1 evaluation contexts; give 10 at least"):
        check("responses", few)


def test_texts_of_unlike_length_are_read_apart_and_read_the_same(
    backbone: Backbone, draw: ResponseDraw, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = ResponseVae(settings()).fit(draw.training, backbone, seed=0, progress=silent)
    model = fitted.model
    lengths = [3, 20, 4, 22, 5]
    ids = torch.randint(5, 20, (len(lengths), max(lengths)))
    mask = (torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]).long()
    batch = Batch(ids, mask, ids, ids, mask)
    seen: list[tuple[int, ...]] = []
    states = type(model.pair).states

    def watched(pair: Any, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(ids.shape))
        return states(pair, ids, mask)

    monkeypatch.setattr(type(model.pair), "states", watched)
    monkeypatch.setattr(encoding, "PART_TEXTS", 3)
    apart = model.read(batch).states
    assert seen == [(3, 5), (2, 22)]
    monkeypatch.setattr(response_model, "length_parts", lambda mask: [])
    together = model.read(batch).states
    assert seen[2:] == [(5, 22)]
    there = mask.bool()
    torch.testing.assert_close(apart[there].float(), together[there].float(), atol=0.05, rtol=0.05)
    apart[there].sum().backward()
    assert model.pair.embedding.weight.grad is not None


def test_references_are_cut_into_words_as_responses_are(
    backbone: Backbone, draw: ResponseDraw
) -> None:
    fitted = ResponseVae(settings()).fit(draw.training, backbone, seed=0, progress=silent)
    assert fitted.normalised(["i don't know!"]) == fitted.normalised(["i don ' t  know !"])


def test_a_killed_training_goes_on_to_the_equal_result_and_leaves_nothing(
    backbone: Backbone, draw: ResponseDraw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "CHECKPOINT_STEPS", 2)
    replies = draw.evaluation.firsts()

    def likelihood(model: ResponseVae) -> np.ndarray:
        return model.log_likelihood(replies, np.zeros((1, len(replies), model.latent_size)))

    whole = ResponseVae(settings()).fit(draw.training, backbone, seed=0, progress=silent)
    broken = ResponseVae(settings())
    broken.checkpoint = tmp_path / "a"

    def killed(done: int, total: int, **metrics: Any) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken.fit(draw.training, backbone, seed=0, progress=killed)
    seen: list[int] = []
    again = ResponseVae(settings())
    again.checkpoint = broken.checkpoint
    again.fit(draw.training, backbone, seed=0, progress=lambda done, *_, **m: seen.append(done))
    assert seen == [3, 4]
    assert not again.checkpoint.exists()
    np.testing.assert_array_equal(likelihood(again), likelihood(whole))
