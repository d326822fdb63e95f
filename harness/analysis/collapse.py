"""Which representations are nearly one number, or keep hardly a neighbour of the encoder's."""

from statistics import fmean

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Compared, MethodVariant, Metric
from harness.contract.scores import LOW_RANK, few_neighbours


def collapsed(scores: ConditionScores, method_variant: MethodVariant, metric: Compared) -> bool:
    """Whether some part of a metric lies below its limit, by its mean over seeds.

    Limits are those of `effective_rank` and `neighbours_kept`; nothing else has one.
    """
    for key in metric.metric_keys:
        if key.metric == "effective_rank":
            limit = LOW_RANK
        elif key.metric == "neighbours_kept":
            limit = few_neighbours(scores.chance(Metric.mean([key])))
        else:
            continue
        values = scores.by_seed(method_variant, Metric.mean([key]))
        # A limit that is not known is nan, which nothing lies below.
        if values and fmean(values.values()) < limit:
            return True
    return False
