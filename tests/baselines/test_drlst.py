"""The disentangled autoencoders: each term of the objective, and what each is good for."""

import math
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from torch.distributions import Independent, Normal
from torch.distributions import kl_divergence as torch_kl
from transformers import PreTrainedTokenizerFast

from baselines.drlst.adversaries import Adversaries
from baselines.drlst.backbone import DrlstBackbone
from baselines.drlst.bags import bags_of, content_words
from baselines.drlst.encoders import GruEncoder
from baselines.drlst.losses import bag_loss, entropy, kl_factor
from baselines.drlst.method import Drlst
from baselines.drlst.model import REST, Autoencoder, Decoder, latent_sizes
from baselines.drlst.seq2seq import DrlstSeq2seq
from baselines.drlst.settings import DrlstSettings
from baselines.drlst.sources import Labels
from baselines.drlst.training import Trainer
from baselines.drlst.vocabulary import UNKNOWN, Vocabulary
from baselines.gaussian import Gaussian
from data.rows import Aspect, Rows, TrainingTask
from harness.encoders.backbones import Backbone, resolve
from harness.encoders.encoding import tokenise
from harness.system.progress import silent

OPINIONS = (("bad", "dull", "poor", "weak", "sad"), ("good", "great", "fine", "warm", "fun"))
GENRES = (
    ("ghost", "blood", "knife", "scream", "grave"),
    ("love", "family", "tears", "trial", "war"),
)
TOPICS = tuple(f"topic{'abcdefgh'[i]}" for i in range(8))
SMALL = DrlstSettings(
    embedding=32,
    units=48,
    content_size=24,
    dropout=0.0,
    max_tokens=24,
    target_tokens=24,
    steps=200,
    encoder_rate=3e-3,
    rate=3e-3,
)


def reviews(cells: dict[tuple[int, int], int], seed: int) -> Rows:
    """Texts of words that tell sentiment and genre, function words, and words that tell neither."""
    random = np.random.default_rng(seed)
    texts, labels = [], []
    for (sentiment, genre), count in cells.items():
        for _ in range(count):
            words = [
                *random.choice(OPINIONS[sentiment], 2),
                *random.choice(GENRES[genre], 2),
                *random.choice(TOPICS, 3),
                *random.choice(["the", "of", "and"], 3),
            ]
            texts.append("it " + " ".join(random.permutation(words)))
            labels.append((sentiment, genre))
    codes = np.array(labels, dtype=np.int64)
    return Rows(
        ids=tuple(str(i) for i in range(len(texts))),
        texts=tuple(texts),
        labels={"sentiment": codes[:, 0], "genre": codes[:, 1]},
        groups=np.arange(len(texts)),
        aspects=(
            Aspect("sentiment", ("negative", "positive")),
            Aspect("genre", ("horror", "drama")),
        ),
    )


CORRELATED = {(0, 0): 120, (1, 1): 120, (0, 1): 30, (1, 0): 30}
BALANCED = {(0, 0): 60, (1, 1): 60, (0, 1): 60, (1, 0): 60}


@cache
def review_task() -> TrainingTask:
    train, valid = reviews(CORRELATED, seed=0), reviews(BALANCED, seed=1)
    return TrainingTask("reviews", train.aspects, 0.8, train, valid)


@cache
def worded() -> Backbone:
    """The random backbone with a tokenizer of whole words."""
    words = {w for text in review_task().train.texts for w in text.split()}
    numbers = {word: i for i, word in enumerate(["[PAD]", "[UNK]", *sorted(words)])}
    tokenizer = Tokenizer(WordLevel(numbers, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]"
    )
    return replace(resolve("random-bert"), tokenizer=wrapped)


@cache
def fitted(variant: str) -> Drlst:
    settings = replace(SMALL, **Drlst.variants.get(variant, {}))
    return Drlst(settings).fit(review_task(), worded(), seed=0, progress=silent)


def score(variant: str, metric: str, latent: str = "", aspect: str = "") -> float:
    (found,) = [
        s.value
        for s in fitted(variant).scores()
        if (s.metric, s.representation, s.factor) == (metric, latent, aspect)
    ]
    return found


