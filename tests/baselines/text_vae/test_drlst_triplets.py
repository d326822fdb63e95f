"""The split latent without labels: partners in the batch take the place of classes."""

from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest
import torch
from toys import make_task, make_triplets

from baselines.drlst.adversaries import Adversaries, of_classes
from baselines.drlst.seq2seq import DrlstSeq2seq
from baselines.drlst.sources import PARTNER_SIZE, Partners, source_of
from data.triplets import TripletTask
from harness.encoders.backbones import Backbone
from harness.system.progress import silent

SMALL = replace(
    DrlstSeq2seq.settings_for("default", "smoke", kind="triplets"),
    steps=120,
    batch_texts=24,
    style_size=16,
    encoder_rate=1e-3,
    dropout=0.0,
)


@pytest.fixture(scope="module")
def task() -> TripletTask:
    return make_triplets()


def nearer(method: DrlstSeq2seq, task: TripletTask, aspect: str) -> float:
    """Share of held-out triplets whose x1 is nearer to x0 than x2 is."""
    z0, z1, z2 = np.split(method.encode(task.valid.texts, aspect), 3)
    near, far = (np.linalg.norm(z0 - z, axis=1) for z in (z1, z2))
    return float((near < far).mean())


def test_a_partner_by_hand(task: TripletTask) -> None:
    """Two triplets: each x0 equals its x1, and has nothing of the other texts."""
    partners = Partners(task, 6, seed=0)
    axes = torch.eye(PARTNER_SIZE)
    said = PARTNER_SIZE**0.25 * torch.stack([*axes[:2], *axes[:2], *axes[2:4]])
    assert torch.allclose(partners.answer("semantics", said), torch.eye(2, 4))
    assert torch.allclose(partners.answer("syntax", said), torch.eye(2, 4).roll(2, 1))


def test_a_batch_asks_for_the_own_partner(task: TripletTask) -> None:
    index, answers = Partners(task, 12, seed=0).draw()
    x0, x1, x2 = np.split(index, 3)
    assert np.array_equal(x1 - x0, np.full(4, 80))
    assert np.array_equal(x2 - x0, np.full(4, 160))
    assert {name: codes.tolist() for name, codes in answers.items()} == {
        "semantics": [0, 1, 2, 3],
        "syntax": [0, 1, 2, 3],
    }


def test_labels_are_answered_as_before() -> None:
    source = source_of(make_task(), 8, seed=0)
    said = torch.randn(8, 2)
    assert source.answer("colour", said) is said is of_classes("colour", said)


def test_an_adversary_that_says_nothing_leaves_all_texts_alike(task: TripletTask) -> None:
    partners = Partners(task, 12, seed=0)
    sizes = {"semantics": 3, "syntax": 3}
    adversaries = Adversaries(sizes, dict.fromkeys(sizes, PARTNER_SIZE), "semantics", words=5)
    for parameter in adversaries.parameters():
        torch.nn.init.zeros_(parameter)
    latents = {name: torch.randn(12, 3) for name in sizes}
    entropy = adversaries.label_entropy(latents, partners.answer)
    assert entropy.item() == pytest.approx(2 * log(8), rel=1e-5)


def test_latents_part_meaning_from_form(task: TripletTask, backbone: Backbone) -> None:
    """And without the losses that part them, they do not."""
    parted, left = (
        DrlstSeq2seq(replace(SMALL, **changes)).fit(task, backbone, seed=0, progress=silent)
        for changes in ({}, {"multitask": 0.0, "adversary": 0.0, "bag_of_words": 0.0})
    )
    gaps = [nearer(m, task, "semantics") - nearer(m, task, "syntax") for m in (parted, left)]
    assert gaps[0] > 0.5
    assert gaps[1] < 0.2


def test_what_was_learned_is_stored(task: TripletTask, backbone: Backbone, tmp_path: Path) -> None:
    settings = replace(SMALL, steps=2)
    method = DrlstSeq2seq(settings).fit(task, backbone, seed=0, progress=silent)
    method.save(tmp_path)
    loaded = DrlstSeq2seq().load(tmp_path, backbone)
    for aspect, width in (("semantics", 128), ("syntax", 16)):
        vectors = method.encode(task.valid.texts, aspect)
        assert vectors.shape == (90, width)
        assert np.array_equal(vectors, loaded.encode(task.valid.texts, aspect))
    assert {score.metric for score in method.scores()} == {"reconstruction", "kl"}
