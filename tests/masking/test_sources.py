"""The losses of labelled and of given triplets, and the batches that are made of them."""

import pytest
import torch
from torch import nn

from data.errors import UserError
from harness.training.objectives import classification_loss, explicit_triplet_loss, triplet_loss
from harness.training.settings import TrainedSettings
from harness.training.sources import ExplicitTriplets, LabelledTexts

SETTINGS = TrainedSettings(batch_texts=8, triplet=2.0, classification=3.0)


def test_explicit_loss_by_hand() -> None:
    z0, z1, z2 = torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]]), torch.tensor([[6.0, 0.0]])
    # |z0 - z1| = 5, |z0 - z2| = 6: max(5 - 6 + 2, 0) = 1, and mirrored max(6 - 5 + 2, 0) = 3.
    assert explicit_triplet_loss(z0, z1, z2).item() == pytest.approx(1)
    assert explicit_triplet_loss(z0, z2, z1).item() == pytest.approx(3)
    assert explicit_triplet_loss(z0, z1, z2 * 10).item() == 0


def test_the_loss_over_a_batch_is_the_mean_over_all_its_explicit_triplets() -> None:
    """So K = 2 with two classes each gives the paper's formula."""
    random = torch.Generator().manual_seed(1)
    z = torch.randn(8, 5, generator=random)
    a, b = torch.tensor([0, 0, 1, 1] * 2), torch.tensor([0, 1] * 4)
    found = [
        (i, j, k)
        for i in range(8)
        for j in range(8)
        for k in range(8)
        if a[i] == a[j] and b[i] != b[j] and a[i] != a[k] and b[i] == b[k]
    ]
    x0, x1, x2 = (torch.tensor(part) for part in zip(*found, strict=True))
    expected = explicit_triplet_loss(z[x0], z[x1], z[x2])
    got = triplet_loss(z, {"a": a, "b": b}, "a")
    torch.testing.assert_close(got, expected)


def test_labelled_batches_ask_for_both_losses(toy_rows) -> None:
    source = LabelledTexts(toy_rows(8), SETTINGS, seed=0)
    batch = source.draw()
    index = batch.index
    vectors, head = torch.randn(8, 4), nn.Linear(4, 2)
    rows = toy_rows(8)
    labels = {name: torch.from_numpy(codes[index]) for name, codes in rows.labels.items()}
    expected = 2 * triplet_loss(vectors, labels, "colour") + 3 * classification_loss(
        head(vectors), labels["colour"]
    )
    torch.testing.assert_close(batch.loss("colour", vectors, head), expected)
    without = LabelledTexts(
        toy_rows(8), TrainedSettings(batch_texts=8, triplet=0, classification=0), seed=0
    )
    assert without.draw().loss("colour", vectors, head).item() == 0


def test_given_triplets_are_mirrored_for_the_second_aspect() -> None:
    given_triplets = [(f"a{i}", f"b{i}", f"c{i}") for i in range(4)]
    source = ExplicitTriplets(given_triplets, ("meaning", "form"), SETTINGS, seed=0)
    batch = source.draw()
    texts = [source.texts[i] for i in batch.index]
    assert [text[0] for text in texts] == ["a", "a", "b", "b", "c", "c"]
    assert texts[0][1] == texts[2][1] == texts[4][1]
    z = torch.randn(6, 3)
    first = explicit_triplet_loss(z[:2], z[2:4], z[4:])
    second = explicit_triplet_loss(z[:2], z[4:], z[2:4])
    torch.testing.assert_close(batch.loss("meaning", z, None), 2 * first)
    torch.testing.assert_close(batch.loss("form", z, None), 2 * second)
    with pytest.raises(UserError, match="no triplets"):
        ExplicitTriplets([], ("a", "b"), SETTINGS, seed=0)
