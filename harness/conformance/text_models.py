"""What every model of texts must do, as checks that a test runs on each discovered class."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.errors import UserError
from data.texts import TextDraw
from harness.conformance.representations import PICKLED, SEED, ConformanceError
from harness.evaluation.text.model import FloatArray, LanguageModel
from harness.system.progress import silent

if TYPE_CHECKING:
    from harness.encoders.backbones import Backbone

TEXTS = 12
CLOSE = 1e-3
"""Nats by which a text's likelihood may differ with the texts beside it: sums of other lengths."""


@dataclass(frozen=True)
class TextBench:
    """What the checks run on.

    Attributes
    ----------
    draw : of the smoke profile's size.
    backbone : shared by all models.
    profile : whose settings the models take.
    """

    draw: TextDraw
    backbone: Backbone
    profile: str = "smoke"

    @property
    def texts(self) -> tuple[str, ...]:
        """A few evaluation texts."""
        return self.draw.evaluation[:TEXTS]

    def new(self, model: type[LanguageModel]) -> LanguageModel:
        """An object with the profile's settings, neither fitted nor loaded."""
        return model(model.settings_for("default", self.profile))

    def fitted(self, model: type[LanguageModel]) -> LanguageModel:
        """An object fitted on the draw."""
        return self.new(model).fit(self.draw.training, self.backbone, seed=SEED, progress=silent)

    def likelihood(self, model: LanguageModel, texts: tuple[str, ...]) -> FloatArray:
        """log p(x|z) with z at the means of the posteriors, [n]."""
        latents = model.posterior(texts).mean[None] if model.latent_size else None
        first: FloatArray = model.log_likelihood(texts, latents)[0]
        return first


TextCheck = Callable[[type[LanguageModel], TextBench], None]


def check_likelihood(model: type[LanguageModel], bench: TextBench) -> None:
    """float64 [samples, n], finite, at most 0, and a text's own whatever stands beside it."""
    fitted, texts = bench.fitted(model), bench.texts
    whole = bench.likelihood(fitted, texts)
    _require(whole.shape == (len(texts),), f"log_likelihood gives {whole.shape}")
    _require(whole.dtype == np.float64, f"log_likelihood gives {whole.dtype}")
    _require(bool(np.isfinite(whole).all() and (whole <= 0).all()), "a likelihood is above 1")
    turned = bench.likelihood(fitted, texts[::-1])[::-1]
    _near(whole, turned, "log_likelihood depends on the order of the texts")
    one = bench.likelihood(fitted, texts[3:4])
    _near(whole[3:4], one, "log_likelihood depends on the other texts")


def check_latent(model: type[LanguageModel], bench: TextBench) -> None:
    """Posteriors of the latent's size, one text for each latent, and samples in their order."""
    fitted, texts = bench.fitted(model), bench.texts
    if not fitted.latent_size:
        return
    posterior = fitted.posterior(texts)
    shape = (len(texts), fitted.latent_size)
    _require(posterior.mean.shape == posterior.log_variance.shape == shape, "posterior's shape")
    random = np.random.default_rng(0)
    latents = np.stack([posterior.sample(random) for _ in range(2)])
    both = fitted.log_likelihood(texts, latents)
    _near(both[1], fitted.log_likelihood(texts, latents[1:])[0], "samples are mixed up")
    _require(len(fitted.decode(posterior.mean)) == len(texts), "decode leaves texts out")
    _require(len(fitted.normalised(texts)) == len(texts), "normalised leaves texts out")


def check_deterministic(model: type[LanguageModel], bench: TextBench) -> None:
    """Two fits under one seed give equal likelihoods."""
    first, second = (bench.likelihood(bench.fitted(model), bench.texts) for _ in range(2))
    _require(np.array_equal(first, second), "two fits under one seed differ")


def check_saved(model: type[LanguageModel], bench: TextBench) -> None:
    """What is saved gives equal likelihoods when loaded, and holds no pickle."""
    fitted = bench.fitted(model)
    with tempfile.TemporaryDirectory() as scratch:
        fitted.save(Path(scratch))
        for file in Path(scratch).rglob("*"):
            _require(file.suffix not in PICKLED, f"save writes {file.name}, which may be a pickle")
        loaded = model().load(Path(scratch), bench.backbone)
    same = np.array_equal(
        bench.likelihood(fitted, bench.texts), bench.likelihood(loaded, bench.texts)
    )
    _require(same, "a loaded model gives other likelihoods than the saved one")
    _require(
        loaded.trainable_parameters == fitted.trainable_parameters,
        "a loaded model counts other trainable parameters than the saved one",
    )
    _require(loaded.heatmaps() == fitted.heatmaps(), "a loaded model has lost its curves")


def check_refusals(model: type[LanguageModel], bench: TextBench) -> None:
    """To be asked before fitting is refused in words."""
    try:
        bench.new(model).log_likelihood(bench.texts, None)
    except UserError:
        return
    raise ConformanceError("log_likelihood before fit is not refused with a UserError")


def check_backbone_untouched(model: type[LanguageModel], bench: TextBench) -> None:
    """`fit` leaves weights and mode of the shared backbone as they were."""
    before = _state(bench.backbone)
    bench.fitted(model)
    _require(_state(bench.backbone) == before, "fit changes the shared backbone")


TEXT_CHECKS: tuple[TextCheck, ...] = (
    check_likelihood,
    check_latent,
    check_deterministic,
    check_saved,
    check_refusals,
    check_backbone_untouched,
)


def _state(backbone: Backbone) -> str:
    digest = hashlib.sha256(str(backbone.model.training).encode())
    for name, tensor in backbone.model.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ConformanceError(otherwise)


def _near(first: FloatArray, second: FloatArray, otherwise: str) -> None:
    _require(bool(np.abs(first - second).max(initial=0) < CLOSE), otherwise)
