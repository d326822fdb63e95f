"""Objectives against cases worked by hand."""

import itertools
import math

import pytest
import torch

from harness.training.objectives import classification_loss, reverse_gradient, triplet_loss


def test_triplet_loss_of_four_points_worked_by_hand() -> None:
    vectors = torch.tensor([[0.0], [1.0], [5.0], [9.0]])
    labels = {"a": torch.tensor([0, 0, 1, 1]), "b": torch.tensor([0, 1, 0, 1])}
    # Anchor 0: positive 1 (|0-1| = 1), negative 2 (|0-5| = 5): 1 - 5 + 2 < 0. Anchor 1: positive 0
    # at 1, negative 3 at 8: 0. Anchor 2: positive 3 at 4, negative 0 at 5: 1. Anchor 3: positive 2
    # at 4, negative 1 at 8: 0.
    assert triplet_loss(vectors, labels, "a").item() == pytest.approx(1 / 4)
    # For b: anchor 0: positive 2 at 5, negative 1 at 1: 6; anchor 1: 3 at 8, 0 at 1: 9;
    # anchor 2: 0 at 5, 3 at 4: 3; anchor 3: 1 at 8, 2 at 4: 6.
    assert triplet_loss(vectors, labels, "b").item() == pytest.approx(24 / 4)


def test_triplet_loss_equals_a_plain_loop_over_all_triplets_for_three_aspects() -> None:
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(18, 5, generator=generator)
    labels = {
        name: torch.randint(classes, (18,), generator=generator)
        for name, classes in (("a", 2), ("b", 3), ("c", 2))
    }
    hinges = []
    for other in ("b", "c"):
        a, o = labels["a"], labels[other]
        for x0, x1, x2 in itertools.permutations(range(18), 3):
            if a[x0] == a[x1] and o[x0] != o[x1] and a[x0] != a[x2] and o[x0] == o[x2]:
                near = (vectors[x0] - vectors[x1]).norm()
                far = (vectors[x0] - vectors[x2]).norm()
                hinges.append(max(float(near - far) + 0.5, 0.0))
    assert hinges
    loss = triplet_loss(vectors, labels, "a", margin=0.5)
    assert loss.item() == pytest.approx(sum(hinges) / len(hinges), rel=1e-4)


def test_triplet_loss_without_any_triplet_is_zero_and_differentiable() -> None:
    vectors = torch.ones(3, 2, requires_grad=True)
    labels = {"a": torch.tensor([0, 0, 0]), "b": torch.tensor([0, 1, 0])}
    loss = triplet_loss(vectors, labels, "a")
    loss.backward()
    assert loss.item() == 0


def test_triplet_gradient_stays_finite_for_equal_vectors() -> None:
    vectors = torch.zeros(4, 3, requires_grad=True)
    labels = {"a": torch.tensor([0, 0, 1, 1]), "b": torch.tensor([0, 1, 0, 1])}
    triplet_loss(vectors, labels, "a").backward()
    assert vectors.grad is not None
    assert torch.isfinite(vectors.grad).all()


def test_classification_loss_is_cross_entropy_in_nats() -> None:
    logits = torch.tensor([[0.0, math.log(3.0)]])
    assert classification_loss(logits, torch.tensor([1])).item() == pytest.approx(-math.log(0.75))


def test_reversed_gradient_changes_sign_and_scale_but_not_the_value() -> None:
    vectors = torch.tensor([1.0, -2.0], requires_grad=True)
    out = reverse_gradient(vectors, 0.5)
    assert torch.equal(out, vectors)
    out.sum().backward()
    assert torch.equal(vectors.grad, torch.tensor([-0.5, -0.5]))
