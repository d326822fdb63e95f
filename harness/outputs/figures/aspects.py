"""Figures of tasks with labelled aspects."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from harness.analysis.metrics import Condition, file_name
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import families, heatmaps, projections, style, sweep, tradeoff


def write(measured: ProfileScores, folder: Path) -> list[Path]:
    """Trade-offs, projections, curves over variants and correlations, and heat maps."""
    written: list[Path] = []
    everyone = {c for condition in measured.conditions for c in measured.method_variants(condition)}
    looks = style.looks(sorted(everyone))
    for condition in measured.main_conditions:
        for name, panels, ylabel in (
            ("target-leakage", tradeoff.target_panels, "target accuracy, linear probe"),
            ("worst-group-leakage", tradeoff.worst_group_panels, "worst-group accuracy"),
        ):
            figure = tradeoff.draw(
                measured, condition, panels(measured, condition), ylabel=ylabel, looks=looks
            )
            if figure is not None:
                written += style.write(figure, folder, f"{condition.slug}-{name}")
        for i, page in enumerate(projections.pages(measured, condition)):
            name = f"{condition.slug}-projections{f'-{i + 1}' if i else ''}"
            figure = projections.draw(condition, page)
            written += style.write(figure, folder, name, cloud_dpi=projections.CLOUD_DPI)
    for condition in measured.conditions:
        written += _own_figures(measured, condition, folder)
    by_place = sorted(measured.conditions, key=lambda s: (s.task, s.backbone, s.correlation))
    for (task, backbone), same in groupby(by_place, key=lambda s: (s.task, s.backbone)):
        conditions = list(same)
        figure = sweep.draw(measured, conditions, looks=looks) if len(conditions) > 1 else None
        if figure is not None:
            name = file_name(f"{task}-{backbone}-leakage-correlation")
            written += style.write(figure, folder, name)
    return written


def _own_figures(measured: ProfileScores, condition: Condition, folder: Path) -> list[Path]:
    """Curves over a method's variants, and the matrices that it measured on itself."""
    written: list[Path] = []
    for method, method_variants in measured.variants(condition).items():
        for name, curves in families.families(measured, condition, method_variants).items():
            panels = families.accuracy_panels(measured, condition)
            figure = families.draw(
                measured, condition, name, curves, panels=panels, ylabel="share of texts"
            )
            path = file_name(f"{condition.slug}-{method}-{name}")
            written += style.write(figure, folder, path)
    # Beside the main correlation they would only repeat themselves.
    if condition not in measured.main_conditions:
        return written
    for method_variant in measured.method_variants(condition):
        if shown := heatmaps.stored_heatmaps(measured, condition, method_variant):
            figure = heatmaps.draw(condition, method_variant, shown)
            path = file_name(f"{condition.slug}-{method_variant.method}-grids")
            written += style.write(figure, folder, path)
    return written
