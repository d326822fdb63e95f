"""Masks as a method: what fitting does, and what is stored."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoTokenizer, BertConfig

from data.errors import UnknownNameError, UserError
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import mean_pool
from harness.encoders.exporting import write_encoder
from harness.system.progress import silent
from masking.masked_method import MaskedMethod
from masking.units import MaskedUnits
from masking.weights import MaskedWeights

BOTH = pytest.mark.parametrize("method_class", [MaskedWeights, MaskedUnits])
TEXTS = ["some text", "another"]


def fitted(method_class, task, backbone, *, seed=0, **changes) -> MaskedMethod:
    settings = method_class.Settings(
        **{"steps": 4, "batch_texts": 8, "layers": 1, "max_tokens": 24, **changes}
    )
    return method_class(settings).fit(task, backbone, seed=seed, progress=silent)


@BOTH
@pytest.mark.parametrize("estimator", ["straight-through", "hard-concrete"])
def test_fitting_lowers_the_loss(method_class, estimator, toy_task, backbone) -> None:
    losses: list[float] = []
    settings = method_class.Settings(
        steps=60,
        batch_texts=16,
        layers=2,
        max_tokens=24,
        mask_rate=0.02,
        head_rate=0.02,
        token_share=1.0,
        estimator=estimator,
        patience=0,
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


def test_masks_take_one_bit_an_entry_and_all_files_a_tenth_more(
    toy_task, backbone, tmp_path
) -> None:
    """On an encoder wide enough that heads and headers do not outweigh the masks."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=200,
        hidden_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=512,
    )
    model = AutoModel.from_config(config, attn_implementation="eager").eval().requires_grad_(False)
    wide = Backbone("wide", backbone.folder, None, "1" * 64, model, backbone.tokenizer)
    method = fitted(MaskedWeights, toy_task(), wide, layers=2, max_tokens=8)
    method.save(tmp_path)
    entries = sum(scores.numel() for scores in method._layers.scores)
    assert load_file(tmp_path / "model.safetensors")["masks"].numel() == entries / 8
    stored = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert 8 * stored <= 1.1 * entries


@BOTH
@pytest.mark.parametrize("sparsity", [0.0, 0.5])
def test_loaded_masks_give_equal_outputs_and_not_the_untuned_ones(
    method_class, sparsity, toy_task, backbone, tmp_path
) -> None:
    method = fitted(
        method_class,
        toy_task(),
        backbone,
        start_mean=0.0,
        start_deviation=1.0,
        sparsity=sparsity,
    )
    method.save(tmp_path)
    loaded = method_class().load(tmp_path, backbone)
    for aspect in ("colour", "animal"):
        np.testing.assert_array_equal(loaded.encode(TEXTS, aspect), method.encode(TEXTS, aspect))
    with torch.no_grad():
        for masked in loaded._layers.maps:
            for scores in masked.scores:
                scores.fill_(1)
    loaded._layers.freeze()
    opened = loaded.encode(TEXTS, "colour")
    assert np.abs(opened - method.encode(TEXTS, "colour")).max() > 0.05


@BOTH
@pytest.mark.parametrize("sparsity", [0.0, 0.5])
def test_an_exported_checkpoint_is_the_masked_encoder(
    method_class, sparsity, toy_task, backbone, tmp_path
) -> None:
    """Against the maps with their masks, in float32, to a hundred-thousandth."""
    method = fitted(
        method_class,
        toy_task(),
        backbone,
        start_mean=0.3,
        start_deviation=1.0,
        sparsity=sparsity,
    )
    (tmp_path / "colour").mkdir()
    write_encoder(method.plain_encoder("colour"), tmp_path / "colour", "")
    exported = AutoModel.from_pretrained(tmp_path / "colour")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "colour")
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    position = method.place_of("colour")
    encoder = backbone.copy_model()
    for place, original in zip(method._layers.places, method._layers.originals(), strict=True):
        masked = place.changed
        pruned = original * (masked.weight != 0)
        mask = (masked.scores[position] > 0).float()

        linear = encoder.encoder.layer[place.layer].get_submodule(place.path)

        def forward(hidden, pruned=pruned, mask=mask, bias=linear.bias):
            if mask.shape[0] == 1:
                return torch.nn.functional.linear(hidden * mask[0], pruned, bias)
            return torch.nn.functional.linear(hidden, pruned * mask, bias)

        linear.forward = forward
    with torch.no_grad():
        expected = encoder(**batch).last_hidden_state
        got = exported(**batch).last_hidden_state
        plain = backbone.model(**batch).last_hidden_state
    assert (got - expected).abs().max() < 1e-5
    assert (got - plain).abs().max() > 0.05
    pooled = mean_pool(got, batch["attention_mask"]).numpy()
    np.testing.assert_allclose(method.encode(TEXTS, "colour"), pooled, atol=0.05)
    with pytest.raises(UnknownNameError, match="did you mean 'colour'"):
        method.plain_encoder("color")


