"""Masks: how they are drawn, their gradients, what they do to a map, and their objectives."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from data.errors import UnknownNameError, UserError
from harness.encoders.roles import chosen_roles, role_of
from masking.granularity import GRANULARITIES, grid_of, spread
from masking.masks import (
    ESTIMATORS,
    MaskedLinear,
    Use,
    binary_mask,
    estimator_of,
    hard_concrete_mask,
    hard_concrete_openness,
)
from masking.objectives import coding_rate, coding_rate_gap, openness_loss, overlap_loss

STRAIGHT = ESTIMATORS["straight-through"]


def linear(rows: int = 2, columns: int = 3) -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(columns, rows).to(torch.bfloat16).requires_grad_(False)


def masked_by(*scores: list[float]) -> MaskedLinear:
    """Masks on units with these scores for each aspect, drawn."""
    stacked = torch.tensor(scores, dtype=torch.float32)[:, None, :]
    masked = MaskedLinear(linear(2, stacked.shape[-1]), (1, stacked.shape[-1]), stacked, role="key")
    masked.draw(STRAIGHT)
    return masked


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
def test_the_threshold_lies_exactly_at_zero_whatever_the_type(dtype: torch.dtype) -> None:
    """Zero itself is closed, and the least above it open."""
    scores = torch.tensor([[-1.0, -1e-6, -0.0, 0.0, 1e-30, 1e-6, 1.0]])
    assert binary_mask(scores, dtype).tolist() == [[0, 0, 0, 0, 1, 1, 1]]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
def test_mask_is_a_threshold_with_identity_gradient(dtype: torch.dtype) -> None:
    scores = torch.tensor([-0.2, 0.0, 0.3], requires_grad=True)
    mask = binary_mask(scores, dtype)
    assert mask.dtype == dtype
    assert mask.tolist() == [0, 0, 1]
    (mask.float() * torch.tensor([2.0, 3.0, 5.0])).sum().backward()
    assert scores.grad is not None
    assert scores.grad.tolist() == [2, 3, 5]


def test_hard_concrete_draws_are_as_often_open_as_their_openness_says() -> None:
    scores = torch.tensor([-2.0, 0.0, 2.0]).repeat(20_000, 1)
    torch.manual_seed(0)
    drawn = hard_concrete_mask(scores, torch.float32)
    assert drawn.min() == 0
    assert drawn.max() == 1
    expected = hard_concrete_openness(scores[0])
    torch.testing.assert_close((drawn > 0).float().mean(0), expected, atol=0.01, rtol=0)
    # By hand for a score of 0: P = sigmoid(-2/3 log(.1 / 1.1)) = .8318.
    assert expected[1].item() == pytest.approx(1 / (1 + math.exp(-2 / 3 * math.log(11))), abs=1e-6)


def test_gradient_of_hard_concrete_is_that_of_its_formula() -> None:
    """Against finite differences, where the draw is neither 0 nor 1, and 0 where it is."""
    scores = torch.linspace(-3, 3, 50).requires_grad_()

    uniform = torch.rand(50, generator=torch.Generator().manual_seed(3))
    assert uniform.min() > 0
    torch.manual_seed(3)
    mask = hard_concrete_mask(scores, torch.bfloat16)
    for _ in range(2):
        # A step's passes share one draw, so it must bear being differentiated twice.
        mask.float().sum().backward(retain_graph=False)
    values = scores.detach().double().requires_grad_()
    uniform64 = uniform.double().clamp(1e-6, 1 - 1e-6)
    soft = torch.sigmoid((torch.logit(uniform64) + values) / (2 / 3))
    (soft * 1.2 - 0.1).clamp(0, 1).sum().backward()
    assert scores.grad is not None
    assert values.grad is not None
    torch.testing.assert_close(scores.grad / 2, values.grad.float(), atol=1e-3, rtol=1e-3)
    assert (values.grad == 0).any()


def test_unknown_estimators_granularities_and_maps_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'hard-concrete'"):
        estimator_of("hard-concret")
    with pytest.raises(UnknownNameError, match="did you mean 'neuron'"):
        grid_of((4, 4), "weights", "neurons", role="key", heads=2, block=2)
    with pytest.raises(UnknownNameError, match="did you mean 'query'"):
        chosen_roles("key+querry")
    with pytest.raises(UserError, match="blocks of 3 do not tile a map of 4 by 8"):
        grid_of((4, 8), "weights", "block", role="key", heads=2, block=3)


@pytest.mark.parametrize(
    ("granularity", "role", "kind", "grid"),
    [
        ("element", "key", "weights", (8, 16)),
        ("element", "key", "units", (1, 16)),
        ("neuron", "output", "weights", (8, 1)),
        ("head", "query", "weights", (4, 1)),
        ("head", "query-key-value", "weights", (12, 1)),
        ("head", "attention-output", "weights", (1, 4)),
        ("head", "intermediate", "weights", (8, 1)),
        ("head", "attention-output", "units", (1, 4)),
        ("block", "key", "weights", (4, 8)),
        ("block", "key", "units", (1, 8)),
        ("layer", "key", "weights", (1, 1)),
    ],
)
def test_grids(granularity: str, role: str, kind: str, grid: tuple[int, int]) -> None:
    assert grid_of((8, 16), kind, granularity, role=role, heads=4, block=2) == grid


@given(
    rows=st.sampled_from([1, 2, 3, 6]),
    columns=st.sampled_from([1, 2, 4, 8]),
    seed=st.integers(0, 99),
)
def test_a_coarse_mask_is_the_fine_one_with_its_entries_repeated(
    rows: int, columns: int, seed: int
) -> None:
    random = torch.Generator().manual_seed(seed)
    weight = torch.randn(6, 8, generator=random)
    mask = (torch.rand(rows, columns, generator=random) > 0.5).float()
    fine = mask.repeat_interleave(6 // rows, 0).repeat_interleave(8 // columns, 1)
    assert torch.equal(spread(mask, weight), weight * fine)


@pytest.mark.parametrize("granularity", GRANULARITIES)
@pytest.mark.parametrize("kind", ["weights", "units"])
def test_in_training_and_frozen_a_map_gives_what_the_formula_says(
    granularity: str, kind: str
) -> None:
    plain = linear(8, 8)
    grid = grid_of((8, 8), kind, granularity, role="query", heads=4, block=4)
    scores = torch.randn(2, *grid, generator=torch.Generator().manual_seed(2))
    scores[0, 0, 0], scores[1, 0, 0] = -1, 1
    masked = MaskedLinear(plain, grid, scores, role="query")
    hidden = torch.randn(4, 8).to(torch.bfloat16)
    whole = plain(hidden)
    for aspect in range(2):
        masked.activate(aspect)
        mask = spread((scores[aspect] > 0).float(), torch.ones(8, 8))
        assert torch.equal(masked.used(aspect), mask > 0)
        expected = hidden.float() @ (plain.weight.float() * mask).T + plain.bias.float()
        masked.draw(STRAIGHT)
        torch.testing.assert_close(masked(hidden).float(), expected, atol=0.03, rtol=0.03)
        masked.freeze()
        torch.testing.assert_close(masked(hidden).float(), expected, atol=0.03, rtol=0.03)
        if aspect == 0:
            # A mask that is ignored would pass everything above with open masks.
            assert (masked(hidden) - whole).abs().max() > 0.05


def used_as(use: Use) -> tuple[Tensor, Tensor, Tensor]:
    """W and its mask, and the weight that a map uses, read off by giving it the identity."""
    torch.manual_seed(0)
    plain = nn.Linear(6, 4, bias=False).requires_grad_(False)
    scores = torch.randn(1, 4, 6, generator=torch.Generator().manual_seed(3))
    masked = MaskedLinear(plain, (4, 6), scores, role="query", use=use)
    masked.freeze()
    weight = masked(torch.eye(6)).T
    whole = masked.weight.clone()
    torch.testing.assert_close(masked.plain(plain, 0)(torch.eye(6)).T, weight)
    return whole, (scores[0] > 0).float(), weight


def test_the_walk_back_opens_closed_entries_by_its_share() -> None:
    for t in (0.0, 0.25, 1.0):
        whole, mask, used = used_as(Use(walk=t))
        torch.testing.assert_close(used, whole * ((1 - t) + t * mask))
    assert not torch.equal(used, whole)


def test_rescaled_rows_are_as_long_as_whole_ones() -> None:
    whole, mask, used = used_as(Use(rescaled=True))
    short = whole * mask
    torch.testing.assert_close(used.norm(dim=1), whole.norm(dim=1))
    torch.testing.assert_close(used / used.norm(dim=1, keepdim=True), _unit(short))
    assert (short.norm(dim=1) < 0.95 * whole.norm(dim=1)).any()
    empty = Use.as_long(torch.zeros(2, 3), torch.ones(2, 3))
    assert torch.equal(empty, torch.zeros(2, 3))


def test_rescaled_rows_make_up_for_pruned_weights_too() -> None:
    torch.manual_seed(0)
    plain = nn.Linear(6, 4, bias=False).requires_grad_(False)
    whole = plain.weight.clone()
    masked = MaskedLinear(plain, (4, 6), torch.ones(1, 4, 6), role="key", use=Use(rescaled=True))
    masked.weight = whole * (whole.abs() > whole.abs().median())
    masked.freeze()
    used = masked(torch.eye(6)).T
    torch.testing.assert_close(used.norm(dim=1), whole.norm(dim=1))
    assert int((used == 0).sum()) == 12
    torch.testing.assert_close(masked.plain(plain, 0)(torch.eye(6)).T, used)


def _unit(rows: Tensor) -> Tensor:
    return rows / rows.norm(dim=1, keepdim=True)


def test_the_coding_rate_by_hand() -> None:
    """Two orthogonal rows in two dimensions fill both, each with 1 + 2 / (2 * .5) = 3."""
    assert coding_rate(torch.diag(torch.tensor([5.0, 0.1]))) == pytest.approx(math.log2(3))
    same = torch.ones(7, 4) * torch.arange(1, 8)[:, None]
    assert coding_rate(same) == pytest.approx(0.5 * math.log2(1 + 4 / 0.5))
    random = torch.randn(50, 8, generator=torch.Generator().manual_seed(0))
    assert coding_rate(random) > 2 * coding_rate(same)
    assert coding_rate_gap(random, 3 * random) == pytest.approx(0, abs=1e-4)
    assert coding_rate_gap(same, random) == coding_rate_gap(random, same) > 1


def test_overlap_is_the_mean_of_shared_entries_summed_over_layers() -> None:
    first = [masked_by([1, 1, -1], [1, -1, -1]), masked_by([1, 1, 1], [1, 1, -1])]
    second = [masked_by([-1, 1, 1], [1, -1, -1])]
    loss = overlap_loss([first, second])
    assert loss.item() == pytest.approx((1 + 2) / 6 + 0 / 3)
    loss.backward()
    # A mask's gradient is the other mask over the entries of its layer.
    assert first[0].scores[0].grad[0].tolist() == pytest.approx([1 / 6, 0, 0], abs=1e-3)


def test_overlap_of_three_masks_is_the_mean_over_their_pairs() -> None:
    masked = masked_by([1.0, 1.0], [1.0, -1.0], [1.0, 1.0])
    assert overlap_loss([[masked]]).item() == pytest.approx((1 + 2 + 1) / 6)


def test_openness_is_the_share_of_open_entries_summed_over_layers() -> None:
    first = [masked_by([1, 1, -1], [1, -1, -1]), masked_by([1, 1, 1], [1, 1, -1])]
    second = [masked_by([-1, 1, 1], [1, -1, -1])]
    loss = openness_loss([first, second], STRAIGHT)
    assert loss.item() == pytest.approx(8 / 12 + 3 / 6)
    loss.backward()
    assert first[0].scores[0].grad[0].tolist() == pytest.approx([1 / 12] * 3, abs=1e-3)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("attention.self.query", "query"),
        ("attention.output.dense", "attention-output"),
        ("intermediate.dense", "intermediate"),
        ("output.dense", "output"),
        ("attention.q_lin", "query"),
        ("attention.out_lin", "attention-output"),
        ("ffn.lin1", "intermediate"),
        ("ffn.lin2", "output"),
        ("attention.attn.v", "value"),
        ("attention.attn.o", "attention-output"),
        ("attn.Wqkv", "query-key-value"),
        ("attn.Wo", "attention-output"),
        ("mlp.Wi", "intermediate"),
        ("mlp.Wo", "output"),
        ("some.other", "some.other"),
    ],
)
def test_roles_of_maps_in_every_family(path: str, role: str) -> None:
    assert role_of(path) == role


def test_maps_are_chosen_by_role() -> None:
    assert chosen_roles("all") is None
    assert chosen_roles("query+key") == {"query", "key"}
    assert "output" in (chosen_roles("feed-forward") or ())
    assert np.isclose(len(chosen_roles("attention") or ()), 5)
