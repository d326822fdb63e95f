"""A transformer cut in two gives what the whole gives, in every family."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import (
    AutoModel,
    BertConfig,
    DistilBertConfig,
    ElectraConfig,
    ModernBertConfig,
    MPNetConfig,
    RobertaConfig,
)

from data.errors import UserError
from harness.backbones import Backbone
from harness.encoding import kept_positions, mean_pool, tokenise
from harness.prefix import PrefixBatch, SplitEncoder, layers_of

TEXTS = (
    "a short text",
    "a somewhat longer text than that",
    "one more",
    "the last of them all, then",
)
COMMON = {
    "vocab_size": 100,
    "hidden_size": 32,
    "num_attention_heads": 4,
    "num_hidden_layers": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 140,
    "pad_token_id": 0,
}
FAMILIES = {
    "bert": BertConfig(**COMMON),
    "roberta": RobertaConfig(**COMMON),
    "electra": ElectraConfig(**COMMON, embedding_size=16),
    "mpnet": MPNetConfig(**COMMON),
    "modernbert": ModernBertConfig(**COMMON, global_attn_every_n_layers=2, local_attention=4),
    "distilbert": DistilBertConfig(
        vocab_size=100, dim=32, n_heads=4, n_layers=4, hidden_dim=64, pad_token_id=0
    ),
}


def of_family(name: str, backbone: Backbone) -> Backbone:
    torch.manual_seed(0)
    model = AutoModel.from_config(FAMILIES[name], attn_implementation="eager")
    model = model.eval().requires_grad_(False)
    return Backbone(name, backbone.folder, None, "0" * 64, model, backbone.tokenizer)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("first", [0, 1, 3])
def test_prefix_and_suffix_together_equal_the_whole_encoder(
    family: str, first: int, backbone: Backbone
) -> None:
    whole = of_family(family, backbone)
    split = SplitEncoder(whole, first)
    index = np.arange(len(TEXTS))
    batch = split.prefixes(TEXTS, 40).batch(index)
    ids, mask = batch.ids, batch.mask
    with torch.no_grad():
        got = mean_pool(split.run(batch), mask)
        model = whole.copy_model().to(torch.bfloat16)
        expected = mean_pool(model(input_ids=ids, attention_mask=mask).last_hidden_state, mask)
    assert len(split.layers) == 4 - first
    torch.testing.assert_close(got, expected, atol=0.02, rtol=0.02)
    # The states matter: other states give another output.
    with torch.no_grad():
        other = mean_pool(split.run(PrefixBatch(ids, mask, batch.states.flip(0))), mask)
    assert (other - expected).abs().max() > 0.05


def test_the_backbone_is_left_as_it_was(backbone: Backbone) -> None:
    before = {k: v.clone() for k, v in backbone.model.state_dict().items()}
    depth = len(layers_of(backbone.model))
    SplitEncoder(backbone, 1)
    assert len(layers_of(backbone.model)) == depth
    assert all(torch.equal(before[k], v) for k, v in backbone.model.state_dict().items())


def test_a_cut_outside_the_encoder_is_refused(backbone: Backbone) -> None:
    with pytest.raises(UserError, match="must be 0 to 1, not 2"):
        SplitEncoder(backbone, 2)


def test_pooling_ignores_padding() -> None:
    hidden = torch.tensor([[[1.0], [3.0], [100.0]]])
    assert mean_pool(hidden, torch.tensor([[1, 1, 0]])).item() == 2


def test_texts_are_cut_to_the_asked_length(backbone: Backbone) -> None:
    tokens = tokenise(backbone, ["abcdefghij" * 10, "ab"], 12)
    assert [len(ids) for ids in tokens.ids] == [12, 4]


def test_positions_are_a_share_of_all_and_hold_the_first() -> None:
    random = np.random.default_rng(0)
    for length, share, expected in ((96, 0.5, 48), (96, 1.0, 96), (3, 0.1, 1), (1, 1.0, 1)):
        kept = kept_positions(length, share, random)
        assert len(kept) == expected
        assert kept[0] == 0
        assert (np.diff(kept) > 0).all()
        assert kept[-1] < length
    assert len({tuple(kept_positions(20, 0.5, random)) for _ in range(5)}) > 1


def test_a_batch_at_some_positions_has_their_states(backbone: Backbone) -> None:
    batch = SplitEncoder(backbone, 1).prefixes(TEXTS, 40).batch(np.arange(len(TEXTS)))
    some = batch.at(np.array([0, 2, 5]))
    assert torch.equal(some.states, batch.states[:, [0, 2, 5]])
    assert torch.equal(some.mask, batch.mask[:, [0, 2, 5]])
