"""Finetuning and its adversarial form."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from toys import make_rows

from baselines.adversarial import Adversarial
from baselines.balanced import Balanced, equal_cells
from baselines.finetuned import Finetuned
from baselines.group_dro import GroupDro, group_means, moved_weights
from baselines.untuned import Untuned
from data.rows import Aspect, Rows, TrainingTask
from harness.encoders import split_encoder
from harness.evaluation.probes import cross_fit, group_folds
from harness.system.progress import silent

SMALL = {
    "steps": 40,
    "token_share": 1.0,
    "batch_texts": 16,
    "max_tokens": 24,
    "encoder_rate": 3e-3,
    "map_rate": 3e-3,
    "patience": 0,
}


def losses_of(method, task, backbone) -> list[float]:
    losses: list[float] = []
    method.fit(
        task,
        backbone,
        seed=0,
        progress=lambda done, total, **metrics: losses.append(float(metrics["loss"])),
    )
    return losses


def test_finetuning_lowers_the_loss_and_spares_the_backbone(toy_task, backbone) -> None:
    before = {k: v.clone() for k, v in backbone.model.state_dict().items()}
    losses = losses_of(Finetuned(Finetuned.Settings(**SMALL)), toy_task(16), backbone)
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 1
    assert all(torch.equal(before[k], v) for k, v in backbone.model.state_dict().items())


def test_before_any_step_finetuning_is_the_untuned_encoder(toy_task, backbone) -> None:
    task = toy_task()
    settings = Finetuned.Settings(steps=0, max_tokens=24)
    method = Finetuned(settings).fit(task, backbone, seed=0, progress=silent)
    untuned = Untuned(Untuned.Settings(max_tokens=24))
    untuned.fit(task, backbone, seed=0, progress=silent)
    np.testing.assert_allclose(
        method.encode(task.train.texts, "colour"),
        untuned.encode(task.train.texts, "colour"),
        atol=0.02,
    )


@pytest.mark.usefixtures("in_float32")
def test_finetuning_is_the_same_where_texts_share_rows(toy_task, backbone, monkeypatch) -> None:
    task = toy_task(16)
    # Every second text is long, so that packing pays.
    texts = tuple(
        f"{text} {text} {text}" if i % 2 else text for i, text in enumerate(task.train.texts)
    )
    task = replace(task, train=replace(task.train, texts=texts))
    settings = Finetuned.Settings(**{**SMALL, "steps": 3, "batch_texts": 32, "token_share": 0.7})
    vectors = {}
    for packs in (False, True):
        monkeypatch.setattr(split_encoder, "can_pack", lambda model, packs=packs: packs)
        method = Finetuned(settings).fit(task, backbone, seed=0, progress=silent)
        vectors[packs] = method.encode(task.valid.texts, "colour")
    np.testing.assert_allclose(vectors[False], vectors[True], rtol=1e-3, atol=1e-4)


def test_each_aspect_has_layers_of_its_own_unless_they_are_shared(toy_task, backbone) -> None:
    """A gradient of one aspect reaches its own copy alone; the prefix stays the backbone's."""
    task = toy_task(8)
    for shared, copies in ((False, 2), (True, 1)):
        settings = Finetuned.Settings(**{**SMALL, "steps": 3, "layers": 1}, shared=shared)
        method = Finetuned(settings).fit(task, backbone, seed=0, progress=silent)
        assert len(method._layers.layers) == copies
        a_copy = sum(p.numel() for p in backbone.model.encoder.layer[1].parameters())
        behind = 2 * (32 * 32 + 32) + 2 * (2 * 32 + 2)
        assert method.trainable_parameters == copies * a_copy + behind
        batch = method._layers.split.prefixes(task.valid.texts, 24).batch(np.arange(4))
        method._layers.layers.zero_grad()
        method._layers.vectors(batch, 1).sum().backward()
        reached = [p.grad is not None for p in method._layers.layers[0].parameters()]
        assert all(reached) if shared else not any(reached)
        plain = method.plain_encoder("animal").model.state_dict()
        for name, before in backbone.model.state_dict().items():
            moved = not torch.equal(before, plain[name])
            assert moved == ("encoder.layer.1" in name), name


