"""Every discovered model of responses keeps the contract, and a fault in one is caught."""

from __future__ import annotations

import numpy as np
import pytest

from baselines.response_vae.response_vae import ResponseVae
from harness.conformance import benches
from harness.conformance.checks import ConformanceError
from harness.conformance.response_models import (
    RESPONSE_CHECKS,
    ResponseBench,
    ResponseCheck,
    check_responses,
)
from harness.encoders.backbones import Backbone
from harness.evaluation.text.responses import ResponseModel
from harness.runs import discovery

MODELS = [name for name in discovery.methods() if "responses" in discovery.load(name).kinds]


@pytest.fixture(scope="module")
def bench(backbone: Backbone) -> ResponseBench:
    return benches.responses(backbone)


@pytest.mark.parametrize("check", RESPONSE_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", MODELS)
def test_every_model_keeps_the_contract(
    name: str, check: ResponseCheck, bench: ResponseBench
) -> None:
    model = discovery.load(name)
    assert issubclass(model, ResponseModel)
    check(model, bench)


class Shifted(ResponseVae):
    def log_likelihood(self, texts, latents):  # type: ignore[no-untyped-def]
        return np.roll(super().log_likelihood(texts, latents), 1, axis=1)


def test_responses_in_the_wrong_order_are_caught(bench: ResponseBench) -> None:
    with pytest.raises(ConformanceError, match="order of the responses"):
        check_responses(Shifted, bench)
