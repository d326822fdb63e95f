"""What the benchmarks of masks' speed share: the first trial's rows and its encoder."""

import pytest

from benchmarks.conftest import Suite
from data.rows import Splits
from harness.encoders.backbones import Backbone


@pytest.fixture(scope="module")
def splits(suite: Suite) -> Splits:
    drawn = suite.trial_inputs.splits(suite.trials[0])
    assert isinstance(drawn, Splits)
    return drawn


@pytest.fixture(scope="module")
def backbone(suite: Suite) -> Backbone:
    return suite.trial_inputs.backbone(suite.trials[0].backbone)
