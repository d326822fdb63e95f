"""Discrete latents: total correlation on toys that can be enumerated, costs, capacities."""

from itertools import product
from math import log

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.discrete_vae.discrete_vae import DiscreteVae
from baselines.discrete_vae.posterior import (
    MixedMaps,
    MixedPosterior,
    aggregate_terms,
    logs_of,
)
from baselines.discrete_vae.settings import DiscreteVaeSettings, JointVaeSettings
from baselines.text_vae.posteriors import DiagonalGaussian, GumbelCategorical
from data import tasks
from data.errors import UserError
from data.quotas import Sizes
from harness.encoders.backbones import Backbone
from harness.system.progress import silent

SURE = 30.0
"""A logit whose value is certain in float32."""


def one_hot(values: list[tuple[int, ...]], widths: tuple[int, ...]) -> Tensor:
    parts = [np.eye(w)[[row[k] for row in values]] for k, w in enumerate(widths)]
    return torch.tensor(np.hstack(parts), dtype=torch.float32)


def certain(codes: Tensor, widths: tuple[int, ...]) -> Tensor:
    return torch.cat([part.log_softmax(1) for part in (SURE * codes).split(list(widths), 1)], 1)


@pytest.mark.parametrize("copies", [2, 3, 5])
def test_copies_of_one_fair_bit_share_all_but_one(copies: int) -> None:
    codes = one_hot([(bit,) * copies for bit in (0, 1)], (2,) * copies)
    found, _ = aggregate_terms(codes, certain(codes, (2,) * copies), (2,) * copies, texts=2)
    assert found.item() == pytest.approx((copies - 1) * log(2), abs=1e-5)


@pytest.mark.parametrize("widths", [(2, 2), (2, 2, 2), (3, 2, 4)])
def test_independent_variables_share_nothing(widths: tuple[int, ...]) -> None:
    codes = one_hot(list(product(*map(range, widths))), widths)
    found, _ = aggregate_terms(codes, certain(codes, widths), widths, texts=len(codes))
    assert found.item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(("ones", "wanted"), [(2, 0.0), (1, log(2) - 0.562335), (0, log(2))])
def test_a_marginal_is_held_to_the_uniform_one(ones: int, wanted: float) -> None:
    """Two bits that are 1 in two of four texts, in one, or in none: log 2 less entropy, each."""
    codes = one_hot([(int(text < ones),) * 2 for text in range(4)], (2, 2))
    _, found = aggregate_terms(codes, certain(codes, (2, 2)), (2, 2), texts=4)
    assert found.item() == pytest.approx(2 * wanted, abs=1e-5)


def test_a_noisy_copy_has_the_mutual_information_of_both() -> None:
    """Second bit equal to the first with .9: log 2 - H(.9); expectation over the codes exact."""
    codes = one_hot([(a, b) for a in (0, 1) for b in (0, 1)], (2, 2))
    logs = torch.log(torch.tensor([[1 - 1e-9, 1e-9, 0.9, 0.1], [1e-9, 1 - 1e-9, 0.1, 0.9]]))
    # Texts in the shares in which their codes are drawn: nine, one, one, nine of twenty.
    index = [0] * 9 + [1] + [2] + [3] * 9
    texts = [0] * 10 + [1] * 10
    found, _ = aggregate_terms(codes[index], logs[texts], (2, 2), texts=20)
    entropy = -0.9 * log(0.9) - 0.1 * log(0.1)
    assert found.item() == pytest.approx(log(2) - entropy, abs=1e-4)


def test_small_batches_estimate_the_whole() -> None:
    """Batches of 16 of 64 texts whose third bit copies the first: log 2 by all, near it by some."""
    values = [(a, b, a) for a in (0, 1) for b in (0, 1)] * 16
    codes = one_hot(values, (2, 2, 2))
    logs = certain(codes, (2, 2, 2))
    random = np.random.default_rng(0)
    found = []
    for _ in range(200):
        index = random.permutation(64)[:16]
        found.append(aggregate_terms(codes[index], logs[index], (2, 2, 2), texts=64)[0].item())
    assert np.mean(found) == pytest.approx(log(2), abs=0.1)
    assert aggregate_terms(codes[:1], logs[:1], (2, 2, 2), texts=64)[0].item() == 0


def mean_correlation(
    codes: Tensor, logs: Tensor, widths: tuple[int, ...], recent: int, random: np.random.Generator
) -> float:
    """Of 40 batches of 64, with so many recent texts."""
    found = []
    for _ in range(40):
        i, j = random.integers(0, len(codes), 64), random.integers(0, len(codes), recent)
        estimate, _ = aggregate_terms(codes[i], logs[i], widths, texts=19_683, recent=logs[j])
        found.append(estimate.item())
    return float(np.mean(found))


