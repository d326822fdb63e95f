"""Texts that share a row are what they are alone, and no row is wasted."""

import numpy as np
import pytest
import torch
from families import FAMILIES, of_family
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from harness.encoders.backbones import Backbone
from harness.encoders.encoding import mean_pool
from harness.encoders.sequence_packing import VARIABLE, Packing, can_pack, packs
from harness.encoders.split_encoder import PrefixBatch, SplitEncoder

LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=60)
LOCAL = "modernbert"
TEXTS = tuple("ab" * n for n in np.random.default_rng(0).permutation([1, 2, 3, 5, 8, 13] * 8))


def mask_of(lengths: list[int]) -> Tensor:
    return (torch.arange(max(lengths))[None, :] < torch.tensor(lengths)[:, None]).long()


@given(lengths=LENGTHS)
def test_every_token_comes_back_to_its_place(lengths: list[int]) -> None:
    mask = mask_of(lengths)
    values = (torch.arange(mask.numel()).view(mask.shape) + 1) * mask
    packing = Packing.of(mask)
    packed = packing.pack(values)
    assert sorted(packed[packed > 0].tolist()) == sorted(values[values > 0].tolist())
    assert torch.equal(packing.unpack(packed, mask.shape), values)
    vectors = values[..., None].expand(-1, -1, 3).float()
    assert torch.equal(packing.unpack(packing.pack(vectors), mask.shape), vectors)


@given(lengths=LENGTHS)
def test_texts_stay_whole_and_see_themselves_alone(lengths: list[int]) -> None:
    mask = mask_of(lengths)
    packing = Packing.of(mask)
    owners = packing.pack(torch.arange(1, len(lengths) + 1)[:, None].expand(mask.shape))
    columns = packing.pack(torch.arange(mask.shape[1])[None, :].expand(mask.shape))
    seen = packing.attention_mask(torch.float32)[:, 0] == 0
    for row in range(packing.rows):
        for place in torch.nonzero(owners[row]).flatten().tolist():
            assert torch.equal(seen[row, place], owners[row] == owners[row, place])
            if columns[row, place]:
                assert owners[row, place - 1] == owners[row, place]
                assert columns[row, place - 1] == columns[row, place] - 1


@given(lengths=LENGTHS)
def test_no_two_rows_could_be_one(lengths: list[int]) -> None:
    """First fit opens a row for what fits no other, so any two hold more than one row can."""
    packing = Packing.of(mask_of(lengths))
    assert packing.width == max(lengths)
    filled = torch.bincount(packing.places // packing.width, minlength=packing.rows)
    assert filled.max() <= packing.width
    lowest = filled.sort().values[:2]
    assert packing.rows == 1 or lowest.sum() > packing.width
    assert packing.positions < 2 * sum(lengths) + packing.width


def split_of(family: str, backbone: Backbone, first: int = 1) -> SplitEncoder:
    split = SplitEncoder(of_family(family, backbone), first)
    split.layers.requires_grad_(True)
    return split


def learned(split: SplitEncoder, vectors: Tensor) -> list[Tensor]:
    """Gradients of something that depends on every number of the vectors."""
    weights = torch.linspace(-1, 1, vectors.numel()).view(vectors.shape)
    (vectors * weights).sum().backward()
    found = [p.grad.clone() for p in split.layers.parameters() if p.grad is not None]
    split.layers.zero_grad()
    return found


def padded(split: SplitEncoder, batch: PrefixBatch) -> Tensor:
    return mean_pool(split.run(batch), batch.mask)


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("first", [0, 2])
def test_vectors_and_gradients_are_those_of_the_padded_batch(
    first: int, family: str, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = split_of(family, backbone, first)
    batch = split.prefixes(TEXTS, 60).batch(np.arange(len(TEXTS)))
    shapes: list[torch.Size] = []
    run = SplitEncoder.run
    monkeypatch.setattr(
        SplitEncoder, "run", lambda self, part: (shapes.append(part.ids.shape), run(self, part))[1]
    )
    together = split.pooled(batch)
    assert len(shapes) == 1 if family != LOCAL else len(shapes) > 1
    assert sum(shape.numel() for shape in shapes) < 0.9 * batch.ids.numel()
    expected = padded(split, batch)
    torch.testing.assert_close(together, expected, atol=1e-5, rtol=1e-5)
    pairs = zip(learned(split, together), learned(split, expected), strict=True)
    for got, wanted in pairs:
        torch.testing.assert_close(got, wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("family", FAMILIES)
def test_only_local_attention_forbids_it(
    family: str, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There the vectors would change, and elsewhere they do not."""
    split = split_of(family, backbone)
    for name, weight in split.suffix.named_parameters():
        if "relative_attention_bias" in name:
            # A pretrained bias is not next to nothing, as a random one is.
            nn.init.normal_(weight, generator=torch.Generator().manual_seed(0))
    batch = split.prefixes(TEXTS, 60).batch(np.arange(len(TEXTS)))
    monkeypatch.setattr("harness.encoders.split_encoder.can_pack", lambda model: True)
    with torch.no_grad():
        shared, expected = split.pooled(batch), padded(split, batch)
    gap = (shared - expected).abs().max()
    assert can_pack(split.suffix) == (family != LOCAL)
    assert gap < 1e-5 if can_pack(split.suffix) else gap > 1e-3


@pytest.mark.usefixtures("in_float32")
def test_neighbours_in_a_row_would_be_seen_without_the_mask(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = split_of("bert", backbone)
    batch = split.prefixes(TEXTS, 60).batch(np.arange(len(TEXTS)))
    monkeypatch.setattr(
        Packing, "attention_mask", lambda self, dtype: torch.zeros(self.rows, 1, 1, 1, dtype=dtype)
    )
    with torch.no_grad():
        assert (split.pooled(batch) - padded(split, batch)).abs().max() > 0.02


def test_packing_can_be_left_out_to_see_what_it_changes(monkeypatch, backbone) -> None:
    assert can_pack(backbone.model)
    monkeypatch.setenv(VARIABLE, "off")
    assert not can_pack(backbone.model)
    assert not packs()
