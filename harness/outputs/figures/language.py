"""Figures of language-modelling tasks: what happens to the latent while a VAE is trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.analysis.measurements import Measurements
from harness.analysis.quantities import Contender, Setting
from harness.contract.grids import Grid
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
"""Contenders in one figure."""


def write(measured: Measurements, folder: Path) -> list[Path]:
    """For each setting the curves of KL, mutual information and use of z over training steps."""
    written: list[Path] = []
    for setting in measured.settings:
        found = curves(measured, setting)
        if found:
            figure = draw(setting, found)
            written += style.write(figure, folder, f"{setting.slug}-collapse")
    return written


def curves(measured: Measurements, setting: Setting) -> dict[Contender, Grid]:
    """The first seed's curves of up to four contenders with a latent.

    Those that were tried with most seeds, which carry the claims, come first; among these the
    method with most variants.
    """
    found: dict[Contender, Grid] = {}
    trials = measured.trials.get(setting, {})
    family: dict[str, int] = {}
    for contender in trials:
        family[contender.method] = family.get(contender.method, 0) + 1
    for contender, by_seed in trials.items():
        for _, record in sorted(by_seed.items()):
            grid = next((g for g in record.grids if set(PANELS) <= set(g.rows)), None)
            if grid is not None:
                found[contender] = grid
                break
    seeds = {contender: len(trials[contender]) for contender in found}
    order = sorted(
        found, key=lambda c: (-seeds[c], -family[c.method], c.method, c.variant != "default", c)
    )
    return {contender: found[contender] for contender in order[:MOST]}


def draw(setting: Setting, shown: dict[Contender, Grid]) -> Figure:
    """One panel a quantity, one line a contender.

    Symmetric-logarithmic scales: a KL without its term in the loss is tens of times that after.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.4 * len(PANELS), 3.2), layout="constrained")
    figure.suptitle(f"{setting.title}: validation sentences, one seed", fontsize=10)
    looks = style.looks(sorted(shown))
    for ax, (name, label) in zip(figure.subplots(1, len(PANELS)), PANELS.items(), strict=True):
        for contender, grid in shown.items():
            values = grid.values[grid.rows.index(name)]
            steps = [int(step) for step in grid.columns]
            ax.plot(steps, values, markersize=3, label=contender.label, **looks[contender])
        ax.set_yscale("symlog", linthresh=1)
        ax.set_ylim(bottom=0)
        ax.set_xlabel("training step")
        ax.set_ylabel(label)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=7)
    return figure
