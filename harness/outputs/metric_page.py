"""The reference of all metrics of tasks with aspects: docs/metrics.md."""

from __future__ import annotations

from math import isfinite

from harness.analysis.definitions import OWN_SCORES, PARTS, Definition
from harness.contract.scores import LOW_NEIGHBOURS, LOW_RANK
from harness.outputs.report.environment import environment


def metrics_page() -> str:
    """The whole page."""
    shown = {**PARTS, "What methods say of themselves": OWN_SCORES}
    parts = {title: [(each.metric, _cells(each)) for each in of] for title, of in shown.items()}
    template = environment().get_template("metrics.md.j2")
    return template.render(parts=parts, low_rank=LOW_RANK, low_neighbours=LOW_NEIGHBOURS)


def _cells(each: Definition) -> tuple[str, ...]:
    """The better direction, bounds, what guessing gives, meaning and source."""
    better = f"own {each.better}, other {each.of_others}" if each.of_others else each.better
    ends = {"from": each.low, "to": each.high}
    bounds = " ".join(f"{word} {end:g}" for word, end in ends.items() if isfinite(end))
    guessing = f"{each.chance:g}" if isfinite(each.chance) else ""
    return better, bounds, guessing, each.meaning, each.source
