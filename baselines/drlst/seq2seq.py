"""The method `drlst-seq2seq`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.drlst.encoders import Encoder, Reading
from baselines.drlst.method import DisentangledAutoencoder
from baselines.drlst.model import latent_sizes
from baselines.drlst.settings import DrlstSettings
from baselines.drlst.vocabulary import Vocabulary
from baselines.text_vae.pieces import Frame, Pieces
from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.transformer import frame_of, transformer_pair
from harness.contract.search import Range
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import tokenise


@dataclass(frozen=True)
class DrlstSeq2seqSettings(DrlstSettings):
    """Those of `drlst`; `embedding` and `units` mean nothing here, widths are the backbone's.

    Attributes
    ----------
    encoder_rate, decoder_rate, rate : learning rates of the pretrained encoder; of the decoder, its
        output and the embedding of both; of the maps to and from the latents and what reads them.
        An encoder at the decoder's rate can collapse to one vector for all texts.
    dropout : of the encoder's output alone; within the layers it takes a tenth of the time.
    encoder_layers, decoder_layers : the first ones of the checkpoint that are kept; 0 keeps all.
    """

    steps: int = 160
    encoder_rate: float = 1e-4
    decoder_rate: float = 5e-4
    rate: float = 3e-3
    encoder_layers: int = 2
    decoder_layers: int = 2


class PairEncoder(Encoder):
    """The reader of a pretrained pair, mean-pooled; its writer writes for `PairDecoder`.

    Parameters
    ----------
    backbone : left as it is; the pair has copies of its layers.
    vocabulary : the pieces that both sides know.
    latent : width of all latents together.

    Attributes
    ----------
    pair : reader, writer and the embedding that they share.
    pieces : the vocabulary and the frame of a text, in the pair's numbers.

    Raises
    ------
    UserError : the backbone is of a family that no pair can be made from.
    """

    def __init__(
        self,
        backbone: Backbone,
        vocabulary: Vocabulary,
        *,
        latent: int,
        settings: DrlstSeq2seqSettings,
    ) -> None:
        super().__init__()
        self.width = backbone.width
        self._backbone, self._settings = backbone, settings
        self.pieces = _pieces(vocabulary, len(backbone.tokenizer), frame_of(backbone))
        kept = TextVaeSettings(
            encoder_layers=settings.encoder_layers, decoder_layers=settings.decoder_layers
        )
        self.pair = transformer_pair(backbone, self.pieces, kept, latent)

    def read(self, texts: Sequence[str]) -> Reading:
        tokens = tokenise(self._backbone, texts, self._settings.max_tokens)
        return Reading(tokens, lambda index: self(*tokens.batch(index)))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Means of the last states, float32 [texts, width], of the tokenizer's ids."""
        vectors: Tensor = self.pair.read(self.pieces.numbers(ids), mask)
        return vectors

    def groups(self, rate: float) -> list[dict[str, Any]]:
        pair, settings = self.pair, self._settings
        reader = list(pair.reader.parameters())
        entries = [p for part in pair.entries() for p in part.parameters()]
        elsewhere = {id(p) for p in [*reader, *entries]}
        writer = [p for p in pair.parameters() if id(p) not in elsewhere]
        return [
            {"params": reader, "lr": rate},
            {"params": writer, "lr": settings.decoder_rate},
            {"params": entries, "lr": settings.rate},
        ]


class PairDecoder(nn.Module):
    """The writer of an encoder's pair, with the latents as memory; without weights of its own."""

    _numbers: Tensor

    def __init__(self, encoder: PairEncoder, vocabulary: Vocabulary) -> None:
        super().__init__()
        # Not as a submodule: the pair is the encoder's, and would be stored and trained twice.
        self._encoder = (encoder,)
        known = encoder.pieces.numbers(vocabulary.pieces)
        numbers = torch.cat([torch.tensor([encoder.pieces.other]), known])
        self.register_buffer("_numbers", numbers, persistent=False)

    def forward(self, latents: Tensor, indices: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """As of `baselines.drlst.model.predictions`, but over the numbers of the pair.

        Where nothing opens a text, its first piece is predicted too, from the start.
        """
        (encoder,) = self._encoder
        numbers, frame = self._numbers[indices], encoder.pieces.frame
        if not frame.before:
            numbers, mask = F.pad(numbers, (1, 0), value=frame.start), F.pad(mask, (1, 0), value=1)
        states = encoder.pair.write(latents, numbers[:, :-1], mask[:, :-1])
        there = mask[:, 1:].bool()
        return encoder.pair.logits(states[there]), numbers[:, 1:][there]


class DrlstSeq2seq(DisentangledAutoencoder):
    """A text VAE with its latent split by aspect. Source: John et al. 2019; Park and Lee 2021.

    The losses, latents and adversaries are those of `drlst`. Texts are read and written by the pair
    of `text-vae`: copies of the backbone's first layers, which the latents enter as memory. The
    annealed KL, whose weight stays small, takes the place of that method's two phases. Of triplets
    without labels the classifiers and adversaries find partners in the batch, and the first aspect
    is the content.
    """

    name = "drlst-seq2seq"
    kinds = ("aspects", "triplets")
    kind_settings = {"triplets": {"content": "semantics", "style_size": 64}}
    Settings = DrlstSeq2seqSettings
    search = {
        **DisentangledAutoencoder.search,
        "steps": Range(100, 400),
        "encoder_rate": Range(3e-5, 1e-3, "log"),
    }
    profiles = {
        **DisentangledAutoencoder.profiles,
        "quick": {
            "steps": 40,
            "batch_texts": 32,
            "target_tokens": 24,
            "encoder_layers": 1,
            "decoder_layers": 1,
        },
    }

    def _build_encoder(self, backbone: Backbone, vocabulary: Vocabulary) -> Encoder:
        latent = sum(latent_sizes(self.aspects, self.settings).values())
        return PairEncoder(backbone, vocabulary, latent=latent, settings=self.settings)

    def _build_decoder(
        self, encoder: Encoder, backbone: Backbone, vocabulary: Vocabulary, latent: int
    ) -> nn.Module:
        assert isinstance(encoder, PairEncoder)
        return PairDecoder(encoder, vocabulary)


def _pieces(vocabulary: Vocabulary, table_size: int, frame: Frame) -> Pieces:
    """The vocabulary's pieces and the frame's, with frequencies as their ranks have them.

    A vocabulary is stored in the order of frequency, without counts; Zipf's law stands in for them,
    for the output's bias alone.
    """
    ranked = vocabulary.pieces.tolist()
    counts = {piece: len(ranked) / rank for rank, piece in enumerate(ranked, start=1)}
    # What opens a text is given, not predicted.
    counts[frame.start] = 0.0
    known = sorted({*ranked, *frame.before, frame.start, frame.end, frame.padding})
    shares = torch.tensor([*(counts.get(piece, 0.0) for piece in known), 0.0])
    return Pieces(torch.tensor(known), table_size, frame, shares)
