"""What is measured where texts have semantics and syntax: likeness, copied analyses, and probes.

Every representation is measured for both, so that one sees what it knows and what it does not:
correlation of cosines with graded pairs for semantics, the analysis of the nearest sentence of the
same length for syntax, probes for single properties, and the order of held-out triplets.
"""

import time
from collections.abc import Mapping, Sequence

import numpy as np

from data.rows import Aspect
from data.syntax.evaluation import SyntaxEvaluation
from data.tasks.syntax import SyntaxDraw
from harness.contract.method import Method
from harness.contract.scores import Score
from harness.evaluation.evaluation import Evaluation, cost_scores, encoding_speed
from harness.evaluation.probes import FIXED_C, chance_level, checked, fit_linear, group_folds
from harness.evaluation.syntax.neighbours import Neighbourhood
from harness.evaluation.syntax.similarity import Features, cosines, pearson, spearman
from harness.store.base64_arrays import pack_codes
from harness.system.progress import Progress

AT_ONCE = 4000
"""Texts encoded together: methods may keep states of all of them."""

STS = "stsb"
"""The graded pairs behind the semantic gap."""

BRACKETS, TAGS = "brackets", "tags"
"""What is copied from neighbours."""


def check(draw: SyntaxDraw) -> None:
    """Refuse evaluation rows that are too few to cross-fit, with a UserError."""
    for rows in draw.evaluation.probes:
        group_folds(rows, seed=0)


def evaluate(
    method: Method, draw: SyntaxDraw, *, seed: int, pictures: bool, progress: Progress
) -> Evaluation:
    """Measure a method that was fitted on `draw.training`; `seed` is of folds and probes.

    Nothing here is drawn row by row, so that `pictures` has no meaning. ValueError where a
    representation has the wrong shape or type, or is not finite.
    """
    from threadpoolctl import threadpool_limits

    started = time.perf_counter()
    found, aspects = draw.evaluation, draw.training.aspects
    texts = _texts(found)
    encoded = _encoded(method, texts, aspects, progress)
    place = {text: position for position, text in enumerate(texts)}
    neighbourhood = Neighbourhood(found.sentences)
    scores: list[Score] = []
    # One thread, so that sums stay in one order, byte for byte.
    with threadpool_limits(limits=1):
        for aspect in aspects:
            measured = _Representation(encoded[aspect.name], place, aspect.name)
            scores += measured.similarity(found)
            scores += measured.copying(neighbourhood)
            scores += measured.ordering(found, [a.name for a in aspects])
            scores += measured.probing(found, seed)
    scores += gaps(scores, *(aspect.name for aspect in aspects))
    bound, chance = neighbourhood.bound(), neighbourhood.chance()
    scores.append(Score("bracket_f1_bound", bound.bracket_f1, factor=BRACKETS))
    scores.append(Score("tag_accuracy_bound", bound.tag_accuracy, factor=TAGS))
    training = draw.training
    return Evaluation(
        scores=(
            *scores,
            *cost_scores(method, seconds=time.perf_counter() - started),
            encoding_speed(method, texts, [aspect.name for aspect in aspects]),
        ),
        counts={
            "train": {"triplets": len(training.train)},
            "valid": {"triplets": len(training.valid)},
            "evaluation": {
                **{name: len(pairs) for name, pairs in found.pairs.items()},
                "sentences with a neighbour": neighbourhood.queries,
                "triplets": len(found.triplets),
                **{rows.aspects[0].name: len(rows) for rows in found.probes},
            },
        },
        # There are no cells, so none of the rows stands in one.
        cells=pack_codes(np.zeros(0, dtype=np.int64)),
        classes={rows.aspects[0].name: rows.aspects[0].classes for rows in found.probes},
        chance={
            **dict.fromkeys(found.pairs, 0.0),
            BRACKETS: chance.bracket_f1,
            TAGS: chance.tag_accuracy,
            **{aspect.name: 0.5 for aspect in aspects},
            **{r.aspects[0].name: chance_level(r.labels[r.aspects[0].name]) for r in found.probes},
        },
    )


