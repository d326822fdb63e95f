"""The decoder's side of text VAEs, on models whose decoders are known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from text_fakes import LinearGaussian

from harness.encoders.backbones import Backbone
from harness.evaluation.text.decoding import smoothness, variety
from harness.evaluation.text.families import Gaussian
from harness.evaluation.text.latents import FloatArray
from harness.evaluation.text.transfer import attribute_scores, halves, judge

OPENING = "yesterday we all went to see a"
WORDS = ("good", "bad"), ("film", "book", "song", "play")


class TwoWords(LinearGaussian):
    """Column 1 says which of the second words, column 0 which of the first; the rest is noise."""

    latent_size = 20

    def posterior(self, texts: Sequence[str]) -> Gaussian:
        random = np.random.default_rng(0)
        mean = random.standard_normal((len(texts), 20))
        for row, text in enumerate(texts):
            *_, first, second = text.split()
            mean[row, 0] = 3.0 if first == WORDS[0][0] else -3.0
            mean[row, 1] = WORDS[1].index(second)
        return Gaussian(mean, np.zeros_like(mean))

    def decode(self, latents: FloatArray) -> list[str]:
        firsts = [WORDS[0][int(value < 0)] for value in latents[:, 0]]
        places = np.clip(np.rint(latents[:, 1]), 0, 3).astype(int)
        return [f"{OPENING} {f} {WORDS[1][p]}" for f, p in zip(firsts, places, strict=True)]

    def normalised(self, texts: Sequence[str]) -> list[str]:
        return list(texts)


class Jump(TwoWords):
    def decode(self, latents: FloatArray) -> list[str]:
        return [("a good film", "bad songs play here")[int(v < 0)] for v in latents[:, 0]]


class OneText(TwoWords):
    def decode(self, latents: FloatArray) -> list[str]:
        return ["good film"] * len(latents)


def texts(count: int) -> tuple[tuple[str, ...], np.ndarray]:
    random = np.random.default_rng(1)
    codes = random.integers(0, 2, count)
    return tuple(f"{OPENING} {WORDS[0][c]} {WORDS[1][random.integers(4)]}" for c in codes), codes


def attributes(model: TwoWords, **more: Any) -> dict[str, float]:
    shown, codes = texts(200)
    judges = {"tone": judge(*texts(100))}
    posterior = model.posterior(shown)
    found = attribute_scores(model, shown, posterior, {"tone": codes}, judges, seed=0, **more)
    assert {score.factor for score in found} == {"tone"}
    return {score.metric: score.value for score in found}


def test_one_variable_that_carries_the_label_is_swapped_and_nothing_else_changes() -> None:
    found = attributes(TwoWords())
    assert found["consistency"] == found["transfer_accuracy"] == found["judge_accuracy"] == 1
    assert found["transfer_variables"] == 1
    assert 60 < found["transfer_bleu"] < 95


class Reader(OneText):
    """Each word costs a nat, and an unknown one ten."""

    latent_size = 0

    def log_likelihood(self, texts: Sequence[str], latents: FloatArray | None) -> FloatArray:
        assert latents is None
        known = {*OPENING.split(), *WORDS[0], *WORDS[1]}
        nats = [1 + sum(1 if w in known else 10 for w in text.split()) for text in texts]
        return -np.array([nats], dtype=float)


def test_the_columns_that_a_model_keeps_for_a_label_are_swapped_and_no_others() -> None:
    class Split(TwoWords):
        def columns_of(self, label: str) -> slice | None:
            return slice(1, 2) if label == "tone" else None

    # It keeps the column of the second word, which says nothing of the tone.
    found = attributes(Split())
    assert found["transfer_accuracy"] == 0
    assert found["transfer_variables"] == 1


def test_perplexity_tells_written_texts_that_the_reader_does_not_know() -> None:
    class Stammer(TwoWords):
        def decode(self, latents: FloatArray) -> list[str]:
            return ["ggg " + text for text in super().decode(latents)]

    for model, factor in ((TwoWords(), 1.0), (Stammer(), np.exp(9 / 11))):
        found = attributes(model, reader=Reader())
        assert found["source_perplexity"] == pytest.approx(np.e)
        assert found["transfer_perplexity"] == pytest.approx(np.e * factor)
    assert "transfer_perplexity" not in attributes(TwoWords())


def test_a_decoder_that_ignores_the_latent_is_not_consistent_and_transfers_nothing() -> None:
    found = attributes(OneText())
    assert found["consistency"] == pytest.approx(0.5, abs=0.15)
    assert found["transfer_accuracy"] == pytest.approx(0.5, abs=0.15)


def test_self_bleu_is_full_where_all_draws_are_one_text() -> None:
    assert variety(OneText(), seed=0).value == pytest.approx(100)
    assert variety(LinearGaussian(), seed=0).value < 90


def test_a_line_that_is_one_text_and_then_another_is_no_smoother_than_its_ends(
    backbone: Backbone,
) -> None:
    shown, _ = texts(200)
    jump = Jump()
    steps = {s.metric: s.value for s in smoothness(jump, jump.posterior(shown), backbone, seed=0)}
    assert steps["line_ends_cosine"] == pytest.approx(steps["line_cosine"])
    assert steps["line_ends_cosine"] < 0.99
    same = OneText()
    flat = {s.metric: s.value for s in smoothness(same, same.posterior(shown), backbone, seed=0)}
    assert flat["line_cosine"] == pytest.approx(flat["line_ends_cosine"]) == pytest.approx(1)


def test_halves_share_no_group() -> None:
    groups = np.repeat(np.arange(9), 4)
    chosen, scored = halves(36, groups, np.random.default_rng(0))
    assert sorted([*chosen, *scored]) == list(range(36))
    assert not set(groups[chosen]) & set(groups[scored])
    assert min(len(chosen), len(scored)) == 16
    # Without groups, as a control, they do.
    chosen, scored = halves(36, None, np.random.default_rng(0))
    assert len(chosen) == len(scored) == 18
    assert set(groups[chosen]) & set(groups[scored])
