"""Every discovered model of texts keeps the contract, and each check catches its fault."""

import numpy as np
import pytest
from text_fakes import LinearGaussian

from data.texts import TextTask
from harness.conformance import benches
from harness.conformance.checks import Check, ConformanceError, check_deterministic, check_refusals
from harness.conformance.text_models import TextBench, check_latent, check_likelihood
from harness.encoders.backbones import Backbone
from harness.evaluation.text.model import LanguageModel
from harness.runs import discovery

MODELS = [name for name in discovery.methods() if issubclass(discovery.load(name), LanguageModel)]


@pytest.fixture(scope="module")
def bench(backbone: Backbone) -> TextBench:
    return benches.language(backbone)


def test_the_models_are_found() -> None:
    assert {"text-vae", "decoder-lm", "lstm-lm", "lstm-vae"} <= set(MODELS)


@pytest.mark.parametrize("check", benches.BY_KIND["language"][1], ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", MODELS)
def test_every_model_keeps_the_contract(name: str, check: Check, bench: TextBench) -> None:
    model = discovery.load(name)
    assert issubclass(model, LanguageModel)
    check(model, bench)


class Whole(LinearGaussian):
    def log_likelihood(self, texts, latents):  # type: ignore[no-untyped-def]
        return super().log_likelihood(texts, latents) * len(texts) - 5


class Swapped(LinearGaussian):
    noise_ = 0

    def log_likelihood(self, texts, latents):  # type: ignore[no-untyped-def]
        return super().log_likelihood(texts, latents)[::-1]


class Dice(LinearGaussian):
    def fit(self, task, backbone, *, seed, progress):  # type: ignore[no-untyped-def]
        self.noise = 1 + np.random.default_rng().random()
        return self


@pytest.mark.parametrize(
    ("broken", "check", "complaint"),
    [
        (Whole, check_likelihood, "depends on the other texts"),
        (Swapped, check_latent, "samples are mixed up"),
        (Dice, check_deterministic, "two fits"),
        (LinearGaussian, check_refusals, "before fit is not refused"),
    ],
)
def test_each_check_catches_its_fault(
    broken: type[LinearGaussian], check: Check, complaint: str, backbone: Backbone
) -> None:
    class Bench(TextBench):
        def new(self, model, variant="default"):  # type: ignore[no-untyped-def]
            return model()

    texts = tuple(f"{i / 2:.1f}" for i in range(12))
    bench = Bench(TextTask("toy", texts, texts), texts, backbone)
    with pytest.raises(ConformanceError, match=complaint):
        check(broken, bench)
