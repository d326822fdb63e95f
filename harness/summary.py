"""The few numbers that are shown when a run ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from harness.records import Record, current

HEADER = ("task", "rho", "method", "seeds", "representation", "target", "leakage", "worst group")


def summary(records: Iterable[Record]) -> str:
    """Means over seeds of the linear probe's target accuracy and leakage, and the worst group.

    One line for each task, correlation, backbone, method, variant and representation; leakage is
    the mean over the other aspects. Chance is given below.
    """
    done = [record for record in current(records) if record.status == "done"]
    groups: dict[tuple[str, ...], list[Record]] = {}
    for record in done:
        trial = record.trial
        name = trial.method if trial.variant == "default" else f"{trial.method} {trial.variant}"
        names = (trial.task, f"{trial.correlation:g}", trial.backbone, name)
        groups.setdefault(names, []).append(record)
    lines: list[tuple[str, ...]] = [HEADER]
    for (task, rho, _, name), members in groups.items():
        for aspect in members[0].classes:
            values = (
                _mean(members, aspect, "target_accuracy", "linear"),
                _mean(members, aspect, "leakage", "linear"),
                _mean(members, aspect, "worst_group_accuracy", "classifier"),
            )
            lines.append((task, rho, name, str(len(members)), aspect, *values))
    chance = {
        f"{record.trial.task} {factor} {level:.3f}"
        for record in done
        for factor, level in record.chance.items()
    }
    return "\n".join([*_aligned(lines), "", f"chance: {', '.join(sorted(chance))}"])


def _mean(records: Sequence[Record], representation: str, metric: str, probe: str) -> str:
    values = [
        score.value
        for record in records
        for score in record.scores
        if (score.representation, score.metric, score.probe) == (representation, metric, probe)
    ]
    return f"{fmean(values):.3f}" if values else "-"


def _aligned(lines: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
