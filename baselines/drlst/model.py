"""The autoencoder: Gaussian latents above an encoder, a GRU decoder, classifiers of latents."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from baselines.drlst.adversaries import Adversaries
from baselines.drlst.encoders import Encoder
from baselines.drlst.settings import DrlstSettings
from baselines.gaussian import Gaussian
from harness.encoders.precision import autocast

REST = "(content)"
"""Name of the content's latent where no aspect of the task stands for content."""


def latent_sizes(aspects: Mapping[str, int], settings: DrlstSettings) -> dict[str, int]:
    """Sizes of the latents by name: the content's is large, the others are small.

    There is always a content latent. Where no aspect is content it is one more, without labels,
    as in John et al. 2019.
    """
    sizes = dict.fromkeys(aspects, settings.style_size)
    return {**sizes, content_latent(aspects, settings): settings.content_size}


def content_latent(aspects: Mapping[str, int], settings: DrlstSettings) -> str:
    """Name of the content's latent: the aspect that stands for content, or `REST`."""
    return settings.content if settings.content in aspects else REST


class Decoder(nn.Module):
    """A GRU that predicts each piece from those before it and from the latents at every step.

    `vocabulary`: size of the vocabulary. `latent`: width of all latents together.
    """

    def __init__(self, vocabulary: int, latent: int, settings: DrlstSettings) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, settings.embedding)
        self.dropout = nn.Dropout(settings.dropout)
        self.gru = nn.GRU(settings.embedding + latent, settings.units, batch_first=True)
        self.out = nn.Linear(settings.units, vocabulary)

    def forward(self, latents: Tensor, indices: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """As of `predictions`; the latents of a text enter beside every piece."""
        given = self.dropout(self.embedding(indices[:, :-1]))
        return predictions(self.gru, self.out, given, latents, indices, mask)


def predictions(
    gru: nn.GRU, out: nn.Linear, given: Tensor, latents: Tensor, indices: Tensor, mask: Tensor
) -> tuple[Tensor, Tensor]:
    """What a GRU says of all pieces but each text's first, from those before and from the latents.

    Parameters
    ----------
    given : vectors of the pieces but the last, [texts, tokens - 1, size].
    latents : [texts, width].
    indices, mask : int64 [texts, tokens], of the vocabulary.

    Returns
    -------
    Logits, float32 [pieces, vocabulary], and their targets, int64 [pieces]: text after text,
    without padding.
    """
    beside = latents[:, None, :].expand(-1, given.shape[1], -1)
    states, _ = gru(torch.cat([given, beside], dim=2))
    there = mask[:, 1:].bool()
    with autocast():
        logits = out(states[there])
    return logits.float(), indices[:, 1:][there]


class Autoencoder(nn.Module):
    """The whole model; an aspect's latent has the aspect's name.

    Parameters
    ----------
    encoder : what reads the texts.
    build_decoder : from the width of all latents together to what writes the texts: called as
        `Decoder.forward` is.
    words : size of the bags of words.
    aspects : number of classes of each aspect.
    """

    def __init__(
        self,
        encoder: Encoder,
        build_decoder: Callable[[int], nn.Module],
        words: int,
        aspects: Mapping[str, int],
        settings: DrlstSettings,
    ) -> None:
        super().__init__()
        self.sizes = latent_sizes(aspects, settings)
        self.content = content_latent(aspects, settings)
        total = sum(self.sizes.values())
        self.encoder = encoder
        self.dropout = nn.Dropout(settings.dropout)
        self.gaussians = nn.Linear(encoder.width, 2 * total)
        self.decoder = build_decoder(total)
        self.aspects = tuple(aspects)
        self.classifiers = nn.ModuleList(
            nn.Linear(self.sizes[name], classes) for name, classes in aspects.items()
        )
        self.bag = nn.Linear(self.sizes[self.content], words)
        self.adversaries = Adversaries(self.sizes, aspects, self.content, words)

    def posterior(self, vectors: Tensor) -> dict[str, Gaussian]:
        """q(z|x) of every latent, from the encoder's vectors, [texts, encoder.width]."""
        mean, log_variance = self.gaussians(self.dropout(vectors)).chunk(2, dim=1)
        sizes = list(self.sizes.values())
        pairs = zip(mean.split(sizes, 1), log_variance.split(sizes, 1), strict=True)
        return {name: Gaussian(*pair) for name, pair in zip(self.sizes, pairs, strict=True)}

    def own_parameters(self) -> list[nn.Parameter]:
        """All that is trained on the autoencoder's loss, but for the encoder."""
        others = {id(p) for part in (self.encoder, self.adversaries) for p in part.parameters()}
        return [p for p in self.parameters() if id(p) not in others]