def test_the_reversed_gradient_weakens_the_adversary(toy_task, backbone) -> None:
    task = toy_task(16)
    accuracies = {}
    for reversal in (0.0, 3.0):
        settings = Adversarial.Settings(
            **{**SMALL, "steps": 120}, reversal=reversal, adversary_rate=3e-3, shared=True
        )
        method = Adversarial(settings).fit(task, backbone, seed=0, progress=silent)
        values = {
            (s.representation, s.factor): s.value
            for s in method.scores()
            if s.metric == "adversary_accuracy"
        }
        assert set(values) == {("colour", "animal"), ("animal", "colour")}
        accuracies[reversal] = np.mean(list(values.values()))
    assert accuracies[0.0] > 0.85
    assert accuracies[3.0] < accuracies[0.0] - 0.3


def letters(per_cell: int, *, seed: int) -> Rows:
    """Texts in which one letter tells the colour, one the animal, and ten tell nothing."""
    random = np.random.default_rng(seed)
    aspects = (Aspect("colour", ("a", "b")), Aspect("animal", ("c", "d")))
    labels = np.array(list(np.ndindex(2, 2)) * per_cell, dtype=np.int64)
    texts = tuple(
        " ".join(["ab"[colour], "cd"[animal], *random.choice(list("mnopqrstuvwxyz"), 10)])
        for colour, animal in labels
    )
    names = tuple(f"{seed}-{i}" for i in range(len(texts)))
    coded = {aspect.name: labels[:, k].copy() for k, aspect in enumerate(aspects)}
    return Rows(names, texts, coded, np.arange(len(texts)), aspects)


def told(method, rows: Rows) -> tuple[float, float]:
    """Mean target accuracy and mean leakage of a fresh, tuned linear probe."""
    folds, found = group_folds(rows, seed=0), {True: [], False: []}
    for aspect in rows.labels:
        vectors = method.encode(rows.texts, aspect)
        for factor, labels in rows.labels.items():
            accuracy = cross_fit("linear", vectors, labels, folds, seed=0).accuracy
            found[factor == aspect].append(accuracy)
    return float(np.mean(found[True])), float(np.mean(found[False]))


def test_what_can_be_removed_is_removed_and_the_target_stays(backbone) -> None:
    """No aspect needs the letter of the other, so layers of its own can do without.

    Before any step, and with layers that aspects share, target and leakage are equal by
    construction: whatever one representation tells the other tells too.
    """
    train, valid, rows = letters(100, seed=0), letters(10, seed=1), letters(60, seed=2)
    task = TrainingTask("letters", train.aspects, 0.5, train, valid)
    settings = Adversarial.Settings(
        steps=150,
        batch_texts=32,
        token_share=1.0,
        max_tokens=16,
        layers=1,
        encoder_rate=1e-3,
        map_rate=1e-4,
        adversary_rate=3e-2,
        reversal=1.0,
        adversaries=2,
        adversary_units=32,
        adversary_steps=0,
        patience=0,
    )
    found = {
        name: told(Adversarial(changed).fit(task, backbone, seed=0, progress=silent), rows)
        for name, changed in {
            "before": replace(settings, steps=0),
            "own": settings,
            "shared": replace(settings, shared=True),
        }.items()
    }
    assert found["before"][0] - found["before"][1] == pytest.approx(0, abs=0.01)
    assert found["shared"][0] - found["shared"][1] == pytest.approx(0, abs=0.05)
    assert found["own"][0] > found["before"][0]
    assert found["own"][1] < found["before"][1] - 0.15
    # With shared layers what falls falls on both sides.
    assert found["shared"][0] < found["before"][0] - 0.1
    assert found["own"][0] - found["own"][1] > 0.25


def test_adversaries_that_learn_on_find_what_the_game_hid(toy_task, backbone) -> None:
    """Elazar and Goldberg's finding; without further steps the two accuracies are the same."""
    found = {}
    for steps in (0, 300):
        settings = Adversarial.Settings(
            **{**SMALL, "steps": 60},
            reversal=1.0,
            adversary_steps=steps,
            adversary_rate=3e-3,
            shared=True,
        )
        method = Adversarial(settings).fit(toy_task(16), backbone, seed=0, progress=silent)
        for metric in ("adversary_accuracy", "continued_adversary_accuracy"):
            found[steps, metric] = np.mean([s.value for s in method.scores() if s.metric == metric])
    stopped = found[0, "adversary_accuracy"]
    assert found[0, "continued_adversary_accuracy"] == stopped
    # The further steps come after the encoder has stopped and change nothing before.
    assert found[300, "adversary_accuracy"] == stopped
    assert found[300, "continued_adversary_accuracy"] > stopped + 0.05


