"""Training of the text VAE against padding everything, and the memory of its likelihood.

The reference below has the same layers, the same batch size and the same loss. Like the released
code of Park and Lee (2021) it pads every text to 256 pieces and has an output layer over the whole
vocabulary of the tokenizer. The suite puts texts of like length together, predicts where there is
something to predict, and knows the pieces of the training texts alone. Both compute in float32.

The corpus is `ptb` where there is a data folder, otherwise the embedded one. Nothing about speed is
asserted, since machines are shared; that both losses are the same one is.
"""

import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from baselines.text_vae.kl_terms import thresholded
from baselines.text_vae.model import TextModel
from baselines.text_vae.pieces import Pieces, piece_ids
from baselines.text_vae.sequences import Batch, Sequences
from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.text_vae import TextVae
from baselines.text_vae.training import Trainer
from benchmarks.conftest import Suite
from benchmarks.speed.speeds import Speeds, kept
from data import tasks
from data.corpus import Corpus
from data.errors import UserError
from data.texts import TextDraw
from harness.encoders import precision
from harness.encoders.backbones import Backbone
from harness.evaluation.text.likelihood import importance_weighted
from harness.system.memory import peak_bytes, reset_peak
from harness.training.checkpoint import Checkpoint

TASK = "ptb-lm"
RATE = "training sentences a second"


@dataclass(frozen=True)
class Size:
    """How much is timed.

    `steps` of `batch_texts` sentences are the suite's, the first not timed; the reference pads to
    so many pieces; the likelihood of `weighted` sentences, few and many, is importance-weighted,
    with so many samples of each.
    """

    batch_texts: int
    steps: int
    padded: int
    weighted: tuple[int, int]
    samples: int


SMOKE = Size(batch_texts=4, steps=4, padded=80, weighted=(5, 20), samples=4)
SIZE = Size(batch_texts=32, steps=16, padded=256, weighted=(250, 1000), samples=100)


class Reference:
    """Padding to a fixed length, and the whole vocabulary, as the released code has them."""

    def __init__(
        self, backbone: Backbone, texts: tuple[str, ...], settings: TextVaeSettings, padded: int
    ) -> None:
        self.settings, self.padded = settings, padded
        method, vocabulary = TextVae(settings), len(backbone.tokenizer)
        pieces = Pieces(
            torch.arange(vocabulary), vocabulary, method.frame(backbone), torch.ones(vocabulary + 1)
        )
        self.sequences = Sequences(
            piece_ids(backbone.tokenizer, texts, settings.max_pieces), pieces, backbone.device
        )
        pair = method.build_pair(backbone, pieces)
        self.model = TextModel(pair, pieces, settings.latent_size).to(backbone.device).train()
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=settings.rate)

    def batch(self, texts: int) -> Batch:
        """The first texts, padded."""
        own, padding = self.sequences.batch(range(texts)), self.sequences.pieces.frame.padding

        def filled(part: torch.Tensor, value: int) -> torch.Tensor:
            return F.pad(part, (0, self.padded - part.shape[1]), value=value)

        return Batch(
            ids=filled(own.ids, padding),
            mask=filled(own.mask, 0),
            given=filled(own.given, padding),
            targets=filled(own.targets, padding),
            there=filled(own.there, 0),
        )

    def nats(self, latents: torch.Tensor, batch: Batch) -> torch.Tensor:
        """-log p(x|z), [texts]: logits of every position, those of padding left out afterwards."""
        logits = self.model.pair.logits(self.model.pair.write(latents, batch.given, batch.there))
        each = F.cross_entropy(
            logits.flatten(0, 1), batch.targets.flatten(), reduction="none"
        ).view_as(batch.targets)
        return (each * batch.there).sum(1)

    def step(self) -> None:
        """One step of the phase with KL."""
        self.optimiser.zero_grad()
        batch = self.batch(self.settings.batch_texts)
        drawn = self.model.posterior(batch.ids, batch.mask).drawn(texts=len(batch), share=0.0)
        kl = thresholded(drawn.kl, self.settings.free_bits, self.settings.threshold)
        loss = self.nats(drawn.latents, batch).mean() + kl
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
        self.optimiser.step()


@pytest.fixture(scope="module")
def size(suite: Suite) -> Size:
    return SMOKE if suite.profile == "smoke" else SIZE


@pytest.fixture(scope="module")
def corpus(suite: Suite) -> Corpus:
    try:
        return tasks.find(TASK).load(suite.trial_inputs.data_dir)
    except UserError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def draw(corpus: Corpus) -> TextDraw:
    drawn = tasks.find(TASK).draw(corpus, seed=0)
    assert isinstance(drawn, TextDraw)
    return drawn