def test_masks_of_another_backbone_are_refused(toy_task, backbone, tmp_path) -> None:
    fitted(MaskedWeights, toy_task(), backbone).save(tmp_path)
    other = Backbone("other", backbone.folder, None, "f" * 64, backbone.model, backbone.tokenizer)
    with pytest.raises(UserError, match=r"learned on the backbone 'random-bert'.*not on 'other'"):
        MaskedWeights().load(tmp_path, other)


def test_masks_of_another_kind_and_damaged_ones_are_refused(toy_task, backbone, tmp_path) -> None:
    fitted(MaskedWeights, toy_task(), backbone).save(tmp_path)
    with pytest.raises(UserError, match="made by the method 'masked-weights'"):
        MaskedUnits().load(tmp_path, backbone)
    tensors = load_file(tmp_path / "model.safetensors")
    save_file({**tensors, "masks": tensors["masks"][:, 1:].clone()}, tmp_path / "model.safetensors")
    with pytest.raises(UserError, match="no artifact that this version reads"):
        MaskedWeights().load(tmp_path, backbone)
    config = tmp_path / "config.json"
    text = config.read_text()
    config.write_text(text[: len(text) // 2])
    with pytest.raises(UserError, match="no artifact that this version reads"):
        MaskedWeights().load(tmp_path, backbone)
    config.write_text(json.dumps({"method": "masked-weights"}))
    with pytest.raises(UserError, match="no artifact that this version reads"):
        MaskedWeights().load(tmp_path, backbone)


def test_three_aspects_with_more_classes(toy_task, backbone) -> None:
    method = fitted(MaskedWeights, toy_task(2, (2, 3, 4)), backbone)
    shapes = {a: method.encode(["x", "y"], a).shape for a in ("colour", "animal", "size")}
    assert set(shapes.values()) == {(2, 32)}
    with pytest.raises(UnknownNameError, match="did you mean 'colour'"):
        method.encode(["x"], "color")
    pairs = {(s.representation, s.factor) for s in method.scores() if s.metric == "mask_overlap"}
    assert pairs == {("colour", "animal"), ("colour", "size"), ("animal", "size")}


@BOTH
def test_density_and_overlap_by_layer_and_map(method_class, toy_task, backbone) -> None:
    method = fitted(
        method_class, toy_task(), backbone, start_mean=0.0, start_deviation=1.0, layers=2
    )
    scores = {(s.metric, s.representation): s.value for s in method.scores()}
    assert 0.4 < scores["mask_density", "colour"] < 0.6
    assert 0.15 < scores["mask_overlap", "colour"] < 0.35
    density, _, overlap = method.heatmaps()
    assert density.name == "mask density, colour"
    assert overlap.name == "mask overlap, colour and animal"
    assert density.rows == ("layer 1", "layer 2")
    assert density.columns == (
        "query",
        "key",
        "value",
        "attention-output",
        "intermediate",
        "output",
    )
    sizes = np.array([32 * 32] * 4 + [32 * 64] * 2)
    whole = (np.array(density.values) * sizes).sum() / (2 * sizes.sum())
    assert whole == pytest.approx(scores["mask_density", "colour"])


def test_pruning_alone_learns_nothing_and_gives_all_aspects_the_same(toy_task, backbone) -> None:
    pruned = MaskedWeights.settings_for("pruned-0.5", "standard")
    method = MaskedWeights(pruned).fit(toy_task(), backbone, seed=0, progress=silent)
    assert method.trainable_parameters == 0
    np.testing.assert_array_equal(method.encode(TEXTS, "colour"), method.encode(TEXTS, "animal"))
    assert {s.value for s in method.scores() if s.metric == "mask_density"} == {0.5}
