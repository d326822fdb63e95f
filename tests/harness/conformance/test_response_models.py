"""A fault in a model of responses is caught."""

import numpy as np
import pytest

from baselines.response_vae.response_vae import ResponseVae
from harness.conformance import benches
from harness.conformance.checks import ConformanceError
from harness.conformance.response_models import (
    ResponseBench,
    check_responses,
)
from harness.encoders.backbones import Backbone


@pytest.fixture(scope="module")
def bench(backbone: Backbone) -> ResponseBench:
    return benches.responses(backbone)


class Shifted(ResponseVae):
    def log_likelihood(self, texts, latents):  # type: ignore[no-untyped-def]
        return np.roll(super().log_likelihood(texts, latents), 1, axis=1)


def test_responses_in_the_wrong_order_are_caught(bench: ResponseBench) -> None:
    with pytest.raises(ConformanceError, match="order of the responses"):
        check_responses(Shifted, bench)