def probe(variant: str, latent: str, aspect: str) -> float:
    """Accuracy of a linear probe on balanced rows that the method never saw."""
    fit, test = reviews(BALANCED, seed=2), reviews(BALANCED, seed=3)
    model = LogisticRegression(max_iter=1000)
    model.fit(fitted(variant).encode(fit.texts, latent), fit.labels[aspect])
    right = model.predict(fitted(variant).encode(test.texts, latent)) == test.labels[aspect]
    return float(right.mean())


def topics_told(variant: str) -> float:
    """R squared of a ridge regression from the content latent to the topic words of a text."""
    fit, test = reviews(BALANCED, seed=2), reviews(BALANCED, seed=3)
    counts = [
        np.array([[text.split().count(w) for w in TOPICS] for text in rows.texts])
        for rows in (fit, test)
    ]
    ridge = Ridge().fit(fitted(variant).encode(fit.texts, "genre"), counts[0])
    return float(ridge.score(fitted(variant).encode(test.texts, "genre"), counts[1]))


def test_the_classification_puts_an_aspect_into_its_latent() -> None:
    assert probe("default", "sentiment", "sentiment") > 0.95
    assert probe("no-multitask", "sentiment", "sentiment") < 0.85


def test_the_entropy_keeps_other_aspects_out_of_a_latent() -> None:
    without = score("no-adversary", "adversary_accuracy", "genre", "sentiment")
    assert without > score("default", "adversary_accuracy", "genre", "sentiment") + 0.05
    assert (
        probe("no-adversary", "genre", "sentiment") > probe("default", "genre", "sentiment") + 0.05
    )


def test_the_kl_term_keeps_the_posterior_near_the_prior() -> None:
    assert score("no-kl", "kl") > 2 * score("default", "kl")


def test_the_bag_of_words_puts_words_into_the_content_latent() -> None:
    assert topics_told("default") > topics_told("no-bag-of-words") + 0.3


def test_the_decoder_beats_the_unigram_entropy_and_without_its_term_does_not() -> None:
    counts = Counter(w for text in review_task().train.texts for w in text.split()[1:])
    total = sum(counts.values())
    unigram = np.mean(
        [
            sum(-math.log(counts[w] / total) for w in text.split()[1:])
            for text in review_task().valid.texts
        ]
    )
    assert score("default", "reconstruction") < unigram - 2
    assert score("no-reconstruction", "reconstruction") > unigram


def test_kl_equals_that_of_torch() -> None:
    random = torch.Generator().manual_seed(0)
    mean, log_variance = torch.randn(2, 5, 7, generator=random)
    prior = Independent(Normal(torch.zeros(5, 7), torch.ones(5, 7)), 1)
    there = Independent(Normal(mean, (0.5 * log_variance).exp()), 1)
    found = Gaussian(mean, log_variance).kl().sum(1)
    torch.testing.assert_close(found, torch_kl(there, prior))
    assert (found > 0.1).all()


def test_the_kl_weight_rises_to_its_whole() -> None:
    factors = [kl_factor(step, 100, 0.3) for step in range(100)]
    assert factors[0] < 0.01
    assert factors == sorted(factors)
    assert all(factor == 1 for factor in factors[30:])
    assert kl_factor(0, 100, 0.0) == 1


def test_texts_without_content_words_count_for_nothing() -> None:
    logits = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    bags = torch.tensor([[0.5, 0.5, 0, 0], [0, 0, 0, 1.0], [0, 0, 0, 0]])
    assert torch.equal(bag_loss(logits, bags), bag_loss(logits[:2], bags[:2]))
    assert bag_loss(logits, torch.zeros(3, 4)) == 0


def test_the_entropy_is_that_of_the_prediction() -> None:
    assert entropy(torch.zeros(2, 5)).item() == pytest.approx(math.log(5))
    certain = torch.tensor([[50.0, 0.0], [0.0, 50.0]])
    assert entropy(certain).item() == pytest.approx(0, abs=1e-6)


