"""Figures of tasks with known factors: which variable tells which factor, and training curves."""

from collections.abc import Iterator
from functools import partial

from harness.analysis.metrics import file_name
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import heatmaps, steps
from harness.outputs.figures.charts import Chart


def charts(measured: ProfileScores) -> Iterator[Chart]:
    """A heat map of factors by variables for each model, and the curves of all."""
    for condition in measured.conditions:
        scores = measured.at(condition)
        for each in sorted(scores.trials):
            if shown := heatmaps.matrices(scores, each):
                yield Chart(
                    name=file_name(f"{condition.slug}-{'-'.join(each)}-factors"),
                    condition=condition,
                    draw=partial(heatmaps.draw, condition, each, shown, unit="share of the factor"),
                    caption=f"{condition.title}: share of the entropy of each factor that the "
                    f"variables of {each.label} tell, those that tell most; one seed",
                )
        yield from steps.charts(scores)
