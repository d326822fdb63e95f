"""`drlst-text`: what its latents hold, and that swapping the label's latent changes the label."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from baselines.drlst.text import DrlstText, DrlstTextSettings
from data.rows import Aspect, IntArray, Rows, TrainingTask
from data.texts import LabelledTextTask, TextTask
from harness.encoders.backbones import Backbone
from harness.system.progress import silent

COLOURS = ("blue", "red")
NOUNS, DOES = ("cat", "dog", "owl"), ("sits", "runs", "sleeps")


def rows(count: int, seed: int) -> Rows:
    random = np.random.default_rng(seed)
    codes: IntArray = np.arange(count) % 2
    texts = tuple(
        f"a {COLOURS[code]} {NOUNS[random.integers(3)]} {DOES[random.integers(3)]}"
        for code in codes
    )
    names = tuple(map(str, range(count)))
    labels: Mapping[str, IntArray] = {"colour": codes}
    return Rows(names, texts, labels, np.arange(count), (Aspect("colour", COLOURS),))


def task() -> LabelledTextTask:
    parts = rows(240, 0), rows(40, 1)
    labelled = TrainingTask("toy", parts[0].aspects, 0.0, *parts)
    return LabelledTextTask("toy", parts[0].texts, parts[1].texts, labelled)


@pytest.fixture(scope="module")
def model(backbone: Backbone) -> DrlstText:
    settings = DrlstTextSettings(
        steps=300, batch_texts=32, style_size=4, content_size=12, target_tokens=12, max_tokens=12,
        encoder_layers=2, decoder_layers=2, encoder_rate=1e-3, decoder_rate=3e-3, dropout=0.0,
    )  # fmt: skip
    return DrlstText(settings).fit(task(), backbone, seed=0, progress=silent)


def test_swapping_the_labels_latent_changes_the_colour_and_keeps_the_rest(
    model: DrlstText,
) -> None:
    texts = rows(60, 5).texts
    means = model.posterior(texts).mean
    columns = model.columns_of("colour")
    assert columns is not None
    assert model.columns_of("size") is None
    rest = [i for i in range(model.latent_size) if i not in range(model.latent_size)[columns]]
    # Neighbours have the other colour.
    donors = means[np.arange(60) ^ 1]
    swapped, others = means.copy(), means.copy()
    swapped[:, columns] = donors[:, columns]
    others[:, rest] = donors[:, rest]
    kept = {}
    for name, latents in (("none", means), ("label", swapped), ("content", others)):
        written = model.decode(latents)
        pairs = zip(texts, written, strict=True)
        kept[name] = np.mean([old.split()[1:2] == new.split()[1:2] for old, new in pairs])
    assert kept["none"] > 0.9
    assert kept["label"] < 0.1
    # Before: what is no latent of the colour leaves it as it was.
    assert kept["content"] > 0.9


def test_it_leaves_to_its_evaluation_what_that_measures(model: DrlstText) -> None:
    assert {score.metric for score in model.scores()} <= {"pieces", "adversary_accuracy"}


def test_it_takes_texts_with_labels_alone() -> None:
    plain = TextTask("plain", ("a",), ("b",))
    assert "labels" in str(DrlstText(DrlstTextSettings()).supports(plain))
    assert DrlstText(DrlstTextSettings()).supports(task()) is None


def test_what_is_loaded_writes_and_reads_the_same(
    model: DrlstText, backbone: Backbone, tmp_path: Path
) -> None:
    model.save(tmp_path)
    again = DrlstText(DrlstTextSettings()).load(tmp_path, backbone)
    texts = rows(12, 7).texts
    means = model.posterior(texts).mean
    np.testing.assert_array_equal(again.posterior(texts).mean, means)
    assert again.decode(means) == model.decode(means)
    likelihoods = (each.log_likelihood(texts, means[None]) for each in (model, again))
    np.testing.assert_array_equal(*likelihoods)
    assert again.columns_of("colour") == model.columns_of("colour")
