"""Masks: their gradient, what they do to a map, and their overlap."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from masking.attachment import MaskedEncoder, Start
from masking.masks import MaskedLinear, binary_mask
from masking.objectives import overlap_loss

TEXTS = ("some text", "another text that is longer", "a third")


def test_mask_is_a_threshold_with_identity_gradient() -> None:
    scores = torch.tensor([-0.2, 0.0, 0.3], requires_grad=True)
    mask = binary_mask(scores)
    assert mask.tolist() == [0, 0, 1]
    (mask.float() * torch.tensor([2.0, 3.0, 5.0])).sum().backward()
    assert scores.grad is not None
    assert scores.grad.tolist() == [2, 3, 5]


def linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 2).to(torch.bfloat16).requires_grad_(False)


def test_masked_weights_are_the_map_with_entries_taken_out() -> None:
    plain = linear()
    scores = torch.tensor([[[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0]]])
    masked = MaskedLinear(plain, "weights", scores)
    hidden = torch.randn(4, 3).to(torch.bfloat16)
    expected = hidden @ (plain.weight * (scores[0] > 0)).T + plain.bias
    torch.testing.assert_close(masked(hidden), expected, atol=0.02, rtol=0.02)


def test_masked_units_take_out_inputs() -> None:
    plain = linear()
    masked = MaskedLinear(plain, "units", torch.tensor([[1.0, -1.0, 1.0]]))
    hidden = torch.randn(4, 3).to(torch.bfloat16)
    expected = plain(hidden * torch.tensor([1, 0, 1]).to(torch.bfloat16))
    torch.testing.assert_close(masked(hidden), expected, atol=0.02, rtol=0.02)
    assert not torch.allclose(masked(hidden), plain(hidden), atol=0.02)


def test_overlap_is_the_mean_of_shared_entries_summed_over_layers() -> None:
    def worn(*scores: list[float]) -> MaskedLinear:
        return MaskedLinear(linear(), "units", torch.tensor(scores, dtype=torch.float32))

    first = [worn([1, 1, -1], [1, -1, -1]), worn([1, 1, 1], [1, 1, -1])]
    second = [worn([-1, 1, 1], [1, -1, -1])]
    loss = overlap_loss([first, second])
    assert loss.item() == pytest.approx((1 + 2) / 6 + 0 / 3)
    loss.backward()
    # A mask's gradient is the other mask over the entries of its layer.
    assert first[0].scores[0].grad.tolist() == pytest.approx([1 / 6, 0, 0], abs=1e-3)


def test_overlap_of_three_masks_is_the_mean_over_their_pairs() -> None:
    scores = torch.tensor([[1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    masked = MaskedLinear(nn.Linear(2, 2).to(torch.bfloat16), "units", scores)
    assert overlap_loss([[masked]]).item() == pytest.approx((1 + 2 + 1) / 6)


@pytest.mark.parametrize("kind", ["weights", "units"])
def test_open_masks_change_nothing_and_closed_entries_do(kind: str, backbone) -> None:
    encoder = MaskedEncoder(backbone, kind, layers=1, aspects=2, start=Start(1, 0), seed=0)
    prefixes = encoder.split.prefixes(TEXTS, 30)
    before = encoder.encode(prefixes, 0)
    with torch.no_grad():
        whole = backbone.copy_model().to(torch.bfloat16)
        ids, mask = prefixes.tokens.batch(np.arange(3))
        hidden = whole(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        expected = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        np.testing.assert_allclose(before, expected.numpy(), atol=0.02)
        for masked in encoder.maps:
            masked.scores[0][..., ::2] = -1
    after = encoder.encode(prefixes, 0)
    assert np.abs(after - before).max() > 0.05
    np.testing.assert_array_equal(encoder.encode(prefixes, 1), before)
    assert encoder.density() == pytest.approx([0.5, 1.0], abs=0.01)


def test_every_linear_map_of_the_masked_layers_wears_masks(backbone) -> None:
    encoder = MaskedEncoder(backbone, "weights", layers=2, aspects=2, start=Start(1, 0), seed=0)
    assert [len(layer) for layer in encoder.layers] == [6, 6]
    assert sum(s.numel() for s in encoder.scores) == 2 * 2 * (4 * 32 * 32 + 2 * 32 * 64)


def test_no_frozen_weight_asks_for_a_gradient(backbone) -> None:
    encoder = MaskedEncoder(backbone, "weights", layers=1, aspects=2, start=Start(0, 1), seed=0)
    trained = {id(p) for p in encoder.scores}
    asking = [p for p in encoder.split.suffix.parameters() if p.requires_grad]
    assert {id(p) for p in asking} == trained
