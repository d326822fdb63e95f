"""Minimum description length of labels given a representation, by online coding.

Source: Voita and Titov 2020, "Information-theoretic probing with minimum description length",
equation 3 (online code). Labels are sent block by block; each block is coded with a probe fitted on
the blocks before it. A representation from which a factor is easily learned gives a short code,
and the code shows the effort that plain accuracy hides.

No strength is chosen: a block is coded with a mixture of the codes of all strengths of the family,
and of the uniform code. Half of the weight is the uniform code's, so that a block costs at most one
bit more than that: random labels cost about log2(K) bits a row and no more, however confident an
overfitted probe is. The strengths share the other half, so that a block costs at most
1 + log2(strengths) bits more than with the best of them, which nobody has to know.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from scipy.special import logsumexp

from data.rows import IntArray
from harness.evaluation.probes.cross_fit import label_bits
from harness.evaluation.probes.family import Family, Fit, Target, Work
from harness.evaluation.probes.features import ProbeInput

CODERS = ("linear", "mlp")
"""The families that code labels: those that learn from few rows and many within seconds."""

BLOCKS = 7
"""The first block is sent uniformly, the other six with probes, doubling in length."""


def online_code_bits(
    family: Family,
    given: ProbeInput,
    factors: Mapping[str, IntArray],
    groups: IntArray,
    *,
    classes: Sequence[int],
    threads: int = 1,
) -> dict[str, float]:
    """Bits a row that it takes to send labels to someone who has the representation.

    For each factor a number between 0 and log2(classes) + 6 / n.

    Parameters
    ----------
    factors : name to labels, int64 [n] in range(classes).
    groups : int64 [n]; a group is sent within one block, so that no probe knows a film it codes.
    classes : how many each factor has, two or more.
    threads : how many fits may run at a time; results do not depend on it.
    """
    order, edges = doubling_blocks(groups, given.seed)
    parts = [(order[:start], order[start:stop]) for start, stop in pairwise(edges[1:].tolist())]
    targets = [Target(*pair) for pair in zip(factors.values(), classes, strict=True)]
    work = Work(given.features, parts, targets, given.seed, threads)
    uniform = np.log2(classes)
    bits = edges[1] * uniform
    fits = []
    for part, (sent, block) in enumerate(parts):
        for target, each in enumerate(targets):
            if len(np.unique(each.labels[sent])) < 2:
                bits[target] += len(block) * uniform[target]
            else:
                fits += [Fit(part, target, s) for s in range(len(family.strengths))]
    codes: dict[tuple[int, int], list[float]] = {}
    told = family.probabilities(given.prepared(family), work, fits) if fits else []
    for fit, probabilities in zip(fits, told, strict=True):
        code = float(label_bits(probabilities, work, fit).sum())
        codes.setdefault((fit.part, fit.target), []).append(code)
    for (part, target), lengths in codes.items():
        plain = len(parts[part][1]) * uniform[target]
        bits[target] += mixed_bits(lengths, plain)
    return {name: float(sent) / len(groups) for name, sent in zip(factors, bits, strict=True)}


def mixed_bits(lengths: Sequence[float], plain: float) -> float:
    """Length in bits of the mixture in which one code has one half, and some share the other."""
    shared = logsumexp(-math.log(2) * np.array(lengths)) / math.log(2) - math.log2(len(lengths))
    return 1.0 - float(np.logaddexp2(shared, -plain))


def doubling_blocks(groups: IntArray, seed: int) -> tuple[IntArray, IntArray]:
    """A seeded order of rows with groups kept together, and the edges of the doubling blocks."""
    rng = np.random.default_rng(seed)
    names, codes = np.unique(groups, return_inverse=True)
    turn = rng.permutation(len(names))[codes]
    order = np.lexsort((rng.random(len(groups)), turn)).astype(np.int64)
    ends = np.flatnonzero(np.diff(turn[order], append=-1)) + 1
    wished = [len(groups) / 2 ** (BLOCKS - 1 - i) for i in range(BLOCKS)]
    edges = ends[np.searchsorted(ends, wished)]
    return order, np.unique(np.concatenate(([0], edges))).astype(np.int64)
