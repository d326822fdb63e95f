"""Figures of language-modelling tasks: training curves, and sparsity beside what labels read."""

from collections.abc import Iterator

from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import sparsity, steps
from harness.outputs.figures.charts import Chart


def charts(measured: ProfileScores) -> Iterator[Chart]:
    """Accuracy against sparsity where there are labels, and the curves of the models."""
    for condition in measured.conditions:
        scores = measured.at(condition)
        yield from sparsity.charts(scores)
        yield from steps.charts(scores)
