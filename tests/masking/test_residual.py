"""Masks on what enters the masked layers, and the control in which all their maps are closed."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812
from transformers import AutoModel, GPT2Config, MPNetConfig

from data.errors import UserError
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import mean_pool, tokenise
from harness.system.progress import silent
from masking.attachment import MaskedLayers
from masking.masked_method import MaskedMethod
from masking.residual import ROLES, input_norms
from masking.units import MaskedUnits
from masking.weights import MaskedWeights

TEXTS = ("some text", "another that is longer", "a third")
SMALL = {"steps": 4, "batch_texts": 8, "layers": 1, "max_tokens": 24}
HALF_OPEN = {"start_mean": 0.2, "start_deviation": 1.0}


def fitted(task, backbone, method_class=MaskedUnits, **changes) -> MaskedMethod:
    settings = method_class.Settings(**{**SMALL, **HALF_OPEN, "residual": True, **changes})
    return method_class(settings).fit(task, backbone, seed=0, progress=silent)


def inputs_of(method: MaskedMethod) -> dict[tuple[int, str], Tensor]:
    """Layer and role to the mask on what enters there, of each aspect [aspects, width]."""
    return {
        (place.layer, place.changed.role): torch.cat(place.changed.opened()).float()
        for place in method._layers.everywhere
        if place.changed.role in ROLES
    }


def by_hand(method: MaskedMethod, backbone: Backbone, aspect: int) -> np.ndarray:
    """Vectors of the whole encoder, whose layers' inputs are multiplied by their masks."""
    model = backbone.copy_model()
    for place in method._layers.places:
        linear = model.encoder.layer[place.layer].get_submodule(place.path)
        linear.weight.data *= place.changed.opened()[aspect].float()
    for (number, role), masks in inputs_of(method).items():
        layer, mask = model.encoder.layer[number], masks[aspect]
        if role == ROLES[0]:
            layer.register_forward_pre_hook(lambda _, args, m=mask: (args[0] * m, *args[1:]))
        else:
            layer.attention.register_forward_hook(lambda *a, m=mask: (a[2][0] * m, *a[2][1:]))
    tokens = tokenise(backbone, TEXTS, 24)
    with torch.no_grad():
        ids, attention = tokens.batch(np.arange(len(TEXTS)))
        hidden = model(input_ids=ids, attention_mask=attention).last_hidden_state
    return mean_pool(hidden, attention).numpy()


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("method_class", [MaskedUnits, MaskedWeights])
def test_a_masked_pass_is_that_of_layers_whose_inputs_are_masked_and_of_the_exported_encoder(
    layers, method_class, toy_task, backbone, tmp_path
) -> None:
    """With one layer its input comes from the layer below, with two from the embeddings."""
    method = fitted(toy_task(), backbone, method_class, layers=layers)
    assert len(inputs_of(method)) == 2 * layers
    method.save(tmp_path)
    loaded = method_class().load(tmp_path, backbone)
    without = fitted(toy_task(), backbone, method_class, layers=layers, residual=False)
    for position, aspect in enumerate(("colour", "animal")):
        vectors = method.encode(TEXTS, aspect)
        np.testing.assert_allclose(vectors, by_hand(method, backbone, position), atol=1e-5)
        np.testing.assert_array_equal(loaded.encode(TEXTS, aspect), vectors)
        plain = method.plain_encoder(aspect).model
        ids, attention = tokenise(backbone, TEXTS, 24).batch(np.arange(len(TEXTS)))
        with torch.no_grad():
            hidden = plain(input_ids=ids, attention_mask=attention).last_hidden_state
        np.testing.assert_allclose(vectors, mean_pool(hidden, attention).numpy(), atol=1e-5)
        assert np.abs(vectors - without.encode(TEXTS, aspect)).max() > 0.05


