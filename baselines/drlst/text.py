"""The method `drlst-text`: the autoencoder of `drlst-seq2seq` as a model of texts with labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from baselines.drlst.seq2seq import DrlstSeq2seq, DrlstSeq2seqSettings, PairEncoder
from baselines.text_vae.asked import AskedModel
from baselines.text_vae.model import TextModel
from baselines.text_vae.posteriors import DiagonalGaussian
from data.texts import LabelledTextTask
from harness.contract.scores import Score
from harness.system.progress import Progress


@dataclass(frozen=True)
class DrlstTextSettings(DrlstSeq2seqSettings):
    """Those of `drlst-seq2seq`, at the size of `text-vae`: latents, layers, and texts seen.

    No label stands for content, which has a latent of its own.
    """

    content: str = ""
    style_size: int = 8
    content_size: int = 24
    max_tokens: int = 64
    target_tokens: int = 64
    steps: int = 600
    encoder_layers: int = 3
    decoder_layers: int = 3

    @property
    def max_pieces(self) -> int:
        """Of a text, without what the family puts around it."""
        return self.target_tokens - 2

    @property
    def bucketed(self) -> bool:
        """Texts of like length are asked together."""
        return True


class Latents(nn.Module):
    """q(z|x) of all latents side by side, from what the reader gives."""

    def __init__(self, gaussians: nn.Linear) -> None:
        super().__init__()
        self.gaussians = gaussians

    def forward(self, pooled: Tensor) -> DiagonalGaussian:
        mean, log_variance = self.gaussians(pooled).float().chunk(2, dim=1)
        return DiagonalGaussian(mean, log_variance)


class DrlstText(AskedModel):
    """A text VAE whose latent is split by label and content. Source: John et al. 2019.

    Trained as `drlst-seq2seq`, asked as `text-vae`: a text is rewritten in another class by the
    latent of that label from a text of the class (their section 4.4). It alone among the models of
    texts learns from the labels of the training texts.
    """

    name = "drlst-text"
    kinds = ("language",)
    Settings = DrlstTextSettings
    profiles = {
        "smoke": DrlstSeq2seq.profiles["smoke"],
        "quick": {**DrlstSeq2seq.profiles["quick"], "steps": 60},
    }

    def supports(self, task: Any) -> str | None:
        labelled = isinstance(task, LabelledTextTask)
        return None if labelled else "its texts have no labels to split a latent by"

    @property
    def latent_size(self) -> int:
        self.check_ready()
        return sum(self._autoencoder.network.sizes.values())

    def columns_of(self, label: str) -> slice | None:
        return self._autoencoder.columns(label) if label in self.aspects else None

    def learn(self, task: LabelledTextTask, *, seed: int, progress: Progress) -> None:
        autoencoder = DrlstSeq2seq(self.settings)
        self._take(autoencoder.fit(task.labelled, self.backbone, seed=seed, progress=progress))

    def _take(self, autoencoder: DrlstSeq2seq) -> None:
        self._autoencoder, self.aspects = autoencoder, autoencoder.aspects
        network = autoencoder.network
        encoder = network.encoder
        assert isinstance(encoder, PairEncoder)
        self._pieces = encoder.pieces
        maps = Latents(network.gaussians)
        self._model = TextModel(encoder.pair, self._pieces, self.latent_size, maps=maps).eval()

    def learned(self) -> Mapping[str, nn.Module]:
        return self._autoencoder.learned()

    def extras(self) -> Mapping[str, Tensor]:
        return self._autoencoder.extras()

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        autoencoder = DrlstSeq2seq(self.settings)
        autoencoder.remember(self.backbone, self.aspects)
        autoencoder.restore(tensors)
        self._take(autoencoder)

    def scores(self) -> list[Score]:
        # Its reconstruction and KL are measured on evaluation texts, as any other model's.
        found = [s for s in self._autoencoder.scores() if s.metric == "adversary_accuracy"]
        return [*super().scores(), *found]
