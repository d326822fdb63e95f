"""Masks attached to an encoder."""

import dataclasses

import numpy as np
import pytest
import torch

from data.errors import UserError
from harness.encoders.precision import compute_dtype
from masking.attachment import MaskedLayers
from masking.settings import MaskSettings

TEXTS = ("some text", "another text that is longer", "a third")
SETTINGS = MaskSettings(layers=1, start_mean=1.0, start_deviation=0.0)


def attached(backbone, kind="weights", *, aspects=2, seed=0, **changes) -> MaskedLayers:
    settings = dataclasses.replace(SETTINGS, **changes)
    return MaskedLayers(backbone, settings, kind, aspects=aspects, seed=seed)


@pytest.mark.parametrize("kind", ["weights", "units"])
def test_open_masks_change_nothing_and_closed_entries_do(kind: str, backbone) -> None:
    layers = attached(backbone, kind)
    prefixes = layers.split.prefixes(TEXTS, 30)
    before = layers.encode(prefixes, 0)
    with torch.no_grad():
        whole = backbone.copy_model().to(compute_dtype())
        ids, mask = prefixes.tokens.batch(np.arange(3))
        hidden = whole(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        expected = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        np.testing.assert_allclose(before, expected.numpy(), atol=0.02)
        for masked in layers.maps:
            masked.scores[0][..., ::2] = -1
    layers.freeze()
    after = layers.encode(prefixes, 0)
    assert np.abs(after - before).max() > 0.05
    np.testing.assert_array_equal(layers.encode(prefixes, 1), before)


def test_every_linear_map_of_the_masked_layers_wears_masks(backbone) -> None:
    layers = attached(backbone, layers=2)
    assert [len(layer) for layer in layers.layers] == [6, 6]
    assert sum(s.numel() for s in layers.scores) == 2 * 2 * (4 * 32 * 32 + 2 * 32 * 64)


def test_layers_and_maps_are_chosen(backbone) -> None:
    lower = attached(backbone, above=1)
    assert {place.layer for place in lower.places} == {0}
    assert {p.changed.role for p in attached(backbone, maps="key+output").places} == {
        "key",
        "output",
    }
    with pytest.raises(UserError, match="has 2 layers; leave fewer than 2 above"):
        attached(backbone, above=2)
    with pytest.raises(
        UserError, match="random-bert has no linear map to change there; name other maps"
    ):
        attached(backbone, maps="query-key-value")


def test_no_frozen_weight_asks_for_a_gradient(backbone) -> None:
    layers = attached(backbone)
    trained = {id(p) for p in layers.scores}
    asking = [p for p in layers.split.suffix.parameters() if p.requires_grad]
    assert {id(p) for p in asking} == trained


def test_scores_start_with_the_asked_share_open(backbone) -> None:
    layers = attached(backbone, start_mean=1.64, start_deviation=1.0)
    opened = torch.cat([(s > 0).float().flatten() for s in layers.scores])
    assert opened.mean().item() == pytest.approx(0.95, abs=0.01)


def test_texts_of_any_length_get_the_vectors_that_they_get_alone(backbone) -> None:
    """Short texts share rows: all must come back to their places."""
    random = np.random.default_rng(0)
    texts = tuple("ab" * n for n in random.permutation(np.repeat([1, 4, 16, 20], 10)))
    layers = attached(backbone, start_mean=0.0, start_deviation=1.0)
    prefixes = layers.split.prefixes(texts, 60)
    batch = prefixes.batch(np.arange(len(texts)))
    assert len(batch.buckets()) > 1
    with torch.no_grad():
        together = layers.vectors(batch, 0)
        alone = torch.cat([layers.vectors(prefixes.batch(np.array([i])), 0) for i in range(40)])
    torch.testing.assert_close(together, alone, atol=0.02, rtol=0.02)
    assert (together - alone.flip(0)).abs().max() > 0.05
