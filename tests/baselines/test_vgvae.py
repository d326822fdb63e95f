"""The autoencoder on a sphere: its distributions, each term of its objective, and its latents."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch import Tensor
from toys import make_triplets

from baselines.vgvae import training
from baselines.vgvae.model import VgvaeSettings
from baselines.vgvae.sphere import draw, kl_from_uniform
from baselines.vgvae.training import discriminative_loss, position_loss
from baselines.vgvae.vgvae import Vgvae
from data.triplets import TripletTask
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import tokenise
from harness.system.progress import silent

SMALL = replace(
    Vgvae.settings_for("default", "smoke"), steps=60, batch_pairs=12, target_tokens=16, dropout=0.0
)


@pytest.fixture(scope="module")
def task() -> TripletTask:
    return make_triplets()


def fitted(task: TripletTask, backbone: Backbone, **changes: float) -> Vgvae:
    settings = replace(SMALL, **changes)
    return Vgvae(settings).fit(task, backbone, seed=0, progress=silent)


def terms(method: Vgvae, task: TripletTask, backbone: Backbone) -> dict[str, float]:
    """Every term on the validation pairs, whatever the method was trained with."""
    tokens = tokenise(backbone, task.valid.texts[: 2 * len(task.valid)], SMALL.max_tokens)
    index = np.arange(len(task.valid), dtype=np.int64)
    found: dict[str, list[float]] = {}
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        for _ in range(4):
            measured = training.terms(method._model, method._vocabulary, tokens, index, SMALL)
            for name, value in measured.items():
                found.setdefault(name, []).append(float(value))
    return {name: float(np.mean(values)) for name, values in found.items()}


@pytest.mark.parametrize("size", [3, 10, 50])
@pytest.mark.parametrize("concentration", [1.0, 7.0, 60.0])
def test_kl_agrees_with_the_integral(size: int, concentration: float) -> None:
    # Along the mean the density of both is that of the cosine, and across it both are uniform.
    def weight(w: float, kappa: float) -> float:
        return float(np.exp(kappa * (w - 1)) * (1 - w * w) ** ((size - 3) / 2))

    own, uniform = (quad(weight, -1, 1, args=(kappa,))[0] for kappa in (concentration, 0.0))

    def integrand(w: float) -> float:
        p = weight(w, concentration) / own
        return p * (concentration * (w - 1) - np.log(own) + np.log(uniform))

    found = kl_from_uniform(torch.tensor([concentration]), size)
    assert found.item() == pytest.approx(quad(integrand, -1, 1)[0], rel=1e-3, abs=1e-4)


def test_kl_rises_with_the_concentration_and_has_its_slope() -> None:
    kappa = torch.tensor([1.0, 5.0, 20.0, 80.0], requires_grad=True)
    kl = kl_from_uniform(kappa, 20)
    assert (kl.diff() > 0).all()
    assert (kl > 0).all()
    kl.sum().backward()
    step = 1e-2
    with torch.no_grad():
        around = kl_from_uniform(kappa + step, 20) - kl_from_uniform(kappa - step, 20)
    assert kappa.grad is not None
    assert torch.allclose(kappa.grad, around / (2 * step), rtol=0.02, atol=1e-4)


@pytest.mark.parametrize("concentration", [2.0, 30.0])
def test_draws_lie_on_the_sphere_around_their_mean(concentration: float) -> None:
    size, count = 8, 4000
    mean = torch.nn.functional.normalize(torch.arange(1.0, size + 1), dim=0)
    kappa = torch.full((count,), concentration, requires_grad=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        drawn = draw(mean.expand(count, -1), kappa)
    assert torch.allclose(drawn.norm(dim=1), torch.ones(count), atol=1e-4)
    cosine = drawn @ mean

    # The mean length is the slope of the log normaliser; here by its integral.
    def weight(w: float) -> float:
        return float(np.exp(concentration * (w - 1)) * (1 - w * w) ** ((size - 3) / 2))

    expected = quad(lambda w: w * weight(w), -1, 1)[0] / quad(weight, -1, 1)[0]
    assert cosine.mean().item() == pytest.approx(expected, abs=0.02)
    across = drawn - cosine[:, None] * mean
    assert across.mean(0).norm().item() < 0.05
    cosine.sum().backward()
    assert kappa.grad is not None
    # A higher concentration draws nearer to the mean.
    assert (kappa.grad > 0).float().mean() > 0.95


def test_discriminative_loss_by_hand() -> None:
    first = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert discriminative_loss(first, first, margin=0.4) == 0
    # Each is as far from its own as from the other: the margin is missed twice by all of it.
    second = torch.nn.functional.normalize(torch.tensor([[1.0, 1.0], [1.0, 1.0]]), dim=1)
    assert discriminative_loss(first, second, margin=0.4).item() == pytest.approx(0.8)
    assert discriminative_loss(first[:1], second[:1], margin=0.4) == 0


def test_position_loss_leaves_padding_out() -> None:
    logits = torch.full((1, 3, 5), -50.0)
    logits[0, 0, 0] = logits[0, 1, 1] = 50.0
    mask = torch.tensor([[1, 1, 0]])
    assert position_loss(logits, mask).item() == pytest.approx(0, abs=1e-6)
    assert position_loss(logits, torch.ones(1, 3)).item() > 1e-3


@pytest.fixture(scope="module")
def whole(task: TripletTask, backbone: Backbone) -> dict[str, float]:
    return terms(fitted(task, backbone), task, backbone)


@pytest.mark.parametrize(
    ("term", "changes"),
    [
        ("discriminative", {"discriminative": 0.0}),
        ("position", {"position": 0.0}),
        ("paraphrase", {"paraphrase": 0.0, "discriminative": 0.0}),
        ("reconstruction", {"reconstruction": 0.0, "paraphrase": 0.0}),
    ],
)
def test_without_a_term_its_number_is_higher(
    term: str,
    changes: dict[str, float],
    task: TripletTask,
    backbone: Backbone,
    whole: dict[str, float],
) -> None:
    without = terms(fitted(task, backbone, **changes), task, backbone)
    assert without[term] > whole[term] + 0.01


@pytest.mark.parametrize("term", ["semantic_kl", "syntactic_kl"])
def test_a_heavy_kl_is_lower(
    term: str, task: TripletTask, backbone: Backbone, whole: dict[str, float]
) -> None:
    heavy = terms(fitted(task, backbone, **{term: 1.0}), task, backbone)
    assert heavy[term] < 0.9 * whole[term]


def test_the_loss_is_the_weighted_sum(task: TripletTask, backbone: Backbone) -> None:
    settings = VgvaeSettings(paraphrase=2.0, position=0.5)
    method = fitted(task, backbone, steps=0)
    tokens = tokenise(backbone, task.valid.texts[: 2 * len(task.valid)], 32)
    pairs = np.arange(8, dtype=np.int64)
    found = training.terms(method._model, method._vocabulary, tokens, pairs, settings)
    assert len(found) == 6
    total = sum(getattr(settings, name) * float(value) for name, value in found.items())
    assert float(training.weighted(found, settings)) == pytest.approx(total, rel=1e-5)


def test_a_paraphrase_lends_its_meaning_and_not_its_form(
    task: TripletTask, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decoder sees a sentence's own meaning first, then that of the other one of its pair."""
    method = fitted(task, backbone, steps=1)
    tokens = tokenise(backbone, task.train.texts[: 2 * len(task.train)], SMALL.max_tokens)
    seen: list[Tensor] = []
    written = method._model.written

    def noted(latents: Tensor, *rest: Tensor) -> tuple[Tensor, Tensor]:
        seen.append(latents.detach())
        return written(latents, *rest)

    monkeypatch.setattr(method._model, "written", noted)
    pairs = np.arange(3, dtype=np.int64)
    training.terms(method._model, method._vocabulary, tokens, pairs, SMALL)
    own, lent = seen
    size = SMALL.semantic_size
    assert torch.equal(lent[:3, :size], own[3:, :size])
    assert torch.equal(lent[3:, :size], own[:3, :size])
    assert not torch.equal(lent[:, :size], own[:, :size])
    assert torch.equal(lent[:, size:], own[:, size:])


def test_latents_part_meaning_from_form(task: TripletTask, backbone: Backbone) -> None:
    method = fitted(task, backbone, steps=150)
    nearer = {}
    for aspect in ("semantics", "syntax"):
        z0, z1, z2 = np.split(method.encode(task.valid.texts, aspect), 3)
        near, far = (np.linalg.norm(z0 - z, axis=1) for z in (z1, z2))
        nearer[aspect] = float((near < far).mean())
    assert nearer["semantics"] > 0.9
    assert nearer["syntax"] < 0.5