@pytest.fixture(scope="module")
def settings(suite: Suite, size: Size) -> TextVaeSettings:
    """Of the standard profile; phase 1 is left out, whose steps cost the same."""
    return TextVaeSettings(batch_texts=size.batch_texts, warm_up_epochs=0)


@pytest.fixture(autouse=True)
def float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "compute_dtype", lambda: torch.float32)


@pytest.fixture(scope="module")
def speeds(corpus: Corpus, request: pytest.FixtureRequest) -> Iterator[Speeds]:
    where = corpus.name if corpus.source != "embedded" else "embedded"
    with kept("text_vae", "corpus", where, request.config) as speeds:
        yield speeds


def test_both_losses_are_the_same(
    draw: TextDraw, backbone: Backbone, settings: TextVaeSettings, size: Size
) -> None:
    """With the whole vocabulary, padded and not; the restricted one has its own tests."""
    reference = Reference(backbone, draw.training.train[:4], settings, size.padded)
    latents = torch.randn(4, settings.latent_size)
    with torch.inference_mode():
        padded = reference.nats(latents, reference.batch(4))
        own = reference.model.nats(latents, reference.sequences.batch(range(4)))
    torch.testing.assert_close(own, padded, rtol=1e-4, atol=1e-3)


@pytest.mark.benchmark(group="training of a text VAE")
def test_a_step_of_the_reference(
    benchmark: Any,
    draw: TextDraw,
    backbone: Backbone,
    settings: TextVaeSettings,
    size: Size,
    speeds: Speeds,
) -> None:
    texts = draw.training.train[: size.batch_texts]
    reference = Reference(backbone, texts, settings, size.padded)
    benchmark.pedantic(reference.step, rounds=1, warmup_rounds=1)
    rate = size.batch_texts / float(benchmark.stats.stats.min)
    benchmark.extra_info[RATE] = rate
    speeds.line(RATE, "sentences a second").reference = rate


@pytest.mark.benchmark(group="training of a text VAE")
def test_steps_of_the_suite(
    benchmark: Any,
    draw: TextDraw,
    backbone: Backbone,
    settings: TextVaeSettings,
    size: Size,
    speeds: Speeds,
) -> None:
    """An epoch on some of the sentences, with the pieces of all of them."""
    method, tokenizer = TextVae(settings), backbone.tokenizer
    ids = piece_ids(tokenizer, draw.training.train, settings.max_pieces)
    method.prepare(backbone, Pieces.of(ids, len(tokenizer), method.frame(backbone)))
    pieces = method.model.pieces
    some = Sequences(ids[: size.batch_texts * size.steps], pieces, backbone.device)
    ends: list[float] = []

    def train() -> None:
        Trainer(
            method.model,
            some,
            Sequences([], pieces, backbone.device),
            settings,
            measure=None,
            seed=0,
            checkpoint=Checkpoint(None),
        ).train(lambda *_, **__: ends.append(time.perf_counter()))

    benchmark.pedantic(train, rounds=1)
    rate = size.batch_texts * (len(ends) - 1) / (ends[-1] - ends[0])
    benchmark.extra_info[RATE] = rate
    line = speeds.line(RATE, "sentences a second")
    line.suite = rate
    if line.complete:
        benchmark.extra_info["times the reference"] = rate / line.reference


@pytest.mark.timeout(3600)
def test_memory_of_importance_weighting(
    benchmark: Any, corpus: Corpus, backbone: Backbone, size: Size, speeds: Speeds
) -> None:
    """Of few and of many sentences: the growth of the peak over what there was before either.

    The decoder has one layer and is not trained: neither matters to whether memory is flat.
    """
    texts = tuple(dict.fromkeys(corpus.frame["text"]))[: size.weighted[1]]
    method = TextVae(TextVaeSettings(encoder_layers=1, decoder_layers=1))
    ids = piece_ids(backbone.tokenizer, texts, method.settings.max_pieces)
    method.prepare(backbone, Pieces.of(ids, len(backbone.tokenizer), method.frame(backbone)))
    gc.collect()
    reset_peak()
    before, growth = peak_bytes(), list[float]()

    def weigh() -> None:
        for count in size.weighted:
            some = texts[:count]
            reset_peak()
            importance_weighted(method, some, method.posterior(some), samples=size.samples, seed=0)
            growth.append(max(peak_bytes() - before, 1) / 2**20)

    benchmark.pedantic(weigh, rounds=1)
    for count, grown in zip(size.weighted, growth, strict=True):
        benchmark.extra_info[f"MiB for {count} sentences"] = grown
    few, many = size.weighted
    what = f"peak memory of {size.samples} samples, {many} sentences against {few}"
    line = speeds.line(what, "MiB")
    line.reference, line.suite = growth
