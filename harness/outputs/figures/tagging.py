"""Figures of tasks of tagging: variants that differ in one number, where a method has any."""

from collections.abc import Iterator

from harness.analysis.metrics import Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import families
from harness.outputs.figures.charts import Chart


def charts(measured: ProfileScores) -> Iterator[Chart]:
    """Curves of both F1 over a setting."""
    panels = [(f"F1 of {of}s", Metric.mean([MetricKey(f"{of}_f1")])) for of in ("label", "span")]
    for condition in measured.conditions:
        yield from families.charts(measured.at(condition), panels, "F1")
