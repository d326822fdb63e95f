"""What is measured where texts have aspects: encode once for each of them, then probe.

The evaluation rows are balanced over the cells and share no group with the training rows. Probes
are cross-fitted on them alone; the classifier behind average and worst-group accuracy is fitted on
the training rows that the method learned from, with a strength that these rows choose by group, as
someone who has nothing else would do. What is kept is measured against the untuned encoder. Minimal
pairs, where a draw has them, are read by probes of all evaluation rows: they share no group with
these, so no fold has to be left out.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data.errors import UserError
from data.rows import Rows, Splits
from harness.contract.method import Method
from harness.contract.scores import Score
from harness.evaluation.evaluation import Evaluation, cost_scores, encoding_speed
from harness.evaluation.minimal_pairs import answered
from harness.evaluation.probes import (
    CURVE,
    PROBES,
    Features,
    Fold,
    ProbeInput,
    chance_level,
    checked,
    cross_fit_all,
    group_folds,
    kept_groups,
    read_factors,
    single_threaded,
    tuned_linear,
)
from harness.evaluation.probes.readings import FactorReading
from harness.evaluation.projection import project, projected_rows
from harness.evaluation.retention import Reference, collapse, retained
from harness.store.base64_arrays import pack_bits, pack_codes
from harness.store.records import PairRows, Projection
from harness.system.progress import Progress
from harness.system.turns import let_go

FAULT_LEVEL = 0.001
"""Below this tail probability a leakage under chance is reported: rows may have been seen."""


@dataclass
class _Findings:
    scores: list[Score] = field(default_factory=list)
    right: dict[str, str] = field(default_factory=dict)
    cell_accuracy: dict[str, dict[str, float]] = field(default_factory=dict)
    projections: dict[str, Projection] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


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

    Parameters
    ----------
    method : fitted on `splits.training`.
    seed : of folds, probes and orders; leave the method out of it, so that methods are paired.
    pictures : whether to draw each representation in the plane.
    reference : the untuned encoder on the same draw; without it nothing is said of what is kept.

    Raises
    ------
    ValueError : a representation has the wrong shape or type, or is not finite.
    UserError : the evaluation rows are too few to cross-fit.
    """
    started = time.perf_counter()
    rows, aspects = splits.evaluation, splits.evaluation.aspects
    findings = _Findings()
    names = [aspect.name for aspect in aspects]
    done = itertools.count(1)

    def step() -> None:
        progress(next(done), len(aspects) * (3 + len(PROBES)))

    with single_threaded():
        folds = group_folds(rows, seed=seed)
        picture_rows = projected_rows(rows.cells, seed=seed)
    chance = {aspect.name: chance_level(rows.labels[aspect.name]) for aspect in aspects}
    train = splits.training.train
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
    for aspect in aspects:
        features = encoded[aspect.name]
        with single_threaded() as threads:
            given = ProbeInput.of(features, len(rows), seed=seed)
            read = read_factors(
                given, rows, folds, families=[*PROBES.values()], threads=threads, read=step
            )
            _add_readings(findings, aspect.name, given, read, chance)
            _add_learning_curve(findings, aspect.name, given, rows, folds, threads)
            classifier = tuned_linear(
                train, aspect.name, trained[aspect.name], seed=seed, threads=threads
            )
            told = classifier.predict(features) == rows.labels[aspect.name]
            _add_group_scores(findings, aspect.name, rows, told)
            if reference is not None:
                _add_kept(findings, aspect.name, features, reference, alike.get(aspect.name))
            if splits.pairs is not None:
                probe = tuned_linear(rows, aspect.name, features, seed=seed, threads=threads)
                answers = answered(probe, paired[aspect.name], splits.pairs, aspect.name)
                findings.scores += answers.scores
                findings.held[aspect.name] = pack_bits(answers.held)
            if pictures and len(picture_rows) > 3:
                findings.projections[aspect.name] = project(features, picture_rows, seed=seed)
        step()
    if reference is not None:
        findings.scores.append(Score("neighbours_chance", reference.neighbours_chance))
    spent = time.perf_counter() - started
    parts = {"train": train, "valid": splits.training.valid, "evaluation": rows}
    return Evaluation(
        scores=(
            *findings.scores,
            speed,
            *cost_scores(method, seconds=spent),
        ),
        counts={name: part.cell_counts() for name, part in parts.items()},
        classes={aspect.name: aspect.classes for aspect in aspects},
        chance=chance,
        cells=pack_codes(rows.cells),
        right=findings.right,
        cell_accuracy=findings.cell_accuracy,
        pairs=PairRows(pack_codes(splits.pairs.flipped), findings.held) if splits.pairs else None,
        projections=findings.projections,
        warnings=tuple(findings.warnings),
    )


