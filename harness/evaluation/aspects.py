"""What is measured where texts have aspects: encode once for each of them, then probe.

The evaluation rows are balanced over the cells and share no group with the training rows. Probes
are cross-fitted on them alone; the classifier behind average and worst-group accuracy is fitted on
the training rows that the method learned from, with a strength that these rows choose by group, as
someone who has nothing else would do. What is kept is measured against the untuned encoder. Minimal
pairs, where a draw has them, are read by probes of all evaluation rows: they share no group with
these, so no fold has to be left out.
"""

import itertools
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from data.errors import UserError
from data.rows import Rows, Splits
from harness.contract.method import Method
from harness.contract.scores import Score
from harness.evaluation import probes
from harness.evaluation.evaluation import Evaluation, cost_scores, encoding_speed
from harness.evaluation.minimal_pairs import answered
from harness.evaluation.probes import PROBES, Features, Fold, ProbeInput, checked, group_folds
from harness.evaluation.probes.readings import FactorReading
from harness.evaluation.projection import project, projected_rows
from harness.evaluation.retention import Reference, collapse, retained
from harness.store.base64_arrays import pack_bits, pack_codes
from harness.store.records import PairRows, Projection
from harness.system.progress import Progress
from harness.system.turns import let_go

FAULT_LEVEL = 0.001
"""Below this tail probability a leakage under chance is reported: rows may have been seen."""


def check(splits: Splits) -> None:
    """Refuse evaluation rows that are too few to cross-fit, with a UserError."""
    try:
        group_folds(splits.evaluation, seed=0)
    except UserError as error:
        raise UserError(f"{error}{splits.left_out}") from None


def evaluate(
    method: Method,
    splits: Splits,
    *,
    seed: int,
    pictures: bool,
    progress: Progress,
    reference: Reference | None = None,
) -> Evaluation:
    """Measure a fitted method.

    ValueError where a representation has the wrong shape or type, or is not finite; UserError where
    the evaluation rows are too few to cross-fit.

    Parameters
    ----------
    method : fitted on `splits.training`.
    seed : of folds, probes and orders; leave the method out of it, so that methods are paired.
    pictures : whether to draw each representation in the plane.
    reference : the untuned encoder on the same draw; without it nothing is said of what is kept.
    """
    started = time.perf_counter()
    rows, aspects, train = splits.evaluation, splits.evaluation.aspects, splits.training.train
    names = [aspect.name for aspect in aspects]
    done = itertools.count(1)

    def step() -> None:
        progress(next(done), len(aspects) * (3 + len(PROBES)))

    with probes.single_threaded() as threads:
        found = _Findings(rows, group_folds(rows, seed=seed), seed, threads)
        picture_rows = projected_rows(rows.cells, seed=seed)
    # All aspects of one set of texts in a row: methods keep what the aspects have in common.
    encoded = _encoded(method, rows.texts, names, step)
    trained = _encoded(method, train.texts, names, step)
    alike = _encoded(method, reference.pair_texts, names) if reference else {}
    paired = _encoded(method, splits.pairs.rows.texts, names) if splits.pairs else {}
    encoded_at = time.perf_counter()
    speed = encoding_speed(method, rows.texts, names)
    # It takes no part in the evaluation's own seconds.
    started += time.perf_counter() - encoded_at
    let_go()
    for name, features in encoded.items():
        with probes.single_threaded():
            found.read(name, features, step)
            classifier = found.tuned(train, name, trained[name])
            found.add_groups(name, classifier.predict(features) == rows.labels[name])
            if reference is not None:
                kept = retained(features, reference, aspect=name, pair_vectors=alike.get(name))
                found.scores += kept
                chance = reference.neighbours_chance
                found.warnings += collapse(kept, neighbours_chance=chance)
            if splits.pairs is not None:
                probe = found.tuned(rows, name, features)
                scores, held = answered(probe, paired[name], splits.pairs, name)
                found.scores += scores
                found.held[name] = pack_bits(held)
            if pictures and len(picture_rows) > 3:
                found.projections[name] = project(features, picture_rows, seed=seed)
        step()
    if reference is not None:
        found.scores.append(Score("neighbours_chance", reference.neighbours_chance))
    spent = time.perf_counter() - started
    parts = {"train": train, "valid": splits.training.valid, "evaluation": rows}
    return Evaluation(
        scores=(
            *found.scores,
            speed,
            *cost_scores(method, seconds=spent),
        ),
        counts={name: part.cell_counts() for name, part in parts.items()},
        classes={aspect.name: aspect.classes for aspect in aspects},
        chance=found.chance,
        cells=pack_codes(rows.cells),
        right=found.right,
        cell_accuracy=found.cell_accuracy,
        pairs=PairRows(pack_codes(splits.pairs.flipped), found.held) if splits.pairs else None,
        projections=found.projections,
        warnings=tuple(found.warnings),
    )


