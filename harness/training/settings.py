"""The settings that trained methods share."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.contract.search import Choice, Range, Space

MOST_TEXTS = 12_800
"""Steps times texts a step that a training may see, the same for all methods."""


@dataclass(frozen=True)
class StoppingSettings:
    """When a training ends before its last step, the same rule for every trained method.

    Attributes
    ----------
    evaluations : parts of the training after which the loss on validation rows is taken.
    patience : evaluations in a row that do not lower it after which the rates fall, as they do over
        the last quarter, and training ends; 0 takes all steps.
    """

    evaluations: int = 8
    patience: int = 3


@dataclass(frozen=True)
class TrainedSettings(StoppingSettings):
    """Settings of a trained encoder; docs/hyperparameters.md says how they were chosen.

    Attributes
    ----------
    max_tokens : texts are cut to this many tokens.
    steps : training steps; with 0 nothing is trained.
    batch_texts : texts a step, spread evenly over the cells.
    token_share : share of the token positions that a step sees; the others are left out. All are
        seen where layers know how far apart tokens stand, as those of MPNet and T5 do.
    clip : largest norm of the gradient of everything that is learned.
    margin : epsilon of the triplet loss.
    triplet, classification : weights of the losses.
    layers : how many of the last layers are changed; 0 changes all.
    """

    max_tokens: int = 96
    steps: int = 200
    batch_texts: int = 64
    token_share: float = 0.25
    clip: float = 1.0
    margin: float = 2.0
    triplet: float = 1.0
    classification: float = 1.0
    layers: int = 3


SMOKE: Mapping[str, int] = {"steps": 4, "batch_texts": 8, "evaluations": 2}
QUICK: Mapping[str, int] = {"steps": 60, "batch_texts": 32, "evaluations": 4}
"""What the short profiles change."""

TRAINED_SEARCH: Mapping[str, Space] = {
    "steps": Range(100, 400),
    "batch_texts": Choice((32, 64)),
    "token_share": Choice((0.25, 0.5)),
    "classification": Range(0.3, 3.0, "log"),
}
"""Where `tune` looks for these settings; steps times texts have a limit for all methods."""

LAYER_SEARCH: Mapping[str, Space] = {"layers": Choice((2, 3, 4))}
"""The same for how many layers are changed."""

MARGIN_SEARCH: Mapping[str, Space] = {"margin": Range(0.5, 4.0, "log")}
"""The same for methods that learn from triplets."""
