"""The terms of the objective (John et al. 2019, section 3), one function each, all in nats.

The autoencoder minimises

    J = J_rec + l_kl KL + l_mul J_mul + l_bow J_bow - l_adv H_adv - l_badv H_badv

with J_mul the cross-entropy of `harness.training.objectives.classification_loss`. J_rec is the mean
cross-entropy of the pieces to be predicted, not their sum, so that the published weights of the
other terms, found on sentences of at most 15 words, mean the same on longer texts. Each adversary
minimises its own cross-entropy, `classification_loss` or `bag_loss`, on latents that are cut off
the encoder.
"""

import math

from torch import Tensor

STEEPNESS = 10.0
"""Of the sigmoid that anneals the KL: it starts at 1/150 and ends as near to 1."""


def kl_factor(step: int, steps: int, annealing: float) -> float:
    """Factor on the KL's weight: a sigmoid over the first `annealing` of the steps, then 1.

    `step`: from 0 to steps - 1. `steps`: of the whole training. `annealing`: share of the steps;
    with 0 the factor is 1 throughout.
    """
    span = annealing * steps
    if step >= span:
        return 1.0
    return 1 / (1 + math.exp(-STEEPNESS * (step / span - 0.5)))


def bag_loss(logits: Tensor, bags: Tensor) -> Tensor:
    """J_bow: cross-entropy between a text's bag of words and its prediction, nats a text.

    Parameters
    ----------
    logits : [texts, words].
    bags : [texts, words], the share of each word among the text's content words; a text without any
        has zeros, and counts for nothing.

    Returns
    -------
    A scalar, the mean over texts with content words.
    """
    each = -(bags * logits.log_softmax(1)).sum(1)
    return each.sum() / (bags.sum(1) > 0).sum().clamp(min=1)


def entropy(logits: Tensor) -> Tensor:
    """H: entropy of predictions, a scalar, the mean over texts in nats.

    `logits`: [texts, classes], or [texts, words].
    """
    logs = logits.log_softmax(1)
    return -(logs.exp() * logs).sum(1).mean()