class _Findings:
    """What is found on the evaluation rows, one representation after another."""

    def __init__(self, rows: Rows, folds: Sequence[Fold], seed: int, threads: int) -> None:
        self.rows, self.folds, self.seed, self.threads = rows, folds, seed, threads
        self.chance = {a.name: probes.chance_level(rows.labels[a.name]) for a in rows.aspects}
        self.scores: list[Score] = []
        self.right: dict[str, str] = {}
        self.cell_accuracy: dict[str, dict[str, float]] = {}
        self.projections: dict[str, Projection] = {}
        self.held: dict[str, str] = {}
        self.warnings: list[str] = []

    def tuned(self, rows: Rows, aspect: str, features: Features) -> probes.FittedLinear:
        """A linear classifier of an aspect on rows, with the strength that they choose."""
        return probes.tuned_linear(rows, aspect, features, seed=self.seed, threads=self.threads)

    def read(self, representation: str, features: Features, step: Callable[[], None]) -> None:
        """What every family of probes reads, and the linear one from shares of the rows."""
        given = ProbeInput.of(features, len(self.rows), seed=self.seed)
        self.warnings += [f"{representation}: {text}" for text in given.warnings]
        families = [*PROBES.values()]
        for factor, reading in probes.read_factors(
            given, self.rows, self.folds, families=families, threads=self.threads, read=step
        ).items():
            self._add_reading(representation, factor, reading)
        for share in probes.CURVE:
            curve = probes.cross_fit_all(
                PROBES["linear"],
                given,
                self.rows.labels,
                self.folds,
                threads=self.threads,
                kept=probes.kept_groups(self.rows.groups, share, seed=self.seed),
            )
            for factor, result in curve.items():
                name = f"{_metric(representation, factor)}_{round(100 * share)}_percent"
                self.scores.append(Score(name, result.accuracy, representation, factor, "linear"))

    def _add_reading(self, representation: str, factor: str, reading: FactorReading) -> None:
        """One factor as scores, with the rows that each probe told."""
        for probe, result in reading.results.items():
            names = (representation, factor, probe)
            self.scores.append(Score(_metric(*names[:2]), result.accuracy, *names))
            self.scores.append(Score("usable_bits", result.usable_bits, *names))
            if probe in reading.code_bits:
                self.scores.append(Score("description_length", reading.code_bits[probe], *names))
            self.right["/".join(names)] = pack_bits(result.correct)
            chance = self.chance[factor]
            if factor != representation and below_chance(result.correct, chance):
                self.warnings.append(
                    f"{probe} leakage of {factor} from {representation} is "
                    f"{result.accuracy:.3f}, below chance {chance:.3f}"
                )

    def add_groups(self, aspect: str, right: NDArray[np.bool_]) -> None:
        """What the classifier of the correlated rows is worth in each evaluation cell."""
        cells, names = self.rows.cells, self.rows.cell_names
        accuracy = {names[cell]: float(right[cells == cell].mean()) for cell in np.unique(cells)}
        self.cell_accuracy[aspect] = accuracy
        key = (aspect, aspect, "classifier")
        self.right["/".join(key)] = pack_bits(right)
        average = float(np.mean(list(accuracy.values())))
        self.scores.append(Score("average_accuracy", average, *key))
        self.scores.append(Score("worst_group_accuracy", min(accuracy.values()), *key))


def below_chance(right: NDArray[np.bool_], chance: float) -> bool:
    """Whether so few right rows are unlikely (p < .001, binomial) even for a guesser."""
    from scipy.stats import binom

    return bool(binom.cdf(int(right.sum()), len(right), chance) < FAULT_LEVEL)


def _metric(representation: str, factor: str) -> str:
    return "target_accuracy" if factor == representation else "leakage"


def _encoded(
    method: Method,
    texts: Sequence[str],
    aspects: Sequence[str],
    step: Callable[[], None] = lambda: None,
) -> dict[str, Features]:
    """For each aspect the representations of the texts, checked."""
    found = {}
    for name in aspects if texts else ():
        found[name] = checked(method.encode(texts, name), len(texts))
        step()
    return found
