"""The method `masked-weights`, and its upper bound `oracle-masked-weights`."""

from collections.abc import Mapping
from typing import Any, ClassVar

from masking.masked_method import MaskedMethod

SPARSITIES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)

DEEP_SPARSITIES = (0.5, 0.8, 0.9, 0.95)
DEEP = {"layers": 5}
"""All but the first of six layers, to see whether sparse subnetworks need to reach further down."""

NO_TRAINING = {"steps": 0, "start_mean": 1.0, "start_deviation": 0.0}
"""All masks open and left so: what pruning does by itself."""

SPARSE = tuple(f"sparsity-{share:g}" for share in SPARSITIES)

SCORED: Mapping[str, Mapping[str, Any]] = {
    f"scored-sparsity-{share:g}": {"pruning": "score", "sparsity": share}
    for share in (0.5, 0.7, 0.8, 0.9)
}
"""Pruned by |w x score|."""

CLOSED = {"steps": 0, "start_mean": -1.0, "start_deviation": 0.0}
"""A control: all maps of the masked layers closed, so that the residual stream alone is left."""

FOR_TRIPLETS = ("overlap-1", "layers-4", "margin-2", "fast-scores", "residual", "closed")

STEADY = {f"{stem}-{share}": 5 for stem in ("sparsity", "pruned") for share in (0.5, 0.7, 0.9)}
"""Where the curve over sparsities has as many seeds as the headline."""

KEEPING: Mapping[str, Mapping[str, Any]] = {
    "margin-0.5": {"margin": 0.5},
    "slow-scores": {"mask_rate": 1e-3},
    "layers-5": {"layers": 5},
    "layers-6": {"layers": 6},
    **{f"coding-rate-{weight:g}": {"coding_rate": weight} for weight in (0.1, 0.7)},
    "rescaled": {"rescaled": True},
    **{f"rescaled-sparsity-{s:g}": {"rescaled": True, "sparsity": s} for s in (0.7, 0.9)},
    "residual": {"residual": True},
    **{f"residual-sparsity-{s:g}": {"residual": True, "sparsity": s} for s in (0.7, 0.9)},
    **SCORED,
    "closed": CLOSED,
}
"""What might keep more of a text at equal leakage, or make sparse masks work."""

ONLY_ASKED = (
    *("openness", "attention", "feed-forward", "density-0.95", "all-steps"),
    *("margin-2", "fast-scores", "layers-9"),
)
"""Variants that run on labelled aspects where they are asked for alone."""


class MaskedWeights(MaskedMethod):
    """Binary masks over the weights of a frozen encoder. Source: Zhang et al. 2021, section 3.

    Every linear map of a masked layer computes `h' = h (W * M_a)` for aspect a.
    """

    name = "masked-weights"
    kind = "weights"
    variants = {
        **{f"sparsity-{share:g}": {"sparsity": share} for share in SPARSITIES},
        **{f"pruned-{share:g}": {**NO_TRAINING, "sparsity": share} for share in SPARSITIES},
        **{f"deep-sparsity-{s:g}": {**DEEP, "sparsity": s} for s in DEEP_SPARSITIES},
        "deep-sparse-overlap-1": {**DEEP, "sparsity": 0.8, "overlap": 1.0},
        "no-triplet": {"triplet": 0.0},
        "no-classification": {"classification": 0.0},
        "no-overlap": {"overlap": 0.0},
        **{f"overlap-{weight:g}": {"overlap": weight} for weight in (0.1, 0.6, 1.0, 3.0)},
        "openness": {"openness": 0.3},
        # Cao et al. 2021: entries start open with probability .9.
        "hard-concrete": {
            "estimator": "hard-concrete",
            "start_mean": 2.2,
            "start_deviation": 0.1,
            "mask_rate": 0.1,
        },
        "neurons": {"granularity": "neuron"},
        "heads": {"granularity": "head"},
        "blocks": {"granularity": "block"},
        "whole-maps": {"granularity": "layer"},
        "layers-2": {"layers": 2},
        "layers-4": {"layers": 4},
        "layers-9": {"layers": 9},
        "middle-layers": {"above": 2},
        "attention": {"maps": "attention"},
        "feed-forward": {"maps": "feed-forward"},
        # Shares of entries that start open: normal scores at this many deviations above 0.
        "density-0.5": {"start_mean": 0.0},
        "density-0.95": {"start_mean": 1.64 * 0.005},
        "all-tokens": {"token_share": 1.0},
        "all-steps": {"patience": 0},
        "margin-2": {"margin": 2.0},
        "fast-scores": {"mask_rate": 3e-3},
        **KEEPING,
    }
    studies = {
        "aspects": {**{each: 1 for each in variants if each not in ONLY_ASKED}, **STEADY},
        "triplets": {**dict.fromkeys((*SPARSE, *SCORED, *FOR_TRIPLETS), 1), **STEADY},
    }
    """The sweep over sparsities with its controls, and the ablations."""


class OracleMaskedWeights(MaskedWeights):
    """Masked weights learned on balanced rows, an upper bound. Source: Zhang et al. 2021.

    What `masked-weights` could reach if aspects did not go together in the training rows.
    """

    name = "oracle-masked-weights"
    kinds: ClassVar[tuple[str, ...]] = ("aspects",)
    balanced_training = True
    dial = None
    variants = {}
    studies = {}
