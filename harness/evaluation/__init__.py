"""Evaluations: one module for each kind of task, with its own `check` and `evaluate`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.tasks.task import Draw
    from harness.contract.learner import Learner
    from harness.evaluation.evaluation import Evaluation
    from harness.system.progress import Progress

KINDS = ("aspects", "triplets", "language", "factors", "responses", "clusters", "tagging")
"""Kinds of tasks, each with a module of its name here."""


def check(kind: str, draw: Draw) -> None:
    """Refuse a draw with too few evaluation rows with a UserError, before anything is learned."""
    import_module(f"{__name__}.{kind}").check(draw)


def evaluate(
    kind: str,
    method: Learner,
    draw: Draw,
    *,
    seed: int,
    pictures: bool,
    progress: Progress,
    **beside: Any,
) -> Evaluation:
    """Measure a fitted method as its task's kind says; each kind's module says what it raises.

    Parameters
    ----------
    kind : of the task; names a module in this folder.
    method : fitted on `draw.training`.
    seed : of all that is drawn for measuring, without the method, so that methods are paired.
    pictures : whether to keep what figures of single trials need.
    beside : what this kind alone takes, such as the `reference` of `aspects`.
    """
    measured: Evaluation = import_module(f"{__name__}.{kind}").evaluate(
        method, draw, seed=seed, pictures=pictures, progress=progress, **beside
    )
    return measured