def test_recent_texts_tell_how_often_a_code_is_drawn() -> None:
    """Without them, the control, few texts share a code, and the estimate is far below the truth.

    19,683 texts, 27 with each value of six independent factors of three, in batches of 64; then one
    factor is coded twice, then three, then all are.
    """
    factors = np.array(list(product(range(3), repeat=6)))
    random = np.random.default_rng(0)
    for twice in (0, 1, 3, 6):
        columns = [*range(6), *range(twice)]
        widths = (3,) * len(columns)
        codes = one_hot([tuple(row) for row in factors[:, columns]], widths)
        logs = certain(codes, widths)

        found = {
            recent: mean_correlation(codes, logs, widths, recent, random) for recent in (0, 4096)
        }
        assert found[4096] == pytest.approx(twice * log(3), abs=0.15)
        assert found[0] < twice * log(3) - 2


def test_recent_texts_are_those_of_training_and_are_left_behind() -> None:
    settings = DiscreteVaeSettings()
    maps = MixedMaps(5, (2, 3), settings)
    pooled = torch.randn(7, 5, generator=torch.Generator().manual_seed(0))
    first = maps.train()(pooled)
    assert first.recent is not None
    assert len(first.recent) == 0
    assert maps(pooled).recent.shape == (7, 5)
    assert torch.allclose(maps.recent.exp().sum(1), torch.tensor(2.0))
    maps.eval()(pooled)
    assert len(maps.recent) == 14
    # A training that goes on has them, and what is stored of one that has ended has none.
    again = MixedMaps(5, (2, 3), settings)
    again.load_state_dict(maps.state_dict())
    assert torch.equal(again.recent, maps.recent)
    maps.forget()
    assert len(maps.state_dict()["recent"]) == 0
    older = {name: part for name, part in maps.state_dict().items() if name != "recent"}
    MixedMaps(5, (2, 3), settings).load_state_dict(older)
    # Nobody asks where total correlation is free.
    free = MixedMaps(5, (2, 3), DiscreteVaeSettings(tc_weight=0.0)).train()
    free(pooled)
    assert len(free.recent) == 0


def test_no_more_texts_are_kept_than_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baselines.discrete_vae.posterior.RECENT_TEXTS", 10)
    maps = MixedMaps(5, (2, 3), DiscreteVaeSettings()).train()
    for seed in range(3):
        pooled = torch.randn(7, 5, generator=torch.Generator().manual_seed(seed))
        last = maps(pooled)
    assert last.categorical is not None
    assert torch.equal(maps.recent[-7:], logs_of(last.categorical).detach())
    assert len(maps.recent) == 10


def test_without_a_target_little_shared_is_better_than_much() -> None:
    """Of estimates below 0 too, as of small batches of many codes."""
    alone = one_hot([(a, b) for a in range(8) for b in range(8)], (8, 8))
    twice = one_hot([(a, a) for a in range(8) for _ in range(8)], (8, 8))
    settings = DiscreteVaeSettings(kl_weight=0.0, annealing="none")
    costs = {}
    for name, codes in (("alone", alone), ("twice", twice)):
        own = GumbelCategorical(SURE * codes[::5], (8, 8), 0.5, True)
        costs[name] = float(MixedPosterior(None, own, settings).drawn(texts=6400, share=1).penalty)
    assert costs["alone"] < 0
    assert costs["alone"] < costs["twice"] - 1


def categorical(settings: DiscreteVaeSettings) -> MixedPosterior:
    logits = SURE * one_hot([(0, 0), (1, 1)], (2, 2))
    return MixedPosterior(None, GumbelCategorical(logits, (2, 2), 0.5, settings.hard), settings)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        # The KL of two certain bits is 2 log 2, of which log 2 is total correlation.
        ({"tc_weight": 0.0}, -0.3 * log(2)),
        ({"tc_weight": 0.3}, 0.0),
        ({"tc_weight": 2.0}, 1.7 * log(2)),
        ({"tc_weight": 2.0, "tc_target": log(2)}, -0.3 * log(2)),
        ({"tc_weight": 2.0, "tc_target": 3 * log(2)}, 3.7 * log(2)),
    ],
)
@pytest.mark.parametrize("hard", [True, False])
def test_total_correlation_has_its_own_weight(
    changes: dict[str, float], wanted: float, hard: bool
) -> None:
    settings = DiscreteVaeSettings(kl_weight=0.3, annealing="none", hard=hard, **changes)
    drawn = categorical(settings).drawn(texts=2, share=0.0)
    assert drawn.kl.sum(1).mean().item() == pytest.approx(2 * log(2), abs=1e-4)
    assert float(drawn.penalty) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize(("changes", "wanted"), [({}, 0.2), ({"marginal_weight": 1.0}, 0.7)])
