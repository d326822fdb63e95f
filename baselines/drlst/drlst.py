"""The method `drlst`."""

from __future__ import annotations

from baselines.drlst.encoders import Encoder, GruEncoder
from baselines.drlst.method import DisentangledAutoencoder
from baselines.drlst.vocabulary import Vocabulary
from harness.encoders.backbones import Backbone


class Drlst(DisentangledAutoencoder):
    """A GRU autoencoder with a latent for each aspect, from scratch. Source: John et al. 2019.

    A bidirectional GRU reads the text, each latent is Gaussian, and a GRU rebuilds the text from
    all of them; `losses` has the objective. The representation is the mean of q(z_a|x).

    Pieces of the backbone's tokenizer stand for words. The published training took tens of
    thousands of steps; with a few hundred, adversaries at its rate of 1e-3 stay behind the encoder
    and leave in what they should drive out, so theirs is ten times that.
    """

    name = "drlst"
    studies = {"aspects": {"no-multitask": 1, "no-adversary": 1, "no-kl": 1}}

    def _build_encoder(self, backbone: Backbone, vocabulary: Vocabulary) -> Encoder:
        return GruEncoder(backbone, vocabulary, self.settings)
