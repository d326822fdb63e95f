"""bfloat16 against float32 for the frozen encoder: how much faster, and whether as good.

On processors without instructions for it bfloat16 is the slower one, and
`harness.encoders.precision` leaves it alone. The ratio is read from one run; nothing about speed is
asserted, since machines are shared.
"""

from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.conftest import Suite
from data import tasks
from data.quotas import Sizes
from data.rows import Rows
from harness.contract.method import Representation
from harness.encoders.backbones import Backbone, resolve
from harness.encoders.encoding import encode_batches, mean_pool, tokenise
from harness.evaluation.probes import cross_fit, group_folds

TOLERANCE = 0.02


@pytest.fixture(scope="module")
def rows() -> Rows:
    task = tasks.find("movies")
    sizes = Sizes(train=96, valid=32, evaluation_per_cell=100)
    rows: Rows = task.draw(task.load(None), seed=0, sizes=sizes).evaluation
    return rows


@pytest.fixture(scope="module")
def backbone(suite: Suite) -> Backbone:
    return resolve(suite.trials[0].backbone)


@pytest.fixture(scope="module")
def vectors() -> dict[str, Representation]:
    """Filled by the two timed passes, compared by the last test."""
    return {}


@pytest.mark.benchmark(group="frozen forward pass")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_forward_pass(
    precision: str,
    benchmark: Any,
    rows: Rows,
    backbone: Backbone,
    vectors: dict[str, Representation],
) -> None:
    tokens = tokenise(backbone, rows.texts, 96)
    model = backbone.copy_model()
    torch.nn.Module.to(model, getattr(torch, precision))

    def forward(index: Any) -> torch.Tensor:
        ids, mask = tokens.batch(index)
        return mean_pool(model(input_ids=ids, attention_mask=mask).last_hidden_state, mask)

    vectors[precision] = benchmark.pedantic(
        lambda: encode_batches(tokens, backbone.width, forward), rounds=2, warmup_rounds=1
    )


def test_probes_cannot_tell_the_precisions_apart(
    rows: Rows, vectors: dict[str, Representation]
) -> None:
    if len(vectors) < 2:
        pytest.skip("run the two timed passes too")
    folds = group_folds(rows, seed=0)
    for aspect in rows.aspects:
        labels = rows.labels[aspect.name]
        found = [
            cross_fit("linear", features, labels, folds, seed=0).accuracy
            for features in vectors.values()
        ]
        assert np.ptp(found) <= TOLERANCE
