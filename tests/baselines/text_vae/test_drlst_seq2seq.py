"""The split latent on a pair: both families, one rate a weight, and that the latents are used."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from baselines.drlst.seq2seq import DrlstSeq2seq
from data.rows import TrainingTask
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import tokenise
from harness.system.progress import silent


def fitted(task: TrainingTask, backbone: Backbone, **changes: object) -> DrlstSeq2seq:
    settings = replace(DrlstSeq2seq.settings_for("default", "smoke"), **changes)
    return DrlstSeq2seq(settings).fit(task, backbone, seed=0, progress=silent)


def test_both_families_are_split_and_stored(
    toy_task: Callable[..., TrainingTask], seq2seq: Backbone, tmp_path: Path
) -> None:
    task = toy_task()
    method = fitted(task, seq2seq)
    method.save(tmp_path)
    loaded = DrlstSeq2seq().load(tmp_path, seq2seq)
    for aspect, width in (("colour", 8), ("animal", 8)):
        vectors = method.encode(task.train.texts, aspect)
        assert vectors.shape == (32, width)
        assert np.array_equal(vectors, loaded.encode(task.train.texts, aspect))


def test_every_weight_of_the_pair_has_one_rate(
    toy_task: Callable[..., TrainingTask], seq2seq: Backbone
) -> None:
    encoder = fitted(toy_task(), seq2seq)._model.encoder
    groups = encoder.groups(0.5)
    listed = [id(p) for group in groups for p in group["params"]]
    assert sorted(listed) == sorted(id(p) for p in encoder.parameters())
    settings = DrlstSeq2seq.Settings()
    rates = [group["lr"] for group in groups]
    assert rates == [0.5, settings.decoder_rate, settings.rate]
    assert {id(p) for p in groups[0]["params"]} == {id(p) for p in encoder.pair.reader.parameters()}


def test_every_piece_of_a_text_is_predicted_and_its_end(
    toy_task: Callable[..., TrainingTask], seq2seq: Backbone
) -> None:
    """The first one too, whether or not the family opens a text."""
    method = fitted(toy_task(), seq2seq)
    text, tokenizer = "a red cat", seq2seq.tokenizer
    ids, mask = tokenise(seq2seq, [text], 32).batch(np.array([0]))
    latents = torch.zeros(1, sum(method.network.sizes.values()))
    known = method._vocabulary.index(ids)
    logits, targets = method.network.decoder(latents, known, mask)
    encoder = method.network.encoder
    whole = tokenizer(text, add_special_tokens=False)["input_ids"]
    numbers = encoder.pieces.numbers(torch.tensor(whole)).tolist()
    assert targets.tolist() == [*numbers, encoder.pieces.frame.end]
    assert len(logits) == len(targets)


@pytest.mark.parametrize("reconstruction", [1.0, 0.0])
def test_texts_are_written_from_their_latents(
    reconstruction: float, toy_task: Callable[..., TrainingTask], backbone: Backbone
) -> None:
    """Latents of other texts serve worse, unless nothing taught the decoder to use any."""
    task = toy_task()
    method = fitted(task, backbone, steps=150, batch_texts=16, reconstruction=reconstruction)
    model, tokens = method._model, tokenise(backbone, task.train.texts, 32)
    index = np.arange(len(tokens))
    ids, mask = tokens.batch(index)
    known = method._vocabulary.index(ids)
    with torch.inference_mode():
        posterior = model.posterior(model.encoder.read(task.train.texts).vectors(index))
        latents = torch.cat([gaussian.mean for gaussian in posterior.values()], dim=1)
        own, others = (
            F.cross_entropy(*model.decoder(z, known, mask)).item()
            for z in (latents, latents.roll(1, 0))
        )
    if reconstruction:
        assert own < others - 0.1
    else:
        assert own > others - 0.05