@pytest.fixture
def parts() -> tuple[Autoencoder, Trainer]:
    """An untrained model on the reviews, with its trainer."""
    tokens = tokenise(worded(), review_task().train.texts, 24)
    vocabulary = Vocabulary.of(tokens, 100, worded().tokenizer)
    words = content_words(vocabulary, tokens, review_task().train, "genre", worded().tokenizer)
    torch.manual_seed(0)
    encoder = GruEncoder(worded(), vocabulary, replace(SMALL, embedding=8, units=8))
    aspects = {"sentiment": 2, "genre": 2}

    def build_decoder(latent: int) -> Decoder:
        return Decoder(len(vocabulary), latent, SMALL)

    model = Autoencoder(encoder, build_decoder, len(words), aspects, SMALL)
    source = Labels(review_task().train, 8, seed=0)
    return model, Trainer(model, source, vocabulary, words, SMALL)


def test_no_player_moves_the_other_by_its_own_loss(parts: tuple[Autoencoder, Trainer]) -> None:
    model, trainer = parts
    rows = review_task().train
    index = np.arange(0, 300, 20)
    labels = {name: torch.from_numpy(codes[index]) for name, codes in rows.labels.items()}
    own = [*model.encoder.parameters(), *model.own_parameters()]
    theirs = list(model.adversaries.parameters())
    assert {id(p) for p in [*own, *theirs]} == {id(p) for p in model.parameters()}
    adversaries, autoencoder = trainer.losses(model.encoder.read(rows.texts), (index, labels), 50)
    adversaries.backward()
    assert all(p.grad is None for p in own)
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in theirs)
    model.zero_grad()
    autoencoder.backward()
    assert all(p.grad is None for p in theirs)
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.encoder.parameters())


def test_a_step_up_the_entropy_makes_the_adversary_less_sure() -> None:
    torch.manual_seed(0)
    adversaries = Adversaries({"a": 3, "b": 3}, {"a": 2, "b": 2}, content="b", words=5)
    latents = {name: torch.randn(20, 3, requires_grad=True) for name in "ab"}
    readers = (
        (adversaries.label_entropy, adversaries.labels[0]),
        (adversaries.bag_entropy, adversaries.bags[0]),
    )
    for measure, reader in readers:
        (slope,) = torch.autograd.grad(measure(latents), [latents["a"]])
        sure, less = (
            reader(z).softmax(1).amax(1).mean() for z in (latents["a"], latents["a"] + 20 * slope)
        )
        assert less < sure - 0.01


def test_padding_counts_for_nothing() -> None:
    torch.manual_seed(0)
    vocabulary = Vocabulary(torch.arange(2, 30), len(worded().tokenizer))
    encoder = GruEncoder(worded(), vocabulary, replace(SMALL, embedding=8, units=8))
    decoder = Decoder(len(vocabulary), 6, replace(SMALL, dropout=0.0))
    ids = torch.randint(2, 30, (2, 10))
    mask = torch.ones_like(ids)
    mask[0, 6:] = 0
    alone, latents = ids[:1, :6], torch.randn(2, 6)
    known, one = vocabulary.index(ids), vocabulary.index(alone)
    torch.testing.assert_close(encoder(ids, mask)[:1], encoder(alone, mask[:1, :6]))
    logits, targets = decoder(latents, known, mask)
    expected, wanted = decoder(latents[:1], one, mask[:1, :6])
    assert len(targets) == 5 + 9
    torch.testing.assert_close(logits[:5], expected)
    assert torch.equal(targets[:5], wanted)
    words = torch.arange(1, len(vocabulary))
    assert torch.equal(bags_of(known, mask, words)[:1], bags_of(one, mask[:1, :6], words))
    assert not torch.allclose(encoder(ids, torch.ones_like(ids))[0], encoder(ids, mask)[0])


def test_a_bag_leaves_out_function_words_and_those_of_the_other_aspect(
    parts: tuple[Autoencoder, Trainer],
) -> None:
    task, tokenizer = review_task(), worded().tokenizer
    tokens = tokenise(worded(), task.train.texts, 24)
    vocabulary = Vocabulary.of(tokens, 100, tokenizer)

    def counted(content: str) -> set[str]:
        words = content_words(vocabulary, tokens, task.train, content, tokenizer)
        return set(tokenizer.convert_ids_to_tokens(vocabulary.pieces[words - 1].tolist()))

    opinions, genres = {w for c in OPINIONS for w in c}, {w for c in GENRES for w in c}
    # The rows are correlated: words of the genre go with a sentiment too, and stay all the same.
    assert counted("genre") == {*genres, *TOPICS}
    assert counted("sentiment") == {*opinions, *TOPICS}


