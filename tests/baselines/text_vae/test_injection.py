"""The test that the released code lacked: every text is written from its own latent alone."""

from typing import get_args

import pytest
import torch
from torch import Tensor

from baselines.text_vae.injection import Injection, Shape, Way
from baselines.text_vae.model import TextModel
from baselines.text_vae.pieces import Pieces, piece_ids
from baselines.text_vae.sequences import Sequences
from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.transformer import frame_of, transformer_pair
from harness.encoders.backbones import Backbone

SIZE = 6


def model_of(
    backbone: Backbone, texts: tuple[str, ...], way: Way, *, scrambled: bool = False
) -> tuple[TextModel, Sequences]:
    ids = piece_ids(backbone.tokenizer, texts, 32)
    pieces = Pieces.of(ids, len(backbone.tokenizer), frame_of(backbone))
    settings = TextVaeSettings(
        encoder_layers=0, decoder_layers=0, injection=way, latents_scrambled=scrambled
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        pair = transformer_pair(backbone, pieces, settings, SIZE)
        model = TextModel(pair, pieces, SIZE).double().eval()
    return model, Sequences(ids, pieces)


def gradients(model: TextModel, sequences: Sequences) -> Tensor:
    """[texts, texts]: largest gradient of the nats of a text (row) by a latent (column)."""
    count = len(sequences)
    latents = torch.randn(count, SIZE, dtype=torch.float64, generator=torch.manual_seed(1))
    latents.requires_grad_(True)
    nats = model.nats(latents, sequences.batch(range(count)))
    rows = [torch.autograd.grad(n, latents, retain_graph=True)[0].abs().amax(1) for n in nats]
    return torch.stack(rows)


@pytest.mark.parametrize("way", get_args(Way))
def test_a_text_is_written_from_its_own_latent_and_from_no_other(
    seq2seq: Backbone, texts: tuple[str, ...], way: Way
) -> None:
    found = gradients(*model_of(seq2seq, texts, way))
    own = torch.eye(len(texts), dtype=torch.bool)
    assert (found[own] > 1e-8).all()
    assert (found[~own] == 0).all()


def test_scrambled_latents_break_exactly_that(seq2seq: Backbone, texts: tuple[str, ...]) -> None:
    model, sequences = model_of(seq2seq, texts, "memory", scrambled=True)
    found = gradients(model, sequences)
    count, layers = len(texts), 2
    expected = torch.zeros(count, count, dtype=torch.bool)
    for text in range(count):
        for layer in range(layers):
            expected[text, (layer * count + text) // layers] = True
    assert ((found > 0) == expected).all()
    assert expected.diagonal().sum() == 2


@pytest.mark.parametrize(("texts_", "layers"), [(128, 6), (32, 3), (5, 2)])
def test_scrambling_moves_parts_as_the_released_reshape_does(texts_: int, layers: int) -> None:
    shape = Shape(layers=layers, heads=2, head_width=4, width=8)
    latents = torch.randn(texts_, 3)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        right = Injection(3, shape, "memory")
        torch.manual_seed(0)
        wrong = Injection(3, shape, "memory", scrambled=True)
    straight, scrambled = right(latents).memory, wrong(latents).memory
    assert straight is not None
    assert scrambled is not None
    assert straight.shape == scrambled.shape == (layers, texts_, 2, 1, 4)
    kept = 0
    for layer in range(layers):
        for text in range(texts_):
            source, part = divmod(layer * texts_ + text, layers)
            assert torch.equal(scrambled[layer, text], straight[part, source])
            kept += source == text
    if (texts_, layers) == (128, 6):
        own = {(layer * 128 + b) // 6 == b for b in range(128) for layer in range(6)}
        assert own == {True, False}
        assert sum(any((la * 128 + b) // 6 == b for la in range(6)) for b in range(128)) == 6


@pytest.mark.parametrize("way", get_args(Way))
def test_writing_does_not_look_ahead(seq2seq: Backbone, texts: tuple[str, ...], way: Way) -> None:
    model, sequences = model_of(seq2seq, texts, way)
    batch = sequences.batch([0, 5])
    latents = torch.randn(2, SIZE, dtype=torch.float64)
    changed = batch.given.clone()
    changed[:, 3:] = model.pieces.frame.end
    before = model.pair.write(latents, batch.given, batch.there)
    after = model.pair.write(latents, changed, batch.there)
    assert torch.allclose(before[:, :3], after[:, :3], atol=1e-12)
    assert not torch.allclose(before[:, 3:], after[:, 3:], atol=1e-3)


def test_memory_takes_no_position(backbone: Backbone, texts: tuple[str, ...]) -> None:
    """With a slot of zeros as value and a key nobody looks at, the decoder is the one without."""
    model, sequences = model_of(backbone, texts, "memory")
    batch = sequences.batch([1])
    far = torch.zeros(1, SIZE, dtype=torch.float64)
    with torch.no_grad():
        with_memory = model.pair.write(far, batch.given, batch.there)
        without = model.pair.write(None, batch.given, batch.there)
    # A slot of zeros takes part of the attention, so states differ, but stay near.
    assert with_memory.shape == without.shape
    assert not torch.equal(with_memory, without)
