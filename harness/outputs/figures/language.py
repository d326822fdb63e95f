"""Figures of language-modelling tasks: what happens to the latent while a VAE is trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.analysis.metrics import Condition, MethodVariant
from harness.analysis.profile_scores import ProfileScores
from harness.contract.heatmap_data import Heatmap
from harness.outputs.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS = {
    "kl": "KL (nats a sentence)",
    "mutual_information": "mutual information (nats)",
    "latent_use": "use of z (nats a sentence)",
}
"""Rows of a grid of curves to the label of their panel."""

MOST = 4
"""Methods in one figure."""


def write(measured: ProfileScores, folder: Path) -> list[Path]:
    """For each condition the curves of KL, mutual information and use of z over training steps."""
    written: list[Path] = []
    for condition in measured.conditions:
        found = curves(measured, condition)
        if found:
            figure = draw(condition, found)
            written += style.write(figure, folder, f"{condition.slug}-collapse")
    return written


def curves(measured: ProfileScores, condition: Condition) -> dict[MethodVariant, Heatmap]:
    """The first seed's curves of up to four methods with a latent.

    Those that were tried with most seeds, which carry the claims, come first; among these the
    method with most variants.
    """
    found: dict[MethodVariant, Heatmap] = {}
    trials = measured.trials.get(condition, {})
    family: dict[str, int] = {}
    for method_variant in trials:
        family[method_variant.method] = family.get(method_variant.method, 0) + 1
    for method_variant, by_seed in trials.items():
        for _, record in sorted(by_seed.items()):
            grid = next((g for g in record.grids if set(PANELS) <= set(g.rows)), None)
            if grid is not None:
                found[method_variant] = grid
                break
    seeds = {method_variant: len(trials[method_variant]) for method_variant in found}
    order = sorted(
        found, key=lambda c: (-seeds[c], -family[c.method], c.method, c.variant != "default", c)
    )
    return {method_variant: found[method_variant] for method_variant in order[:MOST]}


def draw(condition: Condition, shown: dict[MethodVariant, Heatmap]) -> Figure:
    """One panel a metric, one line a method.

    Symmetric-logarithmic scales: a KL without its term in the loss is tens of times that after.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.4 * len(PANELS), 3.2), layout="constrained")
    figure.suptitle(f"{condition.title}: validation sentences, one seed", fontsize=10)
    looks = style.looks(sorted(shown))
    for ax, (name, label) in zip(figure.subplots(1, len(PANELS)), PANELS.items(), strict=True):
        for method_variant, grid in shown.items():
            values = grid.values[grid.rows.index(name)]
            steps = [int(step) for step in grid.columns]
            ax.plot(
                steps, values, markersize=3, label=method_variant.label, **looks[method_variant]
            )
        ax.set_yscale("symlog", linthresh=1)
        ax.set_ylim(bottom=0)
        ax.set_xlabel("training step")
        ax.set_ylabel(label)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=7)
    return figure
