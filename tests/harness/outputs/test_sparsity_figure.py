"""The figure of labels read over sparsity: every model, also one without other variants."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from made_records import made_record, stored
from matplotlib.container import ErrorbarContainer

from harness.analysis.profile_scores import ProfileScores
from harness.contract.scores import Score
from harness.outputs.figures import sparsity
from harness.store.records import Record, key_of, schema_of


def written(method: str, variant: str, *, seed: int, hoyer: float | None) -> Record:
    """A record of a model of texts; older ones have no measure of sparsity."""
    record = made_record(method, variant=variant, seed=seed, task="texts", correlation=0.0)
    inputs = {**record.inputs, "task": {"kind": "language"}}
    named = {} if hoyer is None else {"hoyer": hoyer + seed / 50, "hoyer_dense": 0.24}
    scores = [Score(metric, value) for metric, value in {"iw_nll": 40.0, **named}.items()]
    if hoyer is not None:
        scores.append(Score("latent_accuracy", 0.7 + seed / 50, factor="mood", probe="linear"))
        scores.append(Score("label_chance", 0.5, factor="mood"))
    return replace(
        record,
        schema=schema_of("language"),
        key=key_of(inputs),
        inputs=inputs,
        scores=tuple(scores),
        right={},
        counts={},
        pairs=None,
        projections={},
    )


def test_every_model_that_was_measured_has_a_point(tmp_path: Path) -> None:
    made = [written("gated", "default", seed=seed, hoyer=0.3) for seed in (0, 1)]
    made += [written("dense", variant, seed=0, hoyer=0.2) for variant in ("default", "small")]
    made += [written("older", "default", seed=0, hoyer=None)]
    measured = ProfileScores.read(stored(tmp_path, made), "quick")
    (condition,) = measured.conditions
    (chart,) = sparsity.charts(measured.at(condition))
    figure = chart.draw()
    assert figure is not None
    (ax,) = figure.axes
    drawn = [bars for bars in ax.containers if isinstance(bars, ErrorbarContainer)]
    points = [np.asarray(bars.lines[0].get_xydata()).round(2).tolist() for bars in drawn]
    assert sorted(points) == [[[0.2, 0.7]], [[0.2, 0.7]], [[0.31, 0.71]]]
    assert {text.get_text() for text in ax.texts} >= {"gated", "dense", "dense (small)"}