@pytest.mark.usefixtures("in_float32")
def test_closed_inputs_leave_nothing_of_the_text(toy_task, backbone) -> None:
    """Neither maps nor residual connections carry anything then; masks on maps alone leave it."""
    spread = {}
    for residual in (True, False):
        method = fitted(
            toy_task(), backbone, steps=0, start_mean=-1.0, start_deviation=0.0, residual=residual
        )
        vectors = method.encode(TEXTS, "colour")
        spread[residual] = float(np.abs(vectors - vectors[0]).max())
    assert spread[True] < 1e-6
    assert spread[False] > 0.05


def test_masks_on_inputs_are_learned_and_reported(toy_task, backbone) -> None:
    start = fitted(toy_task(), backbone, steps=0, layers=2)
    method = fitted(toy_task(), backbone, steps=8, layers=2, mask_rate=0.3)
    moved = [
        float((masks != inputs_of(start)[where]).float().mean())
        for where, masks in inputs_of(method).items()
    ]
    assert all(share > 0 for share in moved)
    density, *_ = method.heatmaps()
    assert density.columns[-2:] == ROLES
    shares = inputs_of(method)[1, ROLES[0]].mean(1)
    assert density.values[1][-2] == pytest.approx(float(shares[0]))
    plain = fitted(toy_task(), backbone, layers=2, residual=False)
    assert method.trainable_parameters - plain.trainable_parameters == 2 * 4 * backbone.width


def backbone_of(config, backbone: Backbone) -> Backbone:
    torch.manual_seed(0)
    model = AutoModel.from_config(config, attn_implementation="eager").eval().requires_grad_(False)
    return Backbone("another", backbone.folder, None, "2" * 64, model, backbone.tokenizer)


@pytest.mark.usefixtures("in_float32")
def test_norms_of_another_family_and_families_without_them(toy_task, backbone) -> None:
    size = {"vocab_size": 400, "hidden_size": 32, "num_attention_heads": 2}
    config = MPNetConfig(**size, num_hidden_layers=2, intermediate_size=64)
    other = backbone_of(config, backbone)
    assert input_norms(other.model)[:2] == [
        "embeddings.LayerNorm",
        "encoder.layer.0.attention.LayerNorm",
    ]
    method = fitted(toy_task(), other)
    with torch.no_grad():
        ids, attention = tokenise(other, TEXTS, 24).batch(np.arange(len(TEXTS)))
        plain = method.plain_encoder("colour").model
        hidden = plain(input_ids=ids, attention_mask=attention).last_hidden_state
    expected = mean_pool(hidden, attention).numpy()
    np.testing.assert_allclose(method.encode(TEXTS, "colour"), expected, atol=1e-5)
    gpt = backbone_of(GPT2Config(vocab_size=400, n_embd=32, n_layer=2, n_head=2), backbone)
    with pytest.raises(UserError, match="GPT2Model does not have; leave `residual` out"):
        MaskedLayers(gpt, MaskedUnits.Settings(residual=True), "units", aspects=2, seed=0)


@pytest.mark.usefixtures("in_float32")
def test_with_all_maps_closed_the_residual_stream_alone_is_left(toy_task, backbone) -> None:
    """No token sees another: each state goes through biases and norms by itself."""
    settings = MaskedWeights.settings_for("closed", "standard")
    assert settings.layers == 3
    method = MaskedWeights(settings).fit(toy_task(), backbone, seed=0, progress=silent)
    assert method.trainable_parameters == 0
    prefixes = method._layers.split.prefixes(TEXTS, settings.max_tokens)
    assert method._layers.split.first == 0
    for i, vector in enumerate(method.encode(TEXTS, "colour")):
        states = prefixes.states[prefixes.starts[i] : prefixes.starts[i + 1]]
        for layer in backbone.model.encoder.layer:
            for half in (layer.attention.output, layer.output):
                norm = half.LayerNorm
                states = F.layer_norm(
                    states + half.dense.bias, states.shape[-1:], norm.weight, norm.bias, norm.eps
                )
        np.testing.assert_allclose(vector, states.mean(0).numpy(), atol=1e-5)
    np.testing.assert_array_equal(method.encode(TEXTS, "animal"), method.encode(TEXTS, "colour"))
