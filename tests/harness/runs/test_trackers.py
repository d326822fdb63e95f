"""Trackers hear of every trial, after its record is stored."""

from pathlib import Path

import pytest
from fakes import make_record

from harness.runs.trackers import tensorboard_in


def test_scores_reach_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    tracker = tensorboard_in(tmp_path)
    tracker(make_record(seed=0, value=0.75))
    tracker(make_record(seed=1, value=0.5))
    tracker(make_record("other", status="failed"))
    read = EventAccumulator(str(tmp_path / "toy-0.85-random-bert-untuned"))
    read.Reload()
    scalars = read.Scalars("target_accuracy/colour/colour/linear")
    assert [(each.step, each.value) for each in scalars] == [(0, 0.75), (1, 0.5)]
    assert {"fit_seconds", "leakage/colour/animal/linear"} <= set(read.Tags()["scalars"])
    assert (tmp_path / "toy-0.85-random-bert-other").is_dir()
