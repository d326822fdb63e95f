"""The contract of a model of texts; `harness.contract.learner` has the rest.

A model is a class in a file of its own under `baselines/`, found by discovery like every method.
The harness asks it for likelihoods and posteriors and measures everything else itself.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from data.texts import TextTask
from harness.contract.learner import Learner
from harness.evaluation.text.families import StandardGaussian
from harness.evaluation.text.latents import FloatArray, Posterior, Prior
from harness.system.progress import Progress

if TYPE_CHECKING:
    from harness.encoders.backbones import Backbone


class LatentModel(Learner):
    """A distribution over texts x, or over replies to a context, with a latent z."""

    @property
    @abstractmethod
    def latent_size(self) -> int:
        """Columns of z."""

    @property
    def prior(self) -> Prior:
        """p(z); by default the standard Gaussian."""
        return StandardGaussian(self.latent_size)

    @abstractmethod
    def posterior(self, texts: Sequence[Any]) -> Posterior:
        """q(z|x) of the texts, in their order."""

    @abstractmethod
    def log_likelihood(self, texts: Sequence[Any], latents: FloatArray) -> FloatArray:
        """log p(x|z), float64 [samples, n], nats, for latents [samples, n, size]."""

    @abstractmethod
    def normalised(self, texts: Sequence[str]) -> list[str]:
        """The texts as the model would write them: through the tokenizer and back."""


class LanguageModel(LatentModel):
    """A distribution over texts, with or without a latent.

    A text's probability is that of its pieces and of its end, over the whole vocabulary of the
    backbone's tokenizer. Where `latent_size` is 0, `posterior` and `decode` are never called.
    """

    kinds: ClassVar[tuple[str, ...]] = ("language",)

    @abstractmethod
    def fit(self, task: TextTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        """Learn from `task.train`, choose on `task.valid`; deterministic under `seed`."""

    def columns_of(self, label: str) -> slice | None:
        """The columns of z that a model keeps for a label it was trained on; None by default."""
        return None

    @abstractmethod
    def log_likelihood(self, texts: Sequence[str], latents: FloatArray | None) -> FloatArray:
        """As of `LatentModel`; a model without a latent gets None, and has one sample."""

    @abstractmethod
    def decode(self, latents: FloatArray) -> list[str]:
        """The text that greedy decoding gives for each latent, [n, size]."""
