"""Stopping a transformer before a layer, starting it there, and leaving tokens out."""

import numpy as np
import pytest
import torch
from families import FAMILIES, of_family

from harness.encoders.backbones import Backbone
from harness.encoders.layer_cut import layers_of, starting_from, states_before
from harness.encoders.split_encoder import WITHOUT_POSITIONS, SplitEncoder

KEPT = torch.tensor([0, 2, 3, 7])

ABSOLUTE = sorted(WITHOUT_POSITIONS & set(FAMILIES))


def made(family: str, backbone: Backbone) -> tuple[torch.nn.Module, torch.Tensor, torch.Tensor]:
    model = of_family(family, backbone).copy_model()
    ids = torch.randint(5, 90, (3, 9), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    ids[1, 6:] = 0
    return model, ids, mask


def states_at(model, ids: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor):
    """Last hidden states of these token positions alone, as training steps leave tokens out."""
    first = layers_of(model)[0]
    embedded = states_before(first, model, ids, mask)
    with starting_from(embedded[:, positions], first):
        return model(
            input_ids=ids[:, positions], attention_mask=mask[:, positions]
        ).last_hidden_state


def left_and_masked(model, ids: torch.Tensor, mask: torch.Tensor):
    """States of the kept tokens where the others are left out, and where they are masked."""
    seen = torch.zeros_like(mask)
    seen[:, KEPT] = 1
    with torch.no_grad():
        masked = model(input_ids=ids, attention_mask=mask * seen).last_hidden_state[:, KEPT]
        return states_at(model, ids, mask, KEPT), masked


@pytest.mark.parametrize("family", ABSOLUTE)
def test_left_out_tokens_are_as_good_as_masked_ones(family: str, backbone: Backbone) -> None:
    model, ids, mask = made(family, backbone)
    left, masked = left_and_masked(model, ids, mask)
    with torch.no_grad():
        whole = model(input_ids=ids, attention_mask=mask).last_hidden_state[:, KEPT]
    there = mask[:, KEPT].bool()
    torch.testing.assert_close(left[there], masked[there], atol=1e-5, rtol=1e-4)
    assert (left - whole)[there].abs().max() > 1e-3


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - WITHOUT_POSITIONS))
def test_where_layers_know_distances_no_token_is_left_out(family: str, backbone: Backbone) -> None:
    """The control: tokens between which others are left out seem nearer, and get other states."""
    model, ids, mask = made(family, backbone)
    left, masked = left_and_masked(model, ids, mask)
    assert (left - masked)[mask[:, KEPT].bool()].abs().max() > 1e-4
    split = SplitEncoder(of_family(family, backbone), 2)
    assert split.seen_positions(20, 0.25, np.random.default_rng(0)).tolist() == list(range(20))
    free = SplitEncoder(of_family("bert", backbone), 2)
    assert len(free.seen_positions(20, 0.25, np.random.default_rng(0))) == 5


@pytest.mark.parametrize("family", FAMILIES)
def test_all_tokens_give_the_whole_pass(family: str, backbone: Backbone) -> None:
    model, ids, mask = made(family, backbone)
    with torch.no_grad():
        kept = states_at(model, ids, mask, torch.arange(9))
        whole = model(input_ids=ids, attention_mask=mask).last_hidden_state
    there = mask.bool()
    torch.testing.assert_close(kept[there], whole[there], atol=1e-5, rtol=1e-4)


def test_gradients_reach_the_embeddings_of_kept_tokens_alone(backbone: Backbone) -> None:
    model, ids, mask = made("bert", backbone)
    model.requires_grad_(True)
    states_at(model, ids, mask, KEPT)[0].square().sum().backward()
    rows = model.embeddings.word_embeddings.weight.grad.abs().sum(1)
    assert all(rows[i] > 0 for i in ids[0, KEPT])
    assert all(rows[i] == 0 for i in set(ids[0].tolist()) - set(ids[0, KEPT].tolist()))


def test_no_hook_is_left_behind(backbone: Backbone) -> None:
    model, ids, mask = made("bert", backbone)
    layer = layers_of(model)[1]
    with torch.no_grad():
        states = states_before(layer, model, ids, mask)
        before = model(input_ids=ids, attention_mask=mask).last_hidden_state
        with starting_from(states * 0, layer):
            assert not torch.equal(
                model(input_ids=ids, attention_mask=mask).last_hidden_state, before
            )
        assert torch.equal(model(input_ids=ids, attention_mask=mask).last_hidden_state, before)
    assert not any(m._forward_pre_hooks for m in model.modules())