def test_each_adversary_is_its_own(toy_task, backbone) -> None:
    settings = Adversarial.Settings(**{**SMALL, "steps": 1}, adversaries=2)
    method = Adversarial(settings).fit(toy_task(), backbone, seed=0, progress=silent)
    first, second = method._adversaries[0]
    assert not torch.equal(first[1].weight, second[1].weight)


def test_an_adversary_stands_between_every_two_of_three_aspects(toy_task, backbone) -> None:
    settings = Adversarial.Settings(**{**SMALL, "steps": 2})
    method = Adversarial(settings).fit(toy_task(2, (2, 3, 4)), backbone, seed=0, progress=silent)
    pairs = {(s.metric, s.representation, s.factor) for s in method.scores() if s.representation}
    assert len(pairs) == 12


@given(
    counts=st.tuples(*[st.integers(1, 9)] * 4),
    seed=st.integers(0, 100),
)
def test_equal_cells_are_equal_and_drawn_from_their_own(counts: tuple[int, ...], seed: int) -> None:
    pool = make_rows(9)
    rows = pool.take(
        np.concatenate([np.flatnonzero(pool.cells == c)[:n] for c, n in enumerate(counts)])
    )
    equal = equal_cells(rows, seed=seed)
    assert set(equal.cell_counts().values()) == {min(counts)}
    assert len(set(equal.ids)) == len(equal)
    assert set(equal.ids) <= set(rows.ids)


def test_balanced_learns_from_the_rows_of_equal_cells_alone(toy_task, backbone) -> None:
    """As finetuning on them does; on all rows it comes out otherwise."""
    task = toy_task(8)
    scarce = replace(task, train=task.train.take(np.arange(2, 32)))
    settings = Balanced.Settings(**{**SMALL, "steps": 3})
    balanced = Balanced(settings).fit(scarce, backbone, seed=1, progress=silent)
    equal = replace(scarce, train=equal_cells(scarce.train, seed=1))
    by_hand, on_all = (
        Finetuned(Finetuned.Settings(**{**SMALL, "steps": 3}, triplet=0.0)).fit(
            rows, backbone, seed=1, progress=silent
        )
        for rows in (equal, scarce)
    )
    texts = task.valid.texts
    vectors = balanced.encode(texts, "colour")
    np.testing.assert_array_equal(vectors, by_hand.encode(texts, "colour"))
    assert not np.array_equal(vectors, on_all.encode(texts, "colour"))


def test_group_means_and_weights_by_hand() -> None:
    labels = {"a": torch.tensor([1, 0, 1, 0, 0]), "b": torch.tensor([0, 1, 0, 0, 1])}
    losses = torch.tensor([1.0, 2.0, 3.0, 4.0, 6.0])
    means = group_means(losses, labels)
    # Cells in order: a=0 b=0; a=0 b=1; a=1 b=0.
    assert means.tolist() == [4.0, 4.0, 2.0]
    moved = moved_weights(torch.tensor([0.5, 0.25, 0.25]), means, rate=np.log(2) / 2)
    # Times 4, 4 and 2, then over their sum 2 + 1 + 0.5.
    torch.testing.assert_close(moved, torch.tensor([2.0, 1.0, 0.5]) / 3.5)


def test_group_dro_leans_on_the_cell_that_is_worst_off(toy_task, backbone) -> None:
    """The labels of one cell are wrong for one aspect; at rate 0 all cells stay equal."""
    task = toy_task(8)
    labels = {name: codes.copy() for name, codes in task.train.labels.items()}
    texts = list(task.train.texts)
    wrong = np.flatnonzero(task.train.cells == 3)
    for i in wrong:
        texts[i] = texts[i].replace("blue", "red")
    task = replace(task, train=replace(task.train, texts=tuple(texts), labels=labels))
    weights = {}
    for rate in (0.0, 0.1):
        settings = GroupDro.Settings(**{**SMALL, "steps": 30}, group_rate=rate)
        method = GroupDro(settings).fit(task, backbone, seed=0, progress=silent)
        weights[rate] = method._weights["colour", settings.steps - 1]
    torch.testing.assert_close(weights[0.0], torch.full((4,), 0.25))
    # Confused with it: the cell with the same animal and the colour that its texts name.
    assert weights[0.1][[1, 3]].sum() > 0.6
