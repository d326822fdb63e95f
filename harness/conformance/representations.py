"""What every method that represents texts must do, beside `harness.conformance.checks`."""

from dataclasses import dataclass

import numpy as np

from data.rows import Splits, TrainingTask
from data.triplets import TripletTask
from harness.conformance import checks
from harness.conformance.checks import SEED, refuses, require
from harness.contract.method import Method, Representation
from harness.evaluation.probes import (
    PROBES,
    ProbeInput,
    chance_level,
    cross_fit_all,
    group_folds,
)

SURPRISE = 1e-6
"""Tail probability under guessing that convicts; accuracies over folds vary a little more than
independent throws, and an honest method must never be accused."""

FAMILIES = (PROBES["linear"], PROBES["mlp"])


@dataclass(frozen=True)
class Bench(checks.Bench):
    """What the checks run on: labelled rows or triplets, and a placebo.

    `placebo`: for labelled rows: as `data.placebo.placebo` gives it, labels that are coin flips.
    """

    training: TrainingTask | TripletTask
    placebo: Splits | None = None

    @property
    def kind(self) -> str:
        return "triplets" if isinstance(self.training, TripletTask) else "aspects"

    @property
    def aspects(self) -> tuple[str, ...]:
        """Names of the task's aspects."""
        return tuple(aspect.name for aspect in self.training.aspects)

    def answers(self, fitted: Method) -> list[Representation]:
        return [fitted.encode(self.texts, aspect) for aspect in self.aspects]


def check_representation(method: type[Method], bench: Bench) -> None:
    """float32 [n, width], finite, the same for a text whatever stands beside it."""
    fitted = bench.fitted(method)
    for aspect in bench.aspects:
        whole = fitted.encode(bench.texts, aspect)
        require(
            isinstance(whole, np.ndarray) and whole.ndim == 2 and len(whole) == len(bench.texts),
            f"encode for {aspect} gives {np.shape(whole)} for {len(bench.texts)} texts",
        )
        require(whole.dtype == np.float32, f"encode gives {whole.dtype} instead of float32")
        require(bool(np.isfinite(whole).all()), f"encode for {aspect} is not finite")
        turned = fitted.encode(bench.texts[::-1], aspect)[::-1]
        _same(whole, turned, f"encode for {aspect} depends on the order of the texts")
        one = fitted.encode(bench.texts[3:4], aspect)
        _same(whole[3:4], one, f"encode for {aspect} depends on the other texts")
        require(len(fitted.encode((), aspect)) == 0, "encode of no texts gives rows")


def check_unknown_aspect(method: type[Method], bench: Bench) -> None:
    """An unknown aspect is refused in words."""
    fitted = bench.fitted(method)
    refuses(lambda: fitted.encode(bench.texts, "no such aspect"), "an unknown aspect")


def check_honest(method: type[Method], bench: Bench) -> None:
    """On labels that are coin flips, probes must do as badly as guessing.

    A method that does better, or worse, on evaluation rows has seen their labels. Without labels
    there is nothing to see.
    """
    from scipy.stats import binom

    if bench.placebo is None:
        return
    rows = bench.placebo.evaluation
    fitted = bench.fitted(method, bench.placebo.training)
    folds = group_folds(rows, seed=SEED)
    for aspect in bench.aspects:
        given = ProbeInput.of(fitted.encode(rows.texts, aspect), len(rows), seed=SEED)
        told = {
            (factor, family.name): result
            for family in FAMILIES
            for factor, result in cross_fit_all(family, given, rows.labels, folds).items()
        }
        for (factor, family), result in told.items():
            chance = chance_level(rows.labels[factor])
            hits = int(result.correct.sum())
            above = float(binom.sf(hits - 1, len(rows), chance))
            below = float(binom.cdf(hits, len(rows), chance))
            require(
                min(above, below) > SURPRISE,
                f"on coin-flip labels the {family} probe for {factor} on {aspect} is right in "
                f"{result.accuracy:.3f} of the rows, where guessing gives {chance:.3f}: "
                "the method has seen evaluation labels",
            )


def _same(first: Representation, second: Representation, complaint: str) -> None:
    # Padding and batching change the order of sums, in bfloat16 by up to some hundredths.
    scale = float(np.abs(first).max()) or 1.0
    require(bool(np.abs(first - second).max() <= 0.05 * scale), complaint)
