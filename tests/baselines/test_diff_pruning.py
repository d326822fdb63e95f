"""Sparse weight differences: their gates, their adversaries and what is stored of them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from baselines.diff_pruning import (
    DiffPruning,
    final_gate,
    gate_draw,
    open_probability,
    pack,
    unpack,
)
from baselines.untuned import Untuned
from data.errors import UserError
from harness.system.progress import silent
from harness.training.sources import LabelledBatch
from tests.baselines.test_adapters import in_letters
from tests.harness.families import FAMILIES, of_family

SMALL = {
    "steps": 6,
    "batch_texts": 8,
    "max_tokens": 24,
    "layers": 2,
    "difference_rate": 0.02,
    "sparsity": 1.0,
    "gate_rate": 0.5,
}
TEXTS = ("some text", "another text that is longer", "a third")


def fitted(task, backbone, *, seed=0, **changes) -> DiffPruning:
    settings = DiffPruning.Settings(**{**SMALL, **changes})
    return DiffPruning(settings).fit(task, backbone, seed=seed, progress=silent)


def found(method: DiffPruning, metric: str) -> dict[tuple[str, str], float]:
    return {(s.representation, s.factor): s.value for s in method.scores() if s.metric == metric}


@pytest.mark.parametrize("alpha", [-3.0, -0.5, 0.0, 1.0, 3.0])
def test_expected_l0_is_the_share_of_draws_that_are_open(alpha: float) -> None:
    draws = 200_000
    alphas = torch.full((draws,), alpha)
    noise = torch.rand(draws, generator=torch.Generator().manual_seed(0))
    gates = gate_draw(alphas, noise)
    opened = (gates > 0).float().mean().item()
    expected = open_probability(alphas)[0].item()
    # Five standard errors of the share.
    assert opened == pytest.approx(expected, abs=5 * (expected * (1 - expected) / draws) ** 0.5)
    assert 0 <= gates.min() <= gates.max() <= 1
    logits = noise.clamp(1e-6, 1 - 1e-6).logit()
    written = ((logits + alpha).sigmoid() * 3 - 1.5).clamp(0, 1)
    torch.testing.assert_close(gates, written, atol=1e-4, rtol=0)


def test_the_gradient_of_a_draw_is_that_of_its_formula() -> None:
    noise = torch.rand(1000, generator=torch.Generator().manual_seed(0)).clamp(1e-3, 1 - 1e-3)
    alpha = torch.linspace(-4, 4, 1000, requires_grad=True)
    weights = torch.linspace(-1, 1, 1000)
    (gate_draw(alpha, noise) * weights).sum().backward()
    other = alpha.detach().clone().requires_grad_(True)
    (((noise.logit() + other).sigmoid() * 3 - 1.5).clamp(0, 1) * weights).sum().backward()
    torch.testing.assert_close(alpha.grad, other.grad, atol=1e-4, rtol=1e-3)
    assert alpha.grad.abs().max() > 0.1


def test_final_gates_are_whole_where_training_leaves_them_alone() -> None:
    assert final_gate(torch.tensor([5.0, -5.0])).tolist() == [1.0, 0.0]
    assert 0 < final_gate(torch.tensor(0.5)) < 1


def test_closed_gates_leave_the_untuned_encoder(toy_task, backbone) -> None:
    method = fitted(toy_task(), backbone, steps=0)
    untuned = Untuned(Untuned.Settings(max_tokens=24))
    untuned.fit(toy_task(), backbone, seed=0, progress=silent)
    plain = untuned.encode(TEXTS, "colour")
    np.testing.assert_allclose(method.encode(TEXTS, "colour"), plain, atol=0.02)
    outputs = {}
    random = torch.Generator().manual_seed(0)
    for alpha in (-5.0, 5.0):
        with torch.no_grad():
            for changed in method._layers.maps:
                changed.differences[0].normal_(0, 0.1, generator=random)
                changed.gates[0].fill_(alpha)
        method._layers.freeze()
        outputs[alpha] = method.encode(TEXTS, "colour")
    np.testing.assert_allclose(outputs[-5.0], plain, atol=0.02)
    assert np.abs(outputs[5.0] - plain).max() > 0.1


def test_a_larger_penalty_gives_a_sparser_difference_and_a_smaller_artifact(
    toy_task, backbone, tmp_path
) -> None:
    densities, sizes = [], []
    for penalty in (0.0, 1.0, 1e5):
        method = fitted(toy_task(), backbone, steps=30, sparsity=penalty)
        shares = found(method, "difference_density")
        assert set(shares) == {("colour", ""), ("animal", "")}
        densities.append(float(np.mean(list(shares.values()))))
        folder = tmp_path / str(penalty)
        folder.mkdir()
        method.save(folder)
        tensors = load_file(folder / "model.safetensors").items()
        packed = [t for name, t in tensors if not name.startswith("head.")]
        sizes.append(sum(t.numel() * t.element_size() for t in packed))
    assert densities[0] > 0.9
    assert densities[0] > densities[1] > densities[2]
    assert densities[2] < 0.1
    entries = 2 * 2 * 12 * 32 * 32 * 2 // 3
    for density, size in zip(densities, sizes, strict=True):
        # Three bytes an entry, and one for each long run of zeros.
        assert 3 * density * entries <= size <= 3 * density * entries + entries / 255 + 2


def test_a_gradient_reaches_the_difference_of_its_own_aspect_alone(toy_task, backbone) -> None:
    task = toy_task()
    method = fitted(task, backbone, steps=0)
    for changed in method._layers.maps:
        changed.thaw()
        torch.nn.init.constant_(changed.differences[1], 0.01)
        torch.nn.init.zeros_(changed.gates[1])
    prefixes = method._layers.split.prefixes(task.train.texts, 24)
    vectors = method._layers.vectors(prefixes.batch(np.arange(16)), 1)
    labels = {name: torch.from_numpy(codes[:16]) for name, codes in task.train.labels.items()}
    batch = LabelledBatch(np.arange(16), labels, method.settings)
    method._loss("animal", vectors, batch, 0).backward()
    reached = {
        (part, position)
        for changed in method._layers.maps
        for part in ("differences", "gates")
        for position, learned in enumerate(getattr(changed, part))
        if learned.grad is not None and learned.grad.abs().max() > 0
    }
    assert reached == {("differences", 1), ("gates", 1)}
    learned = {id(p) for changed in method._layers.maps for p in changed.parameters()}
    asking = {id(p) for p in method._layers.split.suffix.parameters() if p.requires_grad}
    assert asking == learned


def test_the_reversed_gradient_weakens_the_adversaries(toy_task, backbone) -> None:
    accuracies = {}
    for reversal in (0.0, 3.0):
        method = fitted(
            toy_task(16),
            backbone,
            steps=80,
            batch_texts=16,
            token_share=1.0,
            difference_rate=3e-3,
            sparsity=0.0,
            reversal=reversal,
            adversaries=2,
            adversary_rate=5e-3,
            dropout=0.0,
        )
        values = found(method, "adversary_accuracy")
        assert set(values) == {("colour", "animal"), ("animal", "colour")}
        accuracies[reversal] = values["colour", "animal"]
    assert accuracies[0.0] > 0.75
    assert accuracies[3.0] < accuracies[0.0] - 0.15


def test_three_aspects_loaded_are_equal_and_not_untuned(toy_task, backbone, tmp_path) -> None:
    task = toy_task(2, (2, 3, 4))
    method = fitted(task, backbone)
    assert len(found(method, "adversary_accuracy")) == 6
    method.save(tmp_path)
    loaded = DiffPruning().load(tmp_path, backbone)
    start = fitted(task, backbone, steps=0)
    for aspect in ("colour", "animal", "size"):
        np.testing.assert_array_equal(loaded.encode(TEXTS, aspect), method.encode(TEXTS, aspect))
        assert np.abs(loaded.encode(TEXTS, aspect) - start.encode(TEXTS, aspect)).max() > 0.05
    assert loaded.trainable_parameters == method.trainable_parameters
    assert found(loaded, "difference_density") == found(method, "difference_density")
    tensors = load_file(tmp_path / "model.safetensors")
    tensors["values.colour"] = tensors["values.colour"][:-1].clone()
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(UserError, match="no artifact that this version reads"):
        DiffPruning().load(tmp_path, backbone)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_learns(family: str, toy_task, backbone) -> None:
    encoder, task = of_family(family, backbone), in_letters(toy_task())
    before = {k: v.clone() for k, v in encoder.model.state_dict().items()}
    method = fitted(task, encoder, max_tokens=12)
    start = fitted(task, encoder, max_tokens=12, steps=0)
    colour = method.encode(TEXTS, "colour")
    assert np.isfinite(colour).all()
    assert np.abs(colour - start.encode(TEXTS, "colour")).max() > 0.05
    assert np.abs(colour - method.encode(TEXTS, "animal")).max() > 0.05
    assert all(torch.equal(before[k], v) for k, v in encoder.model.state_dict().items())


@given(
    gaps=st.lists(st.sampled_from([0, 1, 100, 254, 255, 256, 510, 1000]), max_size=6),
    rest=st.integers(0, 300),
)
def test_packed_differences_come_back(gaps: list[int], rest: int) -> None:
    pieces = [torch.tensor([0.0] * gap + [0.5 + number]) for number, gap in enumerate(gaps)]
    whole = torch.cat([*pieces, torch.zeros(rest)])
    packed, values = pack(whole)
    assert packed.dtype == torch.uint8
    assert values.dtype == torch.bfloat16
    assert torch.equal(unpack(packed, values, len(whole)), whole)
    assert len(packed) <= len(gaps) + len(whole) / 255
    if len(gaps):
        with pytest.raises(ValueError, match="do not hold"):
            unpack(packed, values, len(whole) - rest - 1)
