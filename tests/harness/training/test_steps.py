"""The shared loop: what a training ends with, when it ends, and what an evaluation changes."""

from itertools import count, repeat

import pytest
import torch
from torch import nn

from harness.system.progress import silent
from harness.training.checkpoint import Checkpoint
from harness.training.schedule import rate_factor
from harness.training.settings import StoppingSettings
from harness.training.steps import Outcome, evaluation_steps, run_steps

NEVER = StoppingSettings(patience=0)
STEPS = 40


def counted(
    losses, stopping: StoppingSettings, *, progress=silent, **more
) -> tuple[Outcome, float]:
    """A training whose parameter is the number of steps so far; its outcome, and what is left."""
    parameter = nn.Parameter(torch.zeros(()))
    optimiser = torch.optim.SGD([parameter], lr=1.0)

    def backward(step: int, batch: int) -> float:
        assert batch == step
        parameter.data.fill_(step + 1)
        parameter.grad = torch.zeros(())
        return 0.0

    outcome = run_steps(
        optimiser,
        STEPS,
        count().__next__,
        backward,
        clip=1.0,
        progress=progress,
        stopping=stopping,
        validate=losses and iter(losses).__next__,
        **more,
    )
    return outcome, parameter.item()


def test_what_is_left_is_the_mean_over_the_last_quarter() -> None:
    assert counted(None, NEVER) == (Outcome(40, {}), sum(range(31, 41)) / 10)


def test_where_the_loss_stops_falling_the_last_quarter_begins_at_once() -> None:
    """The minimum is planted at the third of the evaluations, which stand five steps apart."""
    losses = [5.0, 4.0, 1.0, 2.0, 1.5, 0.1]
    outcome, left = counted(losses, StoppingSettings(8, patience=2))
    assert outcome == Outcome(35, {5: 5.0, 10: 4.0, 15: 1.0, 20: 2.0, 25: 1.5})
    assert left == sum(range(26, 36)) / 10
    # One evaluation more of patience, and the last quarter begins where it does anyhow.
    outcome, left = counted([5.0, 4.0, 1.0, 2.0, 1.5], StoppingSettings(8, patience=3))
    assert (outcome.last_step, left) == (40, sum(range(31, 41)) / 10)


def test_equal_losses_are_no_fall() -> None:
    outcome, _ = counted(repeat(1.0), StoppingSettings(8, patience=3))
    assert (outcome.last_step, len(outcome.losses)) == (30, 4)


def test_the_rates_fall_over_the_quarter_with_which_a_training_ends() -> None:
    rates = [rate_factor(step, STEPS, end=30) for step in range(30)]
    assert rates[19:] == [1.0, *(pytest.approx((30 - step) / 10) for step in range(20, 30))]


def noisy(evaluations: int, patience: int, seed: int = 0, *, mean: bool = True) -> torch.Tensor:
    """Scores learned under noise: pulled towards values around 0, from gradients far noisier."""
    random = torch.Generator().manual_seed(seed)
    wanted = torch.linspace(-0.5, 0.5, 2000)
    scores = nn.Parameter(torch.full((2000,), 0.1))
    last: list[torch.Tensor] = []

    def backward(step: int, noise: torch.Tensor) -> float:
        scores.grad = scores.detach() - wanted + noise
        return 0.0

    def validate() -> float:
        # As frozen masks do, it may change what it looks at.
        scores.data.fill_(float("nan"))
        return next(falling)

    falling = iter(range(1000, 0, -1))
    run_steps(
        torch.optim.SGD([scores], lr=0.3),
        200,
        lambda: torch.randn(2000, generator=random),
        backward,
        clip=1e9,
        progress=lambda *_, **__: last.append(scores.detach().clone()),
        stopping=StoppingSettings(evaluations, patience),
        validate=validate,
    )
    return scores.detach() if mean else last[-1]


def test_averaging_lowers_the_variance_of_the_thresholded_mask() -> None:
    """Two trainings that differ in their noise alone: how many bits differ, and of the last step.

    The masks are thresholded scores; their expected bits are the same, so the share of bits that
    differ between two trainings is twice the mean variance of a bit.
    """
    differing = {
        mean: float(
            ((noisy(8, 0, 1, mean=mean) > 0) != (noisy(8, 0, 2, mean=mean) > 0)).float().mean()
        )
        for mean in (False, True)
    }
    assert differing[False] > 0.15
    assert differing[True] < 0.85 * differing[False]


def test_nothing_depends_on_evaluations_that_do_not_end_the_training() -> None:
    expected = noisy(8, 0)
    for evaluations in (1, 3, 8, 200):
        assert torch.equal(noisy(evaluations, 1), expected)
    assert not torch.equal(noisy(8, 0, mean=False), expected)


def test_evaluations_stand_at_equal_distances_and_at_the_end() -> None:
    assert evaluation_steps(200, StoppingSettings(4)) == {50, 100, 150, 200}
    assert evaluation_steps(3, StoppingSettings(8)) == {1, 2, 3}
    assert evaluation_steps(200, NEVER) == frozenset()


@pytest.mark.parametrize("killed_after", [2, 21, 26, 33])
def test_after_a_kill_it_ends_where_it_would_have(killed_after, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("harness.training.steps.CHECKPOINT_STEPS", 1)
    losses = [9.0, 8.0, 2.0, 3.0, 3.0]
    stopping = StoppingSettings(8, patience=2)
    whole = counted(losses, stopping)
    assert whole == (Outcome(35, dict(zip(range(5, 26, 5), losses, strict=True))), 30.5)

    class Killed(Exception):  # noqa: N818
        pass

    def stop(done: int, total: int, **_: float) -> None:
        if done == killed_after:
            raise Killed

    checkpoint = Checkpoint(tmp_path, "this")
    with pytest.raises(Killed):
        counted(losses, stopping, progress=stop, checkpoint=checkpoint)
    seen = len([s for s in range(5, 26, 5) if s < killed_after])
    assert counted(losses[seen:], stopping, checkpoint=checkpoint) == whole
