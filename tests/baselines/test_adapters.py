"""Adapters, and what they share with sparse differences."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoModel, BertConfig

from baselines.adapters import ENDS, Adapters
from baselines.untuned import Untuned
from data.errors import UnknownNameError, UserError
from data.rows import TrainingTask
from harness.encoders.backbones import Backbone
from harness.encoders.roles import role_of
from harness.system.progress import silent
from harness.training.changed_layers import ChangedLayers
from tests.harness.families import FAMILIES, of_family

SMALL = {"steps": 6, "batch_texts": 8, "max_tokens": 24, "layers": 2, "adapter_rate": 0.02}
TEXTS = ("some text", "another text that is longer", "a third")


def fitted(task, backbone, *, seed=0, **changes) -> Adapters:
    settings = Adapters.Settings(**{**SMALL, **changes})
    return Adapters(settings).fit(task, backbone, seed=seed, progress=silent)


def in_letters(task: TrainingTask) -> TrainingTask:
    """The task without digits, which the small encoders of `families` do not all know."""
    parts = {
        part: replace(rows, texts=tuple(re.sub("[0-9]+ ", "", text) for text in rows.texts))
        for part, rows in (("train", task.train), ("valid", task.valid))
    }
    return replace(task, **parts)


def test_before_any_step_adapters_are_the_untuned_encoder(toy_task, backbone) -> None:
    untuned = Untuned(Untuned.Settings(max_tokens=24))
    untuned.fit(toy_task(), backbone, seed=0, progress=silent)
    plain = untuned.encode(TEXTS, "colour")
    before = fitted(toy_task(), backbone, steps=0).encode(TEXTS, "colour")
    after = fitted(toy_task(), backbone).encode(TEXTS, "colour")
    np.testing.assert_allclose(before, plain, atol=0.02)
    assert np.abs(after - plain).max() > 0.1


def test_fitting_lowers_the_loss(toy_task, backbone) -> None:
    losses: list[float] = []
    settings = Adapters.Settings(
        **{
            **SMALL,
            "steps": 40,
            "patience": 0,
            "batch_texts": 16,
            "token_share": 1.0,
            "head_rate": 0.02,
        }
    )
    Adapters(settings).fit(
        toy_task(16),
        backbone,
        seed=0,
        progress=lambda done, total, **metrics: losses.append(float(metrics["loss"])),
    )
    assert len(losses) == 40
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 1


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_two_places_a_layer_and_learns(family: str, toy_task, backbone) -> None:
    encoder, task = of_family(family, backbone), in_letters(toy_task())
    before = {k: v.clone() for k, v in encoder.model.state_dict().items()}
    method = fitted(task, encoder, max_tokens=12)
    assert len(method._layers.maps) == 2 * SMALL["layers"]
    start = fitted(task, encoder, max_tokens=12, steps=0)
    colour, animal = (method.encode(TEXTS, aspect) for aspect in ("colour", "animal"))
    assert np.isfinite(colour).all()
    assert np.abs(colour - start.encode(TEXTS, "colour")).max() > 0.05
    assert np.abs(colour - animal).max() > 0.05
    assert all(torch.equal(before[k], v) for k, v in encoder.model.state_dict().items())


def test_a_gradient_reaches_the_adapters_of_its_own_aspect_alone(toy_task, backbone) -> None:
    task = toy_task()
    method = fitted(task, backbone)
    prefixes = method._layers.split.prefixes(task.train.texts, 24)
    vectors = method._layers.vectors(prefixes.batch(np.arange(16)), 1)
    method.heads[1](vectors).square().sum().backward()
    reached = {
        (part, position)
        for adapted in method._layers.maps
        for part in ("down", "up")
        for position, linear in enumerate(getattr(adapted, part))
        if linear.weight.grad is not None and linear.weight.grad.abs().max() > 0
    }
    assert reached == {("down", 1), ("up", 1)}
    learned = {id(p) for adapted in method._layers.maps for p in adapted.parameters()}
    asking = {id(p) for p in method._layers.split.suffix.parameters() if p.requires_grad}
    assert asking == learned


def test_loaded_adapters_give_equal_outputs_and_not_the_untuned_ones(
    toy_task, backbone, tmp_path
) -> None:
    method = fitted(toy_task(2, (2, 3, 4)), backbone)
    method.save(tmp_path)
    loaded = Adapters().load(tmp_path, backbone)
    start = fitted(toy_task(2, (2, 3, 4)), backbone, steps=0)
    for aspect in ("colour", "animal", "size"):
        np.testing.assert_array_equal(loaded.encode(TEXTS, aspect), method.encode(TEXTS, aspect))
        assert np.abs(loaded.encode(TEXTS, aspect) - start.encode(TEXTS, aspect)).max() > 0.05
    assert loaded.trainable_parameters == method.trainable_parameters
    with pytest.raises(UnknownNameError, match="did you mean 'colour'"):
        loaded.encode(TEXTS, "color")
    tensors = load_file(tmp_path / "model.safetensors")
    tensors.pop("0.up.0.bias")
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(UserError, match="no artifact that this version reads"):
        Adapters().load(tmp_path, backbone)


def test_projections_take_what_binary_masks_over_the_same_layers_take(
    toy_task, backbone, tmp_path
) -> None:
    """One bit for each of `12 width^2` weights of a layer and aspect; biases and heads beside."""
    width = 64
    config = BertConfig(
        vocab_size=200,
        hidden_size=width,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=4 * width,
    )
    torch.manual_seed(0)
    model = AutoModel.from_config(config, attn_implementation="eager").eval().requires_grad_(False)
    wide = Backbone("wide", backbone.folder, None, "1" * 64, model, backbone.tokenizer)
    fitted(toy_task(), wide, steps=1).save(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    projections = [t for k, t in tensors.items() if "head" not in k and k.endswith("weight")]
    layers, aspects = 2, 2
    bits = layers * aspects * 12 * width**2
    assert sum(t.numel() * t.element_size() for t in projections) == bits / 8


def test_an_encoder_without_a_known_place_is_refused(backbone) -> None:
    with pytest.raises(UserError, match="has no linear map to change"):
        ChangedLayers(backbone, range(1, 2), lambda path, linear: None)


def test_the_maps_before_a_residual_sum_are_told_from_the_others(backbone) -> None:
    inner = [name for name, m in backbone.model.named_modules() if isinstance(m, nn.Linear)]
    chosen = {name.partition("layer.")[2][2:] for name in inner if role_of(name) in ENDS}
    assert chosen == {"attention.output.dense", "output.dense"}
