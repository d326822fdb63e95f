"""Masks that are changed after they were learned: shuffled, or turned round."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from harness.system.progress import silent
from masking.control_masks import Complement, RandomMasks
from masking.weights import MaskedWeights

SMALL = {
    "steps": 3,
    "batch_texts": 8,
    "layers": 2,
    "max_tokens": 24,
    # A third of the entries starts closed.
    "start_mean": 0.4,
    "start_deviation": 1.0,
}


def fitted(method_class, task, backbone, **changes) -> MaskedWeights:
    settings = method_class.Settings(**{**SMALL, **changes})
    return method_class(settings).fit(task, backbone, seed=5, progress=silent)


def bits(method: MaskedWeights) -> list[list[Tensor]]:
    """For each map the mask of each aspect."""
    return [masked.opened() for masked in method._layers.maps]


@pytest.mark.parametrize("changes", [{}, {"sparsity": 0.5}, {"granularity": "block", "block": 8}])
def test_the_complement_is_closed_exactly_where_the_learned_mask_is_open(
    changes, toy_task, backbone
) -> None:
    task = toy_task()
    learned, turned = (fitted(m, task, backbone, **changes) for m in (MaskedWeights, Complement))
    for masks, others in zip(bits(learned), bits(turned), strict=True):
        for mask, other in zip(masks, others, strict=True):
            assert 0 < mask.float().mean() < 1
            assert torch.equal(other, ~mask)


def test_random_masks_keep_the_number_of_open_bits_in_each_map_and_nothing_else(
    toy_task, backbone
) -> None:
    task = toy_task(4, (2, 3, 4))
    learned, shuffled = (fitted(m, task, backbone) for m in (MaskedWeights, RandomMasks))
    assert len(bits(learned)) == 12
    for masks, others in zip(bits(learned), bits(shuffled), strict=True):
        assert len(masks) == len(others) == 3
        for mask, other in zip(masks, others, strict=True):
            assert mask.sum() == other.sum()
            share = float(mask.float().mean())
            agreeing = float((mask == other).float().mean())
            # As often as two independent masks of these densities.
            assert agreeing == pytest.approx(share**2 + (1 - share) ** 2, abs=0.06)


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 2**32 - 1))
def test_shuffling_keeps_the_count_of_any_mask_and_the_complement_has_the_rest(mask, seed) -> None:
    open_ = torch.tensor(mask).view(1, -1)
    random = torch.Generator().manual_seed(seed)
    shuffled = RandomMasks().changed(open_, random)
    assert shuffled.shape == open_.shape
    assert shuffled.sum() == sum(mask)
    assert Complement().changed(open_, random).sum() == len(mask) - sum(mask)


@pytest.mark.parametrize("method_class", [RandomMasks, Complement])
def test_changed_masks_are_what_encodes_and_what_is_stored(
    method_class, toy_task, backbone, tmp_path
) -> None:
    task = toy_task()
    method = fitted(method_class, task, backbone)
    learned = fitted(MaskedWeights, task, backbone)
    method.save(tmp_path)
    loaded = method_class().load(tmp_path, backbone)
    for aspect in ("colour", "animal"):
        encoded = method.encode(task.valid.texts, aspect)
        assert np.abs(encoded - learned.encode(task.valid.texts, aspect)).max() > 0.01
        np.testing.assert_array_equal(loaded.encode(task.valid.texts, aspect), encoded)
