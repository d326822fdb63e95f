"""Distributed alignment: planted directions are found, and exchanging one flips it alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from toys import make_task

from baselines.das import Das, DasSettings, interchanged, subspaces
from data.errors import UserError
from data.rows import TrainingTask
from harness.contract.method import Representation
from harness.encoders.backbones import Backbone
from harness.system.progress import silent

ASPECTS = ("colour", "animal")


def planted(width: int) -> Representation:
    """Two orthonormal directions that no unit is close to, one for each aspect, [2, width]."""
    return np.linalg.qr(np.random.default_rng(9).normal(size=(width, 2)))[0].T.astype(np.float32)


class Planted(Das):
    """`das` on vectors that tell both classes along the planted directions, beside noise."""

    name = "planted"

    def vectors(self, texts: tuple[str, ...]) -> Representation:
        width = self.backbone.width
        noise = [np.random.default_rng(int(t.split()[1])).normal(size=width) for t in texts]
        signs = [[3 - 6 * ("red" in t), 3 - 6 * ("cat" in t)] for t in texts]
        return (np.array(noise) + np.array(signs) @ planted(width)).astype(np.float32)


@pytest.fixture(scope="module")
def fitted(backbone: Backbone) -> tuple[Planted, TrainingTask]:
    task = make_task(per_cell=64)
    settings = DasSettings(rank=2, steps=150, rotation_rate=0.03, head_rate=0.03)
    return Planted(settings).fit(task, backbone, seed=0, progress=silent), task


def shares(method: Planted, task: TrainingTask, basis: torch.Tensor) -> list[float]:
    """How often each head tells the source's class after an exchange, where classes differ."""
    rows = task.valid
    vectors = torch.from_numpy(method.vectors(rows.texts) - method.mean)
    order = np.random.default_rng(1).permutation(len(rows))
    moved = interchanged(vectors, vectors[order], basis)
    found = []
    for aspect in ASPECTS:
        codes = rows.labels[aspect]
        differ = codes != codes[order]
        told = method.heads[method.place_of(aspect)](moved).argmax(1).numpy()
        found.append(float((told == codes[order])[differ].mean()))
    return found


def test_planted_directions_are_found(fitted: tuple[Planted, TrainingTask]) -> None:
    method, _ = fitted
    inside = np.linalg.norm(method.bases @ planted(method.backbone.width).T, axis=1)
    assert inside.diagonal().min() > 0.8
    assert inside[[0, 1], [1, 0]].max() < 0.25
    joined = method.bases.reshape(4, -1)
    np.testing.assert_allclose(joined @ joined.T, np.eye(4), atol=1e-5)


def test_an_exchange_flips_its_own_aspect_and_no_other(
    fitted: tuple[Planted, TrainingTask],
) -> None:
    method, task = fitted
    with torch.no_grad():
        for position in range(2):
            found = shares(method, task, torch.from_numpy(method.bases[position]))
            assert found[position] > 0.9
            assert found[1 - position] < 0.1
        random = np.random.default_rng(3).normal(size=(method.backbone.width, 2))
        other = subspaces(torch.from_numpy(random).float(), 2)[0]
        assert max(shares(method, task, other)) < 0.5


def test_the_representation_is_the_part_in_the_subspace(
    fitted: tuple[Planted, TrainingTask],
) -> None:
    method, task = fitted
    vectors = method.vectors(task.valid.texts)
    for position, aspect in enumerate(ASPECTS):
        affine = method.affine(aspect)
        found = method.encode(task.valid.texts, aspect)
        assert found.shape == (len(task.valid), 2)
        np.testing.assert_allclose(found, vectors @ affine.weight.T + affine.bias, atol=1e-4)
        np.testing.assert_allclose(affine.weight, method.bases[position])


def test_a_rank_beyond_its_share_is_cut_and_none_is_refused(backbone: Backbone) -> None:
    task = make_task()
    settings = DasSettings(rank=10 * backbone.width, steps=1)
    method = Das(settings).fit(task, backbone, seed=0, progress=silent)
    assert method.bases.shape == (2, backbone.width // 2, backbone.width)
    with pytest.raises(UserError, match="rank is 0; it must be 1 or more"):
        Das(replace(settings, rank=0)).fit(task, backbone, seed=0, progress=silent)
