"""Figures of tasks with labelled aspects."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from harness.analysis.measurements import Measurements
from harness.analysis.quantities import Setting, file_name
from harness.outputs.figures import families, heatmaps, projections, style, sweep, tradeoff


def write(measured: Measurements, folder: Path) -> list[Path]:
    """Trade-offs, projections, curves over variants and correlations, and heat maps."""
    written: list[Path] = []
    everyone = {c for setting in measured.settings for c in measured.contenders(setting)}
    looks = style.looks(sorted(everyone))
    for setting in measured.main_settings:
        for name, panels, ylabel in (
            ("target-leakage", tradeoff.target_panels, "target accuracy, linear probe"),
            ("worst-group-leakage", tradeoff.worst_group_panels, "worst-group accuracy"),
        ):
            figure = tradeoff.draw(
                measured, setting, panels(measured, setting), ylabel=ylabel, looks=looks
            )
            if figure is not None:
                written += style.write(figure, folder, f"{setting.slug}-{name}")
        for i, page in enumerate(projections.pages(measured, setting)):
            name = f"{setting.slug}-projections{f'-{i + 1}' if i else ''}"
            figure = projections.draw(setting, page)
            written += style.write(figure, folder, name, cloud_dpi=projections.CLOUD_DPI)
    for setting in measured.settings:
        written += _own_figures(measured, setting, folder)
    by_place = sorted(measured.settings, key=lambda s: (s.task, s.backbone, s.correlation))
    for (task, backbone), same in groupby(by_place, key=lambda s: (s.task, s.backbone)):
        settings = list(same)
        figure = sweep.draw(measured, settings, looks=looks) if len(settings) > 1 else None
        if figure is not None:
            name = file_name(f"{task}-{backbone}-leakage-correlation")
            written += style.write(figure, folder, name)
    return written


def _own_figures(measured: Measurements, setting: Setting, folder: Path) -> list[Path]:
    """Curves over a method's variants, and the matrices that it measured on itself."""
    written: list[Path] = []
    for method, contenders in measured.variants(setting).items():
        for name, curves in families.families(measured, setting, contenders).items():
            panels = families.accuracy_panels(measured, setting)
            figure = families.draw(
                measured, setting, name, curves, panels=panels, ylabel="share of texts"
            )
            path = file_name(f"{setting.slug}-{method}-{name}")
            written += style.write(figure, folder, path)
    # Beside the main correlation they would only repeat themselves.
    if setting not in measured.main_settings:
        return written
    for contender in measured.contenders(setting):
        if shown := heatmaps.grids(measured, setting, contender):
            figure = heatmaps.draw(setting, contender, shown)
            path = file_name(f"{setting.slug}-{contender.method}-grids")
            written += style.write(figure, folder, path)
    return written
