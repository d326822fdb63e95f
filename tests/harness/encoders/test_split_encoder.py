"""A transformer cut in two gives what the whole gives, in every family."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from families import FAMILIES, of_family
from hypothesis import given
from hypothesis import strategies as st

from data.errors import UserError
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import kept_positions, length_parts, mean_pool, tokenise
from harness.encoders.hidden_state_cache import without_cache
from harness.encoders.layer_cut import layers_of
from harness.encoders.split_encoder import PrefixBatch, SplitEncoder

TEXTS = (
    "a short text",
    "a somewhat longer text than that",
    "one more",
    "the last of them all, then",
)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("first", [0, 1, 3])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
def test_prefix_and_suffix_together_equal_the_whole_encoder(
    dtype: torch.dtype,
    first: int,
    family: str,
    backbone: Backbone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("harness.encoders.split_encoder.compute_dtype", lambda: dtype)
    whole = of_family(family, backbone)
    split = SplitEncoder(whole, first)
    index = np.arange(len(TEXTS))
    batch = split.prefixes(TEXTS, 40).batch(index)
    ids, mask = batch.ids, batch.mask
    with torch.no_grad():
        got = mean_pool(split.run(batch), mask)
        model = whole.copy_model().to(dtype)
        expected = mean_pool(model(input_ids=ids, attention_mask=mask).last_hidden_state, mask)
    assert len(split.layers) == 4 - first
    near = 0.02 if dtype == torch.bfloat16 else 1e-5
    torch.testing.assert_close(got, expected, atol=near, rtol=near)
    assert batch.states.dtype == dtype
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


def test_texts_are_tokenised_once_unless_their_cost_is_measured(backbone: Backbone) -> None:
    asked = []

    def counted(texts: list[str], **settings: Any) -> Any:
        asked.append(texts)
        return backbone.tokenizer(texts, **settings)

    counted.pad_token_id, counted.eos_token_id = 0, None  # type: ignore[attr-defined]
    counting = dataclasses.replace(backbone, tokenizer=counted)
    first = tokenise(counting, TEXTS, 12)
    assert tokenise(counting, list(TEXTS), 12).ids is first.ids
    assert len(asked) == 1
    with without_cache():
        tokenise(counting, TEXTS, 12)
    assert len(asked) == 2
    assert tokenise(counting, TEXTS, 8).ids is not first.ids
    assert tokenise(counting, TEXTS[:2], 12).ids is not first.ids
    assert len(asked) == 4


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


def test_a_few_texts_stay_whole_and_in_order() -> None:
    """Where a step sees some positions, all texts of a small batch may be padded there."""
    mask = (torch.arange(20)[None, :] < torch.tensor([9, 3, 7])[:, None]).long()
    (where, columns), *others = length_parts(mask)
    assert not others
    assert where.tolist() == [0, 1, 2]
    assert columns == 20


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_buckets_hold_every_text_once_and_lose_no_token(lengths: list[int]) -> None:
    longest = max(lengths)
    mask = (torch.arange(longest)[None, :] < torch.tensor(lengths)[:, None]).long()
    ids = torch.arange(mask.numel()).view(mask.shape) * mask
    batch = PrefixBatch(ids, mask, ids[..., None].float())
    buckets = batch.buckets()
    assert sorted(torch.cat([where for where, _ in buckets]).tolist()) == list(range(len(lengths)))
    for where, part in buckets:
        assert part.mask.shape[1] == (part.mask.sum(1).max() if len(buckets) > 1 else longest)
        for position, row, tokens, states in zip(
            where, part.mask, part.ids, part.states, strict=True
        ):
            kept = lengths[position]
            assert row.sum() == kept
            assert torch.equal(tokens[:kept], ids[position, :kept])
            assert torch.equal(states[:kept, 0], ids[position, :kept].float())
    if len(buckets) > 1:
        assert sum(part.mask.numel() for _, part in buckets) <= 0.9 * mask.numel()
