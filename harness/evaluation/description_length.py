"""Minimum description length of labels by online coding with probes of one fixed strength.

Source: Voita and Titov 2020, "Information-theoretic probing with minimum description length",
equation 3 (online code). Labels are sent block by block; each block is coded with a probe fitted on
the blocks before it. A representation from which a factor is easily learned gives a short code,
and the code shows the effort that plain accuracy hides.

Two things are added so that the code is never longer than it has to be. Each block is coded with
the even mixture of the probe's code and the uniform code, which costs at most one bit a block
beside the shorter of the two: random labels then cost about log2(K) bits a row and no more, however
confident an overfitted probe is. And a probe's probabilities are smoothed with 1/(1 + rows seen).
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from data.rows import IntArray
from harness.evaluation.fixed_probes import fit_probe
from harness.evaluation.probes import Features, checked
from harness.evaluation.probes.online_code import doubling_blocks


def online_code_bits(
    kind: str,
    features: Features,
    labels: IntArray,
    groups: IntArray,
    *,
    classes: int,
    seed: int,
) -> float:
    """Bits a row that it takes to send the labels to someone who has the representation.

    Parameters
    ----------
    kind : `linear` or `mlp`.
    features : float32 [n, width].
    labels : int64 [n] in range(classes).
    groups : int64 [n]; a group is sent within one block, so that no probe knows a film it codes.

    Returns
    -------
    Between 0 and log2(classes) + 6 / n.
    """
    features = checked(features, len(labels))
    order, edges = doubling_blocks(groups, seed)
    features, labels = features[order], labels[order]
    uniform = math.log2(classes)
    bits = float(edges[1]) * uniform
    for start, stop in pairwise(edges[1:].tolist()):
        sent, block = labels[:start], labels[start:stop]
        plain = len(block) * uniform
        if len(np.unique(sent)) < 2:
            bits += plain
            continue
        probe = fit_probe(kind, features[:start], sent, seed=seed)
        known = np.full((len(block), classes), 0.0)
        known[:, probe.classes_] = probe.predict_proba(features[start:stop])
        bits += _mixed(_code_bits(known, block, seen=start), plain)
    return bits / len(labels)


def _code_bits(probabilities: NDArray[np.float64], labels: IntArray, seen: int) -> float:
    """Length of the probe's own code for a block, float probabilities [n, classes]."""
    doubt = 1.0 / (1.0 + seen)
    given = probabilities[np.arange(len(labels)), labels]
    return float(-np.log2((1.0 - doubt) * given + doubt / probabilities.shape[1]).sum())


def _mixed(first: float, second: float) -> float:
    """-log2 of the mean of two codes' probabilities, from their lengths in bits."""
    return 1.0 - float(np.logaddexp2(-first, -second))
