"""Finetuning and its adversarial form."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from baselines.adversarial import Adversarial
from baselines.finetuned import Finetuned
from baselines.untuned import Untuned
from harness.progress import silent

SMALL = {
    "steps": 40,
    "token_share": 1.0,
    "batch_texts": 16,
    "max_tokens": 24,
    "encoder_rate": 3e-3,
    "map_rate": 3e-3,
}


def losses_of(method, task, backbone) -> list[float]:
    losses: list[float] = []
    method.fit(
        task,
        backbone,
        seed=0,
        progress=lambda done, total, **metrics: losses.append(metrics["loss"]),
    )
    return losses


def test_finetuning_lowers_the_loss_and_spares_the_backbone(toy_task, backbone) -> None:
    before = {k: v.clone() for k, v in backbone.model.state_dict().items()}
    losses = losses_of(Finetuned(Finetuned.Settings(**SMALL)), toy_task(16), backbone)
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 1
    assert all(torch.equal(before[k], v) for k, v in backbone.model.state_dict().items())


def test_before_any_step_finetuning_is_the_untuned_encoder(toy_task, backbone) -> None:
    task = toy_task()
    settings = Finetuned.Settings(steps=0, max_tokens=24)
    method = Finetuned(settings).fit(task, backbone, seed=0, progress=silent)
    untuned = Untuned(Untuned.Settings(max_tokens=24))
    untuned.fit(task, backbone, seed=0, progress=silent)
    np.testing.assert_allclose(
        method.encode(task.train.texts, "colour"),
        untuned.encode(task.train.texts, "colour"),
        atol=0.02,
    )


def test_the_reversed_gradient_weakens_the_adversary(toy_task, backbone) -> None:
    task = toy_task(16)
    accuracies = {}
    for reversal in (0.0, 3.0):
        settings = Adversarial.Settings(**{**SMALL, "steps": 120}, reversal=reversal)
        method = Adversarial(settings).fit(task, backbone, seed=0, progress=silent)
        values = {(s.representation, s.factor): s.value for s in method.scores()}
        assert set(values) == {("colour", "animal"), ("animal", "colour")}
        accuracies[reversal] = np.mean(list(values.values()))
    assert accuracies[0.0] > 0.9
    assert accuracies[3.0] < accuracies[0.0] - 0.15


def test_an_adversary_stands_between_every_two_of_three_aspects(toy_task, backbone) -> None:
    settings = Adversarial.Settings(**{**SMALL, "steps": 2})
    method = Adversarial(settings).fit(toy_task(2, (2, 3, 4)), backbone, seed=0, progress=silent)
    pairs = {(s.representation, s.factor) for s in method.scores()}
    assert len(pairs) == 6


@pytest.mark.parametrize("method_class", [Finetuned, Adversarial])
def test_all_weights_count_as_trained(method_class, toy_task, backbone) -> None:
    settings = method_class.Settings(**{**SMALL, "steps": 1})
    method = method_class(settings).fit(toy_task(), backbone, seed=0, progress=silent)
    encoder = sum(p.numel() for p in backbone.model.parameters())
    assert method.trainable_parameters > encoder + 2 * 32 * 32
