"""One training step of masked weights beside a public library of masks, NeuroSurgeon 0.1.0.

The peer trains hard concrete masks over the same maps of the same layers: one masked copy of the
encoder an aspect, all layers in float32, cross-entropy of a linear head on the mean of the tokens.
The suite trains its own objective, with the triplets that the peer lacks, on the same anchors and
token positions. Install the peer with the extra `peers`; nothing else imports it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from benchmarks.conftest import Suite
from benchmarks.speed import test_speed_masking as masks
from benchmarks.speed.speeds import Speeds, kept
from data.rows import Splits
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import mean_pool, tokenise
from harness.encoders.layer_cut import layers_of
from harness.encoders.precision import compute_dtype
from harness.training.batches import CellBatches
from masking.attachment import MaskedLayers
from masking.settings import MaskSettings


@pytest.fixture(scope="module")
def speeds(request: pytest.FixtureRequest) -> Iterator[Speeds]:
    precision = str(compute_dtype()).removeprefix("torch.")
    with kept("peer", "precision", precision, request.config) as speeds:
        yield speeds


@pytest.fixture(scope="module")
def size(suite: Suite) -> masks.Size:
    return masks.SIZES.get(suite.profile, masks.SIZES["quick"])


def peer_step(splits: Splits, backbone: Backbone, settings: MaskSettings) -> Callable[[], None]:
    """A step of both aspects, on one batch of anchors each."""
    library = pytest.importorskip(
        "NeuroSurgeon.Models.circuit_model", reason="the extra `peers` is not installed"
    )
    from NeuroSurgeon.Models.model_configs import CircuitConfig

    rows = splits.training.train
    names = [aspect.name for aspect in splits.training.aspects]
    places = MaskedLayers(backbone, settings, "weights", aspects=len(names), seed=0).places
    stack = layers_of(backbone.model)
    prefix = next(name for name, part in backbone.model.named_modules() if part is stack)
    config = CircuitConfig(
        mask_method="hard_concrete",
        mask_hparams={
            "ablation": "none",
            "mask_unit": "weight",
            "mask_bias": False,
            "mask_init_percentage": 0.5,
        },
        target_layers=[f"{prefix}.{place.layer}.{place.path}" for place in places],
        add_l0=False,
    )
    torch.manual_seed(0)
    models = [library.CircuitModel(config, backbone.copy_model()) for _ in names]
    heads = [nn.Linear(backbone.width, len(a.classes)) for a in splits.training.aspects]
    learned = [
        parameter
        for part in (*models, *heads)
        for parameter in part.parameters()
        if parameter.requires_grad
    ]
    optimiser = torch.optim.Adam(learned, lr=settings.mask_rate)
    tokens = tokenise(backbone, rows.texts, settings.max_tokens)
    batches = CellBatches(rows, settings.batch_texts, seed=0)

    def step() -> None:
        anchors, labels = batches.draw()
        ids, mask = tokens.batch(anchors)
        for name, model, head in zip(names, models, heads, strict=True):
            states = model(input_ids=ids, attention_mask=mask).last_hidden_state
            loss = F.cross_entropy(head(mean_pool(states, mask)), labels[name])
            loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        optimiser.zero_grad()

    return step


@pytest.mark.benchmark(group="a training step of masked weights beside a public library")
def test_step_of_the_peer(
    benchmark: Any, splits: Splits, backbone: Backbone, size: masks.Size, speeds: Speeds
) -> None:
    step = peer_step(splits, backbone, masks.settings_for(size.anchors, size.tokens))
    benchmark.pedantic(step, rounds=5, warmup_rounds=1)
    seconds = float(np.median(benchmark.stats.stats.data))
    for name in masks.SHARES:
        speeds.line(f"step beside NeuroSurgeon, {name}", "s").reference = seconds


@pytest.mark.benchmark(group="a training step of masked weights beside a public library")
@pytest.mark.parametrize("name", masks.SHARES)
def test_step_of_the_suite_beside_it(
    name: str, benchmark: Any, splits: Splits, backbone: Backbone, size: masks.Size, speeds: Speeds
) -> None:
    settings = masks.settings_for(size.anchors, size.tokens, steps=8, **masks.SHARES[name])
    masks.make_prefixes(splits, backbone, settings)
    steps = benchmark.pedantic(lambda: masks.suite_steps(splits, backbone, settings), rounds=1)
    speeds.line(f"step beside NeuroSurgeon, {name}", "s").suite = float(np.median(steps))
