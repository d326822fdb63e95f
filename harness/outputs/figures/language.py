"""Figures of language-modelling tasks: what happens to the latent while a VAE is trained."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import steps
from harness.outputs.figures.charts import Chart


def charts(measured: ProfileScores) -> Iterator[Chart]:
    """Training curves of the models of each condition."""
    for condition in measured.conditions:
        yield from steps.charts(measured.at(condition))