def test_the_vocabulary_holds_the_most_frequent_pieces() -> None:
    tokens = tokenise(worded(), ("it it love", "it love war"), 24)
    vocabulary = Vocabulary.of(tokens, 2, worded().tokenizer)
    it, love, war = (worded().tokenizer.convert_tokens_to_ids(w) for w in ("it", "love", "war"))
    assert vocabulary.pieces.tolist() == [it, love]
    assert vocabulary.index(torch.tensor([love, war, it])).tolist() == [2, UNKNOWN, 1]


def test_there_is_always_one_content_latent() -> None:
    settings = DrlstSettings()
    assert latent_sizes({"sentiment": 2, "genre": 2}, settings) == {"sentiment": 8, "genre": 128}
    three = {"toxicity": 8, "dialect": 8, REST: 128}
    assert latent_sizes({"toxicity": 2, "dialect": 2}, settings) == three


@pytest.mark.parametrize("method_class", [Drlst, DrlstBackbone, DrlstSeq2seq])
def test_three_aspects_of_two_three_and_four_classes(method_class, toy_task, backbone) -> None:
    task = toy_task(1, (2, 3, 4))
    settings = replace(method_class.settings_for("default", "smoke"), content="animal")
    method = method_class(settings).fit(task, backbone, seed=0, progress=silent)
    assert method.encode(task.train.texts, "colour").shape == (24, 8)
    assert method.encode(task.train.texts, "animal").shape == (24, 128)
    pairs = {(s.representation, s.factor) for s in method.scores() if s.representation}
    assert len(pairs) == 6


def test_the_pretrained_encoder_is_trained_above_the_cut_alone(toy_task, backbone) -> None:
    settings = replace(DrlstBackbone.settings_for("default", "smoke"), layers=1)
    method = DrlstBackbone(settings).fit(toy_task(), backbone, seed=0, progress=silent)
    learned = dict(method._model.encoder.named_parameters())
    before = backbone.model.encoder.layer[1]
    assert set(learned) == {f"layers.0.{name}" for name, _ in before.named_parameters()}
    moved = [not torch.equal(learned[f"layers.0.{n}"], p) for n, p in before.named_parameters()]
    assert all(moved)


def test_the_pair_writes_each_text_from_its_own_latents(toy_task, backbone) -> None:
    task = toy_task()
    settings = replace(DrlstSeq2seq.settings_for("default", "smoke"), dropout=0.0)
    method = DrlstSeq2seq(settings).fit(task, backbone, seed=0, progress=silent)
    model, vocabulary = method._model.eval(), method._vocabulary
    tokens = tokenise(backbone, task.train.texts[:4], 24)
    ids, mask = tokens.batch(np.arange(4))
    latents = torch.randn(4, sum(model.sizes.values()), requires_grad=True)
    logits, targets = model.decoder(latents, vocabulary.index(ids), mask)
    assert len(logits) == len(targets) == int(mask[:, 1:].sum())
    first = int(mask[0, 1:].sum())
    (slope,) = torch.autograd.grad(logits[:first].square().sum(), latents)
    assert slope[0].abs().max() > 0
    assert (slope[1:] == 0).all()
    # Targets are the vocabulary's pieces, in the numbers of the pair.
    pair = model.encoder.pieces
    assert pair.ids(targets.tolist(), unknown=-1) == ids[:, 1:][mask[:, 1:].bool()].tolist()


def test_the_pair_is_counted_once_and_trained_as_a_whole(toy_task, backbone) -> None:
    settings = DrlstSeq2seq.settings_for("default", "smoke")
    method = DrlstSeq2seq(settings).fit(toy_task(), backbone, seed=0, progress=silent)
    model = method._model
    assert not list(model.decoder.parameters())
    pair = model.encoder.pair
    assert sum(p.numel() for p in model.encoder.parameters()) == sum(
        p.numel() for p in pair.parameters()
    )
    start = backbone.model.encoder.layer[0].attention.self.value.weight
    for stack in (pair.reader, pair.writer["stack"]):
        assert not torch.equal(stack.encoder.layer[0].attention.self.value.weight, start)