def test_marginals_have_their_own_weight(changes: dict[str, float], wanted: float) -> None:
    """All KL of two bits that are always 0 is their marginals'; joint-vae has no weight for it."""
    own = GumbelCategorical(SURE * one_hot([(0, 0), (0, 0)], (2, 2)), (2, 2), 0.5, True)
    settings = DiscreteVaeSettings(kl_weight=0.3, annealing="none", **changes)
    drawn = MixedPosterior(None, own, settings).drawn(texts=2, share=0.0)
    assert drawn.kl.sum(1).mean().item() == pytest.approx(2 * log(2), abs=1e-4)
    assert float(drawn.penalty) == pytest.approx(wanted * 2 * log(2), abs=1e-4)
    others = JointVaeSettings(kl_weight=0.3, annealing="none", capacity=0.0)
    kept = MixedPosterior(None, own, others).drawn(texts=2, share=0.0)
    assert float(kept.penalty) == pytest.approx(0, abs=1e-4)


def test_the_part_that_is_taken_back_is_annealed_as_the_kl_is() -> None:
    settings = DiscreteVaeSettings(kl_weight=0.4, tc_weight=0.0)
    posterior = categorical(settings)
    found = [float(posterior.drawn(texts=2, share=share).penalty) for share in (0.0, 0.25, 0.9)]
    assert found == pytest.approx([0, -0.2 * log(2), -0.4 * log(2)], abs=1e-4)
    # At the weight of the KL nothing is taken back, at any step.
    plain = categorical(DiscreteVaeSettings(kl_weight=0.4, tc_weight=0.4))
    for share in (0.0, 0.25, 0.9):
        assert float(plain.drawn(texts=2, share=share).penalty) == pytest.approx(0, abs=1e-4)


def test_the_pressure_reaches_the_encoder() -> None:
    logits = torch.zeros(4, 4).normal_(generator=torch.Generator().manual_seed(1))
    own = GumbelCategorical(logits.requires_grad_(), (2, 2), 0.5, True)
    posterior = MixedPosterior(None, own, DiscreteVaeSettings(tc_weight=1.0))
    torch.manual_seed(0)
    penalty = posterior.drawn(texts=9, share=0.9).penalty
    assert isinstance(penalty, Tensor)
    (gradient,) = torch.autograd.grad(penalty, logits)
    assert gradient.isfinite().all()
    assert gradient.abs().sum() > 0


def test_capacities_rise_and_hold() -> None:
    gaussian = DiagonalGaussian(torch.full((2, 1), 2.0), torch.zeros(2, 1))
    categories = GumbelCategorical(SURE * one_hot([(0,), (1,)], (2,)), (2,), 0.5, True)
    settings = DiscreteVaeSettings(capacity=5.0, capacity_weight=3.0, annealing_share=0.5)
    costs = []
    for share in (0.0, 0.25, 0.5, 1.0):
        drawn = MixedPosterior(gaussian, categories, settings).drawn(texts=2, share=share)
        assert drawn.kl.abs().sum() == 0
        assert drawn.latents.shape == (2, 3)
        costs.append(float(drawn.penalty))
    # KLs of 2 and log 2 nats against 0, 1.25, and 2.5 each.
    later = 3 * (0.5 + 2.5 - log(2))
    wanted = [3 * (2 + log(2)), 3 * (0.75 + 1.25 - log(2)), later, later]
    assert costs == pytest.approx(wanted, abs=1e-4)
    drawn = MixedPosterior(gaussian, categories, DiscreteVaeSettings()).drawn(texts=2, share=0.0)
    assert float(drawn.penalty) == 0
    assert drawn.kl.sum(1).tolist() == pytest.approx([2 + log(2)] * 2, abs=1e-4)


def test_latents_can_be_like_the_factors_where_these_are_known(backbone: Backbone) -> None:
    task = tasks.find("dsentences-factors")
    draw = task.draw(task.load(None), seed=1, sizes=Sizes(48, 16, 24))
    model = DiscreteVae(DiscreteVae.settings_for("like-factors", "smoke", kind="factors"))
    assert model.supports(draw.training) is None
    model.fit(draw.training, backbone, seed=0, progress=silent)
    posterior = model.posterior(draw.evaluation.texts)
    assert posterior.blocks == tuple(draw.training.values.values()) == (12, 2, 2, 2, 3, 2, 6)
    assert np.allclose(posterior.mean.sum(1), 7)
    captions = tasks.find("captions-lm")
    texts = captions.draw(captions.load(None), seed=1, sizes=Sizes(4, 2, 2)).training
    assert "not known" in str(model.supports(texts))


def test_settings_that_would_mean_nothing_are_refused() -> None:
    with pytest.raises(UserError, match="leave both at 0"):
        DiscreteVaeSettings(free_bits=0.5)
    with pytest.raises(UserError, match="temperature"):
        DiscreteVaeSettings(temperature=0.0)