def gaps(scores: Sequence[Score], semantics: str, syntax: str) -> list[Score]:
    """How far each representation is ahead of the other in its own matter, and the product.

    The semantic gap is Pearson's correlation on the graded pairs, the syntactic one bracket F1. A
    gap that is negative counts as 0 in the product: two wrongs make no right.
    """
    values = {(s.metric, s.representation, s.factor): s.value for s in scores}
    semantic = values["pearson", semantics, STS] - values["pearson", syntax, STS]
    syntactic = values["bracket_f1", syntax, BRACKETS] - values["bracket_f1", semantics, BRACKETS]
    return [
        Score("semantic_gap", semantic),
        Score("syntactic_gap", syntactic),
        Score("gap_product", max(semantic, 0.0) * max(syntactic, 0.0)),
    ]


def _texts(found: SyntaxEvaluation) -> tuple[str, ...]:
    """Every text once."""
    pairs = (
        text for p in found.pairs.values() for column in (p.first, p.second) for text in column
    )
    probed = (text for rows in found.probes for text in rows.texts)
    documents = (sentence.text for sentence in found.sentences)
    return tuple(dict.fromkeys((*pairs, *documents, *probed, *found.triplets.texts)))


def _encoded(
    method: Method, texts: Sequence[str], aspects: Sequence[Aspect], progress: Progress
) -> dict[str, Features]:
    parts: dict[str, list[Features]] = {aspect.name: [] for aspect in aspects}
    for start in range(0, len(texts), AT_ONCE):
        some = tuple(texts[start : start + AT_ONCE])
        # All aspects of one set of texts in a row: methods keep what the aspects have in common.
        for aspect in aspects:
            parts[aspect.name].append(checked(method.encode(some, aspect.name), len(some)))
        progress(min(start + AT_ONCE, len(texts)), len(texts))
    return {name: np.concatenate(found) for name, found in parts.items()}


class _Representation:
    """The vectors of all texts for one aspect, and what they tell."""

    def __init__(self, vectors: Features, place: Mapping[str, int], name: str) -> None:
        self._vectors, self._place, self._name = vectors, place, name

    def similarity(self, found: SyntaxEvaluation) -> list[Score]:
        """Correlations of cosines with grades."""
        scores = []
        for corpus, pairs in found.pairs.items():
            cosine = cosines(self._of(pairs.first), self._of(pairs.second))
            for metric, measure in (("pearson", pearson), ("spearman", spearman)):
                scores.append(Score(metric, measure(cosine, pairs.grades), self._name, corpus))
        return scores

    def copying(self, neighbourhood: Neighbourhood) -> list[Score]:
        """How good the analyses of nearest neighbours are."""
        copied = neighbourhood.nearest(self._of(neighbourhood.texts))
        return [
            Score("bracket_f1", copied.bracket_f1, self._name, BRACKETS),
            Score("tag_accuracy", copied.tag_accuracy, self._name, TAGS),
        ]

    def ordering(self, found: SyntaxEvaluation, aspects: Sequence[str]) -> list[Score]:
        """Share of the held-out triplets in which the sentence that shares each aspect is nearer.

        The two shares of a representation add up to 1, but for ties.
        """
        z0, z1, z2 = np.split(self._of(found.triplets.texts), 3)
        near, far = (np.linalg.norm(z0 - other, axis=1) for other in (z1, z2))
        shares = (float((near < far).mean()), float((far < near).mean()))
        return [
            Score("triplet_accuracy", share, self._name, aspect)
            for aspect, share in zip(aspects, shares, strict=True)
        ]

    def probing(self, found: SyntaxEvaluation, seed: int) -> list[Score]:
        """Accuracy of linear probes of one strength, cross-fitted over documents."""
        scores = []
        for rows in found.probes:
            (factor,) = rows.aspects
            labels, features = rows.labels[factor.name], self._of(rows.texts)
            correct = np.zeros(len(labels), dtype=np.bool_)
            for fitting, scoring in group_folds(rows, seed=seed):
                probe = fit_linear(features[fitting], labels[fitting], c=FIXED_C)
                correct[scoring] = probe.predict(features[scoring]) == labels[scoring]
            name = ("probe_accuracy", float(correct.mean()), self._name, factor.name, "linear")
            scores.append(Score(*name))
        return scores

    def _of(self, texts: Sequence[str]) -> Features:
        return self._vectors[[self._place[text] for text in texts]]
