"""Restricted vocabularies, batches and pooling."""

import math
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from baselines.text_vae.model import TextModel
from baselines.text_vae.pieces import Frame, Pieces, piece_ids
from baselines.text_vae.sequences import (
    Sequences,
    cut_batches,
    epoch_batches,
    mixed_batches,
)
from baselines.text_vae.settings import Pooling, TextVaeSettings
from baselines.text_vae.transformer import frame_of, pool, transformer_pair
from harness.encoders.backbones import Backbone

FRAME = Frame((1,), 1, 2, 0)
WHOLE = TextVaeSettings(encoder_layers=0, decoder_layers=0)


def test_probabilities_over_the_whole_vocabulary_sum_to_one(t5: Backbone) -> None:
    """Of one-piece texts, the unknown ones among them, given that one piece is written."""
    ids = piece_ids(t5.tokenizer, ["a red cat", "the dog"], 8)
    pieces = Pieces.of(ids, len(t5.tokenizer), frame_of(t5))
    assert pieces.left_out > 3
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        pair = transformer_pair(t5, pieces, WHOLE, 4)
    model = TextModel(pair, pieces, 4).eval()
    every = Sequences([[piece] for piece in range(len(t5.tokenizer))], pieces)
    batch = every.batch(range(len(every)))
    latents = torch.randn(1, 4).expand(len(every), 4)
    with torch.no_grad():
        first = batch.targets[:, :1]
        only = type(batch)(batch.ids, batch.mask, batch.given[:, :1], first, torch.ones_like(first))
        nats = model.nats(latents, only)
    assert float((-nats).exp().sum()) == pytest.approx(1, abs=1e-5)
    unknown = [i for i in range(len(every)) if int(batch.targets[i, 0]) == pieces.other]
    assert len(unknown) == pieces.left_out
    assert pieces.share_nats == pytest.approx(math.log(pieces.left_out))
    # Before: without the shares, each of the unknown ones would have the probability of all.
    total = float((-nats).exp().sum()) + float((-nats[unknown]).exp().sum()) * (pieces.left_out - 1)
    assert total > 1.01


def test_numbers_and_ids_are_each_others_inverse_for_known_pieces() -> None:
    pieces = Pieces.of([[5, 7], [7, 9]], 12, FRAME)
    numbers = pieces.numbers(torch.tensor([5, 7, 9, 3]))
    assert pieces.ids(numbers.tolist(), unknown=11) == [5, 7, 9, 11]
    assert int(numbers[3]) == pieces.other
    assert pieces.left_out == 12 - 6
    shares = pieces.log_frequencies().exp()
    assert float(shares.sum()) == pytest.approx(1)
    assert int(shares.argmax()) in {int(pieces.numbers(torch.tensor(i))) for i in (2, 7)}


def test_the_unknown_word_of_a_corpus_becomes_the_tokenizers_unknown_piece(
    backbone: Backbone,
) -> None:
    unknown = backbone.tokenizer.unk_token_id
    assert unknown in piece_ids(backbone.tokenizer, ["the <unk> ran"], 16)[0]
    assert unknown not in piece_ids(backbone.tokenizer, ["the < unk > ran"], 16)[0]


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=200),
    size=st.integers(1, 16),
    epoch=st.integers(0, 3),
)
def test_an_epoch_has_every_text_once(lengths: list[int], size: int, epoch: int) -> None:
    array = np.array(lengths)
    batches = epoch_batches(array, size, seed=3, epoch=epoch)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert (
        len(batches) == len(cut_batches(np.arange(len(lengths)), size)) == -(-len(lengths) // size)
    )
    mixed = mixed_batches(len(lengths), size, seed=3, epoch=epoch)
    assert sorted(np.concatenate(mixed).tolist()) == list(range(len(lengths)))
    again = epoch_batches(array, size, seed=3, epoch=epoch)
    assert all(np.array_equal(a, b) for a, b in zip(batches, again, strict=True))


def test_batches_of_like_length_hold_less_padding_and_change_with_the_epoch() -> None:
    lengths = np.random.default_rng(0).integers(3, 60, size=1000)

    def padding(batches: list[np.ndarray]) -> int:
        return sum(int(lengths[b].max()) * len(b) - int(lengths[b].sum()) for b in batches)

    first, second = (epoch_batches(lengths, 20, seed=0, epoch=e) for e in (0, 1))
    assert padding(first) < 0.1 * padding(cut_batches(np.arange(1000), 20))
    assert {tuple(sorted(b)) for b in first} != {tuple(sorted(b)) for b in second}


@pytest.mark.parametrize("how", get_args(Pooling))
def test_padding_takes_no_part_in_the_pooling(how: Pooling) -> None:
    states = torch.randn(2, 5, 3)
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    pooled = pool(states, mask, how)
    assert torch.allclose(pooled[:1], pool(states[:1, :3], mask[:1, :3], how))
    changed = states.clone()
    changed[0, 3:] = 100.0
    assert torch.equal(pooled, pool(changed, mask, how))
    if how != "first":
        everything = torch.ones_like(mask)
        assert not torch.allclose(pool(changed, everything, how)[0], pooled[0])


def test_deleted_pieces_are_missing_for_the_encoder_alone() -> None:
    pieces = Pieces.of([list(range(3, 33))] * 40, 40, FRAME)
    sequences = Sequences([list(range(3, 33))] * 40, pieces)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        batch = sequences.batch(range(40), deletion=0.4)
    whole = sequences.batch(range(40))
    assert torch.equal(batch.targets, whole.targets)
    assert torch.equal(batch.given, whole.given)
    kept = (batch.mask.sum(1) - 2).float().mean() / 30
    assert kept == pytest.approx(0.6, abs=0.05)
    assert (whole.mask.sum(1) == 32).all()


def test_what_is_left_of_a_short_text_is_at_least_a_piece() -> None:
    pieces = Pieces.of([[3]], 10, FRAME)
    batch = Sequences([[3]] * 50, pieces).batch(range(50), deletion=0.9)
    assert (batch.mask.sum(1) == 3).all()
