"""SCR: how much of what a correlation costs a classifier does a method win back?"""

from statistics import fmean

from harness.analysis.condition_scores import REFERENCE, ConditionScores
from harness.analysis.metrics import MethodVariant
from harness.analysis.statistics import Interval, mean_interval

LEAST_ROOM = 0.01
"""Accuracy by which the upper bound must beat the untuned encoder for a share of it to mean
anything."""


def correlation_removed(
    scores: ConditionScores, method_variant: MethodVariant, oracle: MethodVariant
) -> Interval | None:
    """`(method - untuned) / (oracle - untuned)`, of accuracies; None where one is missing.

    Each is the average accuracy over the evaluation cells, and over the representations, of a
    linear classifier that was fitted on the rows that the method learned from: correlated ones, and
    balanced ones for the oracle. 0 is the biased classifier of the untuned encoder, 1 the oracle's;
    below 0 the method makes it worse. The ratio of means over the seeds that all three have, with
    Student's interval of its linearisation (Cochran 1977, Sampling Techniques, section 6.4).

    Source: Karvonen et al. (2024), Evaluating Sparse Autoencoders on Targeted Concept Erasure
    Tasks, where one classifier stays and features of its inputs are removed; here every method has
    a classifier of its own.
    """
    accuracy = scores.mean_group("average_accuracy")
    own, best, base = (
        scores.by_seed(each, accuracy)
        for each in (method_variant, oracle, MethodVariant(REFERENCE))
    )
    shared = sorted(set(own) & set(best) & set(base))
    room = [best[seed] - base[seed] for seed in shared]
    if not shared or fmean(room) < LEAST_ROOM:
        return None
    won = [own[seed] - base[seed] for seed in shared]
    ratio = fmean(won) / fmean(room)
    apart = ((w - ratio * r) / fmean(room) for w, r in zip(won, room, strict=True))
    return mean_interval([ratio + each for each in apart])
