"""Adapters against masks that take as many bytes: do they learn the same task equally well?

Both see the same texts and the same token positions in every step, and both minimise
`l_trp L_trp + l_cls L_cls` summed over the aspects, with the weights, the margin and the layers of
masks; masks leave out their overlap here, which adapters do not have. Compared is this loss over
the last quarter of the steps, in which the learning rate falls to zero, and the bytes that each
stores.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.adapters import Adapters
from benchmarks.conftest import Suite
from harness.contract.method import Method
from harness.training.schedule import COOL
from masking.weights import MaskedWeights

SHARED = (
    *("steps", "batch_texts", "token_share", "max_tokens", "layers"),
    *("margin", "triplet", "classification"),
)
"""Settings that adapters take from masks."""

TOLERANCE = 0.1
"""Largest relative difference of the losses, and of the bytes."""


def trained(method: Method, suite: Suite, folder: Path) -> tuple[float, int]:
    """The loss over the last quarter of the steps, and the bytes of the artifact."""
    trial = suite.trials[0]
    losses: list[float] = []

    def note(done: int, total: int, **metrics: Any) -> None:
        losses.append(metrics["loss"])

    training = suite.trial_inputs.splits(trial).training
    method.fit(training, suite.trial_inputs.backbone(trial.backbone), seed=0, progress=note)
    folder.mkdir()
    method.save(folder)
    stored = sum(file.stat().st_size for file in folder.iterdir())
    return float(np.mean(losses[-max(round(COOL * len(losses)), 1) :])), stored


@pytest.mark.timeout(3600)
def test_adapters_reach_the_loss_of_masks_of_their_size(suite: Suite, tmp_path: Path) -> None:
    masks = MaskedWeights.settings_for("default", suite.profile)
    masked, masked_bytes = trained(
        MaskedWeights(replace(masks, overlap=0.0, patience=0)), suite, tmp_path / "masks"
    )
    own = Adapters.settings_for("default", suite.profile)
    adapters = replace(own, patience=0, **{name: getattr(masks, name) for name in SHARED})
    adapted, adapted_bytes = trained(Adapters(adapters), suite, tmp_path / "adapters")
    if suite.profile != "smoke":
        assert adapted == pytest.approx(masked, rel=TOLERANCE)
        assert adapted_bytes == pytest.approx(masked_bytes, rel=TOLERANCE)
