"""What a representation does where one factor of a text is flipped and all else stays.

Accuracies of probes are correlations; here a factor is changed. The form is that of RAVEL (Huang et
al. 2024), where interventions on a representation must cause one attribute and isolate the others;
here it is the text that is changed, and the representation that answers.
"""

import numpy as np
from numpy.typing import NDArray

from data.rows import Pairs
from harness.contract.scores import Score
from harness.evaluation.probes import Features, FittedLinear


def answered(
    probe: FittedLinear, features: Features, pairs: Pairs, aspect: str
) -> tuple[list[Score], NDArray[np.bool_]]:
    """How the representation for an aspect, and the probe of that aspect, answer to flips.

    Parameters
    ----------
    probe : of the aspect, fitted on rows of other groups.
    features : float32 [m, width], of the texts of the pairs.
    pairs : n of them.

    Returns
    -------
    scores : `cause`, the share of the pairs whose own aspect is flipped and that the probe follows;
        `isolate`, for each other aspect, that of those in which it is flipped and the probe stays;
        `disentangle`, the mean of cause and the mean of isolate; and `movement`, for each other
        aspect, the mean Euclidean distance between the texts where it is flipped over that where
        the own is; as far as the pairs flip what they need.
    held : bool [n]: where the own aspect is flipped, whether the probe is right on both texts of
        the pair; elsewhere, whether it says the same of both.
    """
    first, second = pairs.first, pairs.second
    told = probe.predict(features)
    right = told == pairs.rows.labels[aspect]
    names = [each.name for each in pairs.rows.aspects]
    own = pairs.flipped == names.index(aspect)
    held = np.where(own, right[first] & right[second], told[first] == told[second])
    moved = np.linalg.norm(features[first].astype(np.float64) - features[second], axis=1)
    shares, scores = {}, []
    for place, name in enumerate(names):
        asked = pairs.flipped == place
        if not asked.any():
            continue
        shares[name] = float(held[asked].mean())
        metric = "cause" if name == aspect else "isolate"
        scores.append(Score(metric, shares[name], aspect, name, "linear"))
        if name != aspect and own.any() and (reach := float(moved[own].mean())) > 0:
            scores.append(Score("movement", float(moved[asked].mean()) / reach, aspect, name))
    followed = shares.pop(aspect, None)
    if followed is not None and shares:
        both = (followed + float(np.mean(list(shares.values())))) / 2
        scores.append(Score("disentangle", both, aspect, probe="linear"))
    return scores, held
