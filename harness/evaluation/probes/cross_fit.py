"""Cross-fitting: strengths chosen by inner folds, and each row scored by a probe that never saw it.

The outer part, on which a probe is scored, takes part in no choice. Inside each outer training part
the strength with the least inner log-loss is taken; folds keep groups together at both levels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.rows import IntArray
from harness.evaluation.probes.family import Family, Fit, FloatArray, Fold, Target, Work
from harness.evaluation.probes.features import ProbeInput
from harness.evaluation.probes.folds import fold_of_rows, inner_parts


@dataclass(frozen=True)
class ProbeResult:
    """What a cross-fitted probe told of one factor.

    Attributes
    ----------
    correct : bool [n], row by row in the order of the evaluation rows.
    bits : float64 [n], -log2 of the probability that the probe gave to the row's class.
    entropy : of the factor's class frequencies, in bits.
    choices : for each outer fold the strength that its inner folds chose.
    inner_bits : for each outer fold the mean inner log-loss in bits, under that strength.
    """

    correct: NDArray[np.bool_]
    bits: FloatArray
    entropy: float
    choices: tuple[str, ...]
    inner_bits: tuple[float, ...]

    @property
    def accuracy(self) -> float:
        """Share of rows whose class the probe told, in [0, 1]."""
        return float(self.correct.mean())

    @property
    def usable_bits(self) -> float:
        """Usable information in bits, `H(Y) - H(Y | X)` and at least 0 (Xu et al. 2020, eq. 3).

        `H(Y)` is the best log-loss without the representation, the entropy of the class
        frequencies; with balanced classes that is log2 of their number. `log2 K` in its place
        would count the knowledge that one class is more frequent as leakage.
        """
        return max(0.0, self.entropy - float(self.bits.mean()))


def cross_fit_all(
    family: Family,
    given: ProbeInput,
    factors: Mapping[str, IntArray],
    folds: Sequence[Fold],
    *,
    threads: int = 1,
    kept: NDArray[np.bool_] | None = None,
) -> dict[str, ProbeResult]:
    """What a family tells of each factor, by its name, fitted and scored over the folds.

    Parameters
    ----------
    factors : name to int64 [n], any number of classes.
    folds : three or more, as `group_folds` gives them.
    threads : how many fits may run at a time; results do not depend on it.
    kept : bool [n], rows that may be fitted on or take part in a choice; all by default. All rows
        are scored.
    """
    kept = np.ones(len(given.features), dtype=np.bool_) if kept is None else kept
    inside = inner_parts(folds, kept)
    outside = [(fitting[kept[fitting]], scoring) for fitting, scoring in folds]
    wanted = [Target.of(labels) for labels in factors.values()]
    work = Work(given.features, [*inside.values(), *outside], wanted, given.seed, threads)
    pairs, number, prepared = list(inside), fold_of_rows(folds), given.prepared(family)
    strengths, targets = range(len(family.strengths)), range(len(wanted))
    inner = [Fit(p, t, s) for p in range(len(pairs)) for t in targets for s in strengths]
    loss = np.zeros((len(folds), len(targets), len(strengths)))
    rows = np.zeros(len(folds))
    for place, pair in enumerate(pairs):
        scored = number[work.parts[place][1]]
        rows[pair[0]] += (scored == pair[1]).sum()
        rows[pair[1]] += (scored == pair[0]).sum()
    for fit, told in zip(inner, family.probabilities(prepared, work, inner), strict=True):
        bits = label_bits(told, work, fit)
        first, second = pairs[fit.part]
        scored = number[work.parts[fit.part][1]]
        loss[first, fit.target, fit.strength] += bits[scored == second].sum()
        loss[second, fit.target, fit.strength] += bits[scored == first].sum()
    loss /= np.maximum(rows, 1)[:, None, None]
    chosen = loss.argmin(axis=2)
    outer = [
        Fit(len(pairs) + fold, t, int(chosen[fold, t]))
        for fold in range(len(folds))
        for t in targets
    ]
    correct = np.zeros((len(targets), len(number)), dtype=np.bool_)
    all_bits = np.zeros((len(targets), len(number)))
    for fit, told in zip(outer, family.probabilities(prepared, work, outer), strict=True):
        scoring = work.parts[fit.part][1]
        correct[fit.target, scoring] = (
            told.argmax(axis=1) == work.targets[fit.target].labels[scoring]
        )
        all_bits[fit.target, scoring] = label_bits(told, work, fit)
    return {
        factor: ProbeResult(
            correct[t],
            all_bits[t],
            entropy_bits(labels),
            tuple(family.strengths[s] for s in chosen[:, t]),
            tuple(loss[:, t].min(axis=1).tolist()),
        )
        for t, (factor, labels) in enumerate(factors.items())
    }


def chosen_strength(
    family: Family, given: ProbeInput, labels: IntArray, folds: Sequence[Fold], *, threads: int = 1
) -> int:
    """Position of the strength with the least log-loss over folds that choose and score nothing."""
    work = Work(given.features, folds, [Target.of(labels)], given.seed, threads)
    fits = [Fit(p, 0, s) for p in range(len(folds)) for s in range(len(family.strengths))]
    loss = np.zeros(len(family.strengths))
    for fit, told in zip(
        fits, family.probabilities(given.prepared(family), work, fits), strict=True
    ):
        loss[fit.strength] += label_bits(told, work, fit).sum()
    return int(loss.argmin())


def label_bits(told: FloatArray, work: Work, fit: Fit) -> FloatArray:
    """-log2 of the probability of each scoring row's class.

    Probabilities are mixed with the uniform ones, which weigh 1 / (1 + fitting rows): a class that
    the fit never saw costs a finite number of bits.
    """
    fitting, scoring = work.parts[fit.part]
    target = work.targets[fit.target]
    doubt = 1.0 / (1.0 + len(fitting))
    given = told[np.arange(len(scoring)), target.labels[scoring]]
    return np.asarray(-np.log2((1.0 - doubt) * given + doubt / target.classes))


def entropy_bits(labels: IntArray) -> float:
    """Entropy of the class frequencies, in bits."""
    share = np.bincount(labels) / len(labels)
    return float(-(share[share > 0] * np.log2(share[share > 0])).sum())


def strongest(results: Sequence[ProbeResult], folds: Sequence[Fold]) -> ProbeResult:
    """In every outer fold the family that the inner rows choose by log-loss.

    It is not the maximum over outer scores, which would lie above chance where nothing is told. Of
    `results`, which are of one factor on the same folds, the first wins ties.
    """
    best = np.array([each.inner_bits for each in results]).argmin(axis=0)
    of_row = best[fold_of_rows(folds)]
    rows = np.arange(len(of_row))
    return ProbeResult(
        np.stack([each.correct for each in results])[of_row, rows],
        np.stack([each.bits for each in results])[of_row, rows],
        results[0].entropy,
        tuple(results[k].choices[fold] for fold, k in enumerate(best)),
        tuple(results[k].inner_bits[fold] for fold, k in enumerate(best)),
    )
