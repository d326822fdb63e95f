"""The method `drlst-backbone`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from baselines.drlst.encoders import Encoder, Reading
from baselines.drlst.method import DisentangledAutoencoder
from baselines.drlst.settings import DrlstSettings
from baselines.drlst.vocabulary import Vocabulary
from harness.contract.search import Range
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import mean_pool
from harness.encoders.plain_encoder import Affine, PlainEncoder
from harness.encoders.precision import autocast
from harness.encoders.split_encoder import PrefixBatch
from harness.training.changed_layers import last_layers
from harness.training.own_layers import trained_suffix, whole_model
from harness.training.settings import QUICK


@dataclass(frozen=True)
class DrlstBackboneSettings(DrlstSettings):
    """Beside those of `drlst`: what of the encoder is trained, and on what share of the tokens.

    Attributes
    ----------
    layers : how many of the last layers are trained; those below stay as they are.
    token_share : share of the token positions that the encoder sees in a training step; its layers
        have the dropout of their checkpoint there, other than those of finetuned encoders.
    """

    encoder_rate: float = 5e-5
    layers: int = 3
    token_share: float = 0.5


class SuffixEncoder(Encoder):
    """The last layers of a pretrained encoder, float32, above frozen ones; mean-pooled.

    `backbone`: left as it is. `settings`: a shallow encoder is trained from its first layer on; in
    evaluation all tokens are seen.
    """

    def __init__(self, backbone: Backbone, settings: DrlstBackboneSettings) -> None:
        super().__init__()
        self.width = backbone.width
        self._token_share = settings.token_share
        self._max_tokens = settings.max_tokens
        self.split = trained_suffix(backbone, last_layers(backbone, settings.layers).start)
        self.layers = self.split.layers
        self._random = np.random.default_rng(int(torch.randint(1 << 31, ())))

    def read(self, texts: Sequence[str]) -> Reading:
        prefixes = self.split.prefixes(texts, self._max_tokens)
        return Reading(prefixes.tokens, lambda index: self(prefixes.batch(index)))

    def forward(self, batch: PrefixBatch) -> Tensor:
        """Means of the last token vectors, float32 [texts, width]."""
        if self.training:
            length = batch.ids.shape[1]
            batch = batch.at(self.split.seen_positions(length, self._token_share, self._random))
        started = PrefixBatch(batch.ids, batch.mask, batch.states.float())
        with autocast():
            hidden = self.split.run(started)
        return mean_pool(hidden.float(), batch.mask)


class DrlstBackbone(DisentangledAutoencoder):
    """The losses of `drlst` on a pretrained encoder's last layers. Source: John et al. 2019.

    The mean of the last layer's token vectors takes the place of the GRU's last states. Layers
    below the trained ones are run once a text. The decoder, the latents and the adversaries are
    those of `drlst`, from scratch.
    """

    name = "drlst-backbone"
    Settings = DrlstBackboneSettings
    search = {**DisentangledAutoencoder.search, "encoder_rate": Range(1e-5, 2e-4, "log")}
    profiles = {**DisentangledAutoencoder.profiles, "quick": QUICK}

    def plain_encoder(self, aspect: str) -> PlainEncoder:
        self.place_of(aspect)
        encoder, state = self._model.encoder, self._model.gaussians.state_dict()
        assert isinstance(encoder, SuffixEncoder)
        rows = self.columns(aspect)
        weight, bias = (state[part][rows].cpu().numpy() for part in ("weight", "bias"))
        limit, behind = self.settings.max_tokens, Affine(weight, bias)
        return PlainEncoder(self.backbone, whole_model(encoder.split), limit, behind)

    def _build_encoder(self, backbone: Backbone, vocabulary: Vocabulary) -> Encoder:
        return SuffixEncoder(backbone, self.settings)
