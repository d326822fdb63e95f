"""Masks as a method: what fitting does, and what is stored."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from data.errors import UnknownNameError, UserError
from harness.backbones import Backbone
from harness.progress import silent
from masking.units import MaskedUnits
from masking.weights import MaskedWeights

BOTH = pytest.mark.parametrize("method_class", [MaskedWeights, MaskedUnits])


def fitted(method_class, task, backbone, *, seed=0, **changes):
    settings = method_class.Settings(
        **{"steps": 4, "batch_texts": 8, "layers": 1, "max_tokens": 24, **changes}
    )
    return method_class(settings).fit(task, backbone, seed=seed, progress=silent)


@BOTH
def test_fitting_lowers_the_loss(method_class, toy_task, backbone) -> None:
    losses: list[float] = []
    settings = method_class.Settings(
        steps=60, batch_texts=16, layers=2, max_tokens=24, mask_rate=0.02, head_rate=0.02
    )
    method_class(settings).fit(
        toy_task(16),
        backbone,
        seed=0,
        progress=lambda done, total, **metrics: losses.append(metrics["loss"]),
    )
    assert len(losses) == 60
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.2


@BOTH
def test_aspects_get_different_representations(method_class, toy_task, backbone) -> None:
    method = fitted(method_class, toy_task(), backbone, start_mean=0.0, start_deviation=1.0)
    colour = method.encode(["some text"], "colour")
    assert np.abs(colour - method.encode(["some text"], "animal")).max() > 0.01


@BOTH
def test_stored_masks_take_one_bit_an_entry(method_class, toy_task, backbone, tmp_path) -> None:
    method = fitted(method_class, toy_task(), backbone)
    method.save(tmp_path)
    from safetensors.torch import load_file

    tensors = load_file(tmp_path / "model.safetensors")
    packed = sum(t.numel() for k, t in tensors.items() if k.startswith("mask."))
    entries = sum(s.numel() for s in method._encoder.scores)
    assert packed == entries / 8


@BOTH
def test_loaded_masks_give_equal_outputs_and_not_the_untuned_ones(
    method_class, toy_task, backbone, tmp_path
) -> None:
    method = fitted(method_class, toy_task(), backbone, start_mean=0.0, start_deviation=1.0)
    method.save(tmp_path)
    loaded = method_class().load(tmp_path, backbone)
    texts = ["some text", "another"]
    for aspect in ("colour", "animal"):
        np.testing.assert_array_equal(loaded.encode(texts, aspect), method.encode(texts, aspect))
    with torch.no_grad():
        for masked in loaded._encoder.maps:
            for scores in masked.scores:
                scores.fill_(1)
    opened = loaded.encode(texts, "colour")
    assert np.abs(opened - method.encode(texts, "colour")).max() > 0.05


def test_masks_of_another_backbone_are_refused(toy_task, backbone, tmp_path) -> None:
    fitted(MaskedWeights, toy_task(), backbone).save(tmp_path)
    other = Backbone("other", backbone.folder, None, "f" * 64, backbone.model, backbone.tokenizer)
    with pytest.raises(UserError, match=r"learned on the backbone 'random-bert'.*not on 'other'"):
        MaskedWeights().load(tmp_path, other)


def test_masks_of_another_kind_and_damaged_ones_are_refused(toy_task, backbone, tmp_path) -> None:
    fitted(MaskedWeights, toy_task(), backbone).save(tmp_path)
    with pytest.raises(UserError, match="made by the method 'masked-weights'"):
        MaskedUnits().load(tmp_path, backbone)
    config = tmp_path / "config.json"
    text = config.read_text()
    config.write_text(text[: len(text) // 2])
    with pytest.raises(UserError, match="no readable artifact"):
        MaskedWeights().load(tmp_path, backbone)
    config.write_text(json.dumps({"method": "masked-weights"}))
    with pytest.raises(UserError, match="no readable artifact"):
        MaskedWeights().load(tmp_path, backbone)


def test_three_aspects_with_more_classes(toy_task, backbone) -> None:
    method = fitted(MaskedWeights, toy_task(2, (2, 3, 4)), backbone)
    shapes = {a: method.encode(["x", "y"], a).shape for a in ("colour", "animal", "size")}
    assert set(shapes.values()) == {(2, 32)}
    with pytest.raises(UnknownNameError, match="did you mean 'colour'"):
        method.encode(["x"], "color")


def test_density_is_reported_for_each_aspect(toy_task, backbone) -> None:
    method = fitted(MaskedUnits, toy_task(), backbone)
    scores = {(s.metric, s.representation): s.value for s in method.scores()}
    assert set(scores) == {("mask_density", "colour"), ("mask_density", "animal")}
    assert all(0 < value <= 1 for value in scores.values())