def _add_readings(
    findings: _Findings,
    representation: str,
    given: ProbeInput,
    read: Mapping[str, FactorReading],
    chance: Mapping[str, float],
) -> None:
    """Everything that was read as scores, with the rows that each probe told."""
    findings.warnings += [f"{representation}: {text}" for text in given.warnings]
    for factor, found in read.items():
        own = factor == representation
        metric = "target_accuracy" if own else "leakage"
        for probe, result in found.results.items():
            names = (representation, factor, probe)
            findings.scores.append(Score(metric, result.accuracy, *names))
            findings.scores.append(Score("usable_bits", result.usable_bits, *names))
            if probe in found.code_bits:
                findings.scores.append(Score("description_length", found.code_bits[probe], *names))
            findings.right["/".join(names)] = pack_bits(result.correct)
            if not own and below_chance(result.correct, chance[factor]):
                findings.warnings.append(
                    f"{probe} leakage of {factor} from {representation} is "
                    f"{result.accuracy:.3f}, below chance {chance[factor]:.3f}"
                )


def _add_learning_curve(
    findings: _Findings,
    representation: str,
    given: ProbeInput,
    rows: Rows,
    folds: Sequence[Fold],
    threads: int,
) -> None:
    """What the linear probe reads where it is fitted with a share of the groups."""
    for share in CURVE:
        found = cross_fit_all(
            given,
            rows.labels,
            folds,
            families=[PROBES["linear"]],
            threads=threads,
            kept=kept_groups(rows.groups, share, seed=given.seed),
        )
        for factor, by_family in found.items():
            metric = "target_accuracy" if factor == representation else "leakage"
            name = f"{metric}_{round(100 * share)}_percent"
            accuracy = by_family["linear"].accuracy
            findings.scores.append(Score(name, accuracy, representation, factor, "linear"))


def below_chance(right: NDArray[np.bool_], chance: float) -> bool:
    """Whether so few right rows are unlikely (p < .001, binomial) even for a guesser."""
    from scipy.stats import binom

    return bool(binom.cdf(int(right.sum()), len(right), chance) < FAULT_LEVEL)


def _add_group_scores(
    findings: _Findings, aspect: str, rows: Rows, right: NDArray[np.bool_]
) -> None:
    """What the classifier of the correlated rows is worth in each evaluation cell."""
    cells, names = rows.cells, rows.cell_names
    accuracy = {names[cell]: float(right[cells == cell].mean()) for cell in np.unique(cells)}
    findings.cell_accuracy[aspect] = accuracy
    key = (aspect, aspect, "classifier")
    findings.right["/".join(key)] = pack_bits(right)
    average = float(np.mean(list(accuracy.values())))
    findings.scores.append(Score("average_accuracy", average, *key))
    findings.scores.append(Score("worst_group_accuracy", min(accuracy.values()), *key))


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


def _add_kept(
    findings: _Findings,
    aspect: str,
    features: Features,
    reference: Reference,
    alike: Features | None,
) -> None:
    """What the representation keeps of the untuned encoder's, and a warning if it is little."""
    kept = retained(features, reference, aspect=aspect, pair_vectors=alike)
    findings.scores += kept
    findings.warnings += collapse(kept, neighbours_chance=reference.neighbours_chance)
