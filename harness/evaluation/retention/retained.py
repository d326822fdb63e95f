"""Everything that one representation keeps, as scores, and the warning that it kept too little."""

from collections.abc import Sequence

import numpy as np

from harness.contract.scores import LOW_RANK, Score, few_neighbours
from harness.evaluation.retention.centring import Vectors
from harness.evaluation.retention.detail import detail
from harness.evaluation.retention.factors import excess
from harness.evaluation.retention.neighbours import kept_of_rows, neighbours
from harness.evaluation.retention.reference import Reference
from harness.evaluation.retention.ridge import CrossRidge, recovered
from harness.evaluation.retention.similarity import likeness
from harness.evaluation.retention.spectrum import effective_rank, linear_cka


def retained(
    vectors: Vectors, reference: Reference, *, aspect: str, pair_vectors: Vectors | None = None
) -> tuple[Score, ...]:
    """What the representation made for one aspect keeps of the untuned encoder's.

    neighbours_kept, effective_rank, recovered and linear_cka; and, where they can be measured,
    `detail` and `other_factors`, once for each column or factor and once as their mean without a
    factor, and `similarity_kept`. ValueError where the vectors are not of the reference's rows.

    Parameters
    ----------
    vectors : float32 [n, width], of the evaluation rows.
    reference : of the same draw.
    pair_vectors : float32 [2 pairs, width], of `reference.pair_texts`, for likeness.
    """
    rows, folds = reference.rows, reference.folds
    if len(vectors) != len(rows):
        raise ValueError(f"{len(vectors)} vectors for a reference of {len(rows)} rows")
    near = neighbours(vectors, reference.groups)
    ridge = CrossRidge(vectors, rows.cells, folds)
    scores = [
        Score("effective_rank", effective_rank(vectors), aspect),
        Score("recovered", recovered(ridge, reference.vectors), aspect),
        Score("linear_cka", linear_cka(reference.vectors, vectors), aspect),
    ]
    if near.size:
        kept = float(kept_of_rows(reference.neighbours, near).mean())
        scores.insert(0, Score("neighbours_kept", kept, aspect))
    plain = CrossRidge(vectors, np.zeros_like(folds), folds)
    others = {
        name: excess(plain, labels) / told for name, (labels, told) in reference.factors.items()
    }
    for metric, found in (
        ("detail", detail(vectors, rows, aspect, folds)),
        ("other_factors", others),
    ):
        scores += [Score(metric, value, aspect, name) for name, value in found.items()]
        if found:
            scores.append(Score(metric, float(np.mean(list(found.values()))), aspect))
    if reference.pairs is not None and pair_vectors is not None and reference.likeness > 0:
        like = likeness(reference.pairs, pair_vectors) / reference.likeness
        scores.append(Score("similarity_kept", like, aspect))
    return tuple(scores)


def collapse(scores: Sequence[Score], *, neighbours_chance: float) -> tuple[str, ...]:
    """Warnings about representations that are nearly one number or keep hardly a neighbour.

    `scores` hold those of `retained`, and `neighbours_chance` is the reference's.
    """
    found, least = [], few_neighbours(neighbours_chance)
    for score in scores:
        if score.metric == "effective_rank" and score.value < LOW_RANK:
            found.append(
                f"the representation for {score.representation} has effective rank "
                f"{score.value:.2f}, below {LOW_RANK:g}: it is nearly one number"
            )
        if score.metric == "neighbours_kept" and score.value < least:
            found.append(
                f"the representation for {score.representation} keeps {score.value:.3f} of the "
                f"neighbours, below {least:.3f}; chance keeps {neighbours_chance:.3f}"
            )
    return tuple(found)
