"""Figures of tasks with labelled aspects."""

from collections.abc import Iterator
from functools import partial
from itertools import groupby

from harness.analysis.metrics import file_name
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import (
    dials,
    families,
    flips,
    heatmaps,
    kept,
    learning,
    projections,
    steps,
    style,
    sweep,
    tradeoff,
)
from harness.outputs.figures.charts import Chart


def charts(measured: ProfileScores) -> Iterator[Chart]:
    """Trade-offs, flips, projections, heat maps; curves over rows, correlations and others."""
    everywhere = [measured.at(condition) for condition in measured.conditions]
    everyone = {each for scores in everywhere for each in scores.method_variants}
    looks = style.looks(sorted(everyone))
    for condition in measured.main_conditions:
        scores = measured.at(condition)
        yield from tradeoff.charts(scores, looks)
        for name, made, first in (
            ("learning-curve", learning, False),
            ("leakage-kept", kept, False),
            ("cause-isolate", flips, True),
            ("dials", dials, True),
        ):
            draw = partial(made.draw, scores, looks=looks)
            yield Chart(f"{condition.slug}-{name}", condition, draw, made.CAPTION, first)
        for i, page in enumerate(projections.pages(scores)):
            name = f"{condition.slug}-projections{f'-{i + 1}' if i else ''}"
            yield Chart(name, condition, partial(projections.draw, condition, page))
        for method_variant in scores.method_variants:
            if shown := heatmaps.matrices(scores, method_variant):
                name = file_name(f"{condition.slug}-{method_variant.method}-grids")
                yield Chart(
                    name, condition, partial(heatmaps.draw, condition, method_variant, shown)
                )
    by_place = sorted(measured.conditions, key=lambda s: (s.task, s.backbone, s.correlation))
    for (task, backbone), same in groupby(by_place, key=lambda s: (s.task, s.backbone)):
        conditions = list(same)
        if len(conditions) > 1:
            yield Chart(
                name=file_name(f"{task}-{backbone}-leakage-correlation"),
                condition=conditions[0],
                draw=partial(sweep.draw, [*map(measured.at, conditions)], looks=looks),
                caption="Mean leakage over the correlation of the training rows, 95% intervals",
            )
    for scores in everywhere:
        panels = families.accuracy_panels(scores)
        yield from families.charts(scores, panels, "share")
        yield from steps.charts(scores)
