"""Networks with the relation as an intermediate variable: one encoder, two decoders.

Layers and sizes are those that the released code of Yuan and Eldardiry 2021 has, which puts no
non-linearity between most of its linear maps.
"""

import torch
from torch import Tensor, nn

from baselines.gaussian import Gaussian

SENTENCE, HIDDEN, LINK, FILTERS = 120, 48, 47, 20
"""Widths: of the sentence, behind it, of the decoder's relation network, and of its convolution."""


class Encoder(nn.Module):
    """q(c|x), a softmax over relations, and q(z|c, x), a Gaussian; `latent` 0 leaves z out."""

    def __init__(self, width: int, relations: int, latent: int) -> None:
        super().__init__()
        self.sentence = nn.Linear(width, SENTENCE)
        self.classifier = nn.Linear(SENTENCE, relations)
        if latent:
            self.inner = nn.Linear(SENTENCE, HIDDEN)
            self.joint = nn.Linear(HIDDEN + relations, HIDDEN)
            self.gaussian = nn.Linear(HIDDEN, 2 * latent)

    def logits(self, vectors: Tensor) -> Tensor:
        """[rows, relations] from [rows, width]."""
        found: Tensor = self.classifier(self.sentence(vectors))
        return found

    def posterior(self, vectors: Tensor) -> Gaussian:
        """q(z|c, x): it reads the sentence beside the logits of c."""
        read = torch.cat([self.inner(self.sentence(vectors)), self.logits(vectors)], dim=1)
        return Gaussian(*self.gaussian(self.joint(read)).chunk(2, dim=1))


class ConvolvedDecoder(nn.Module):
    """psi(head, r, tail): r is made of c and z; two rows at a time are convolved, and averaged.

    Filters are as wide as the vectors, so that a convolution over the rows head, r and tail is a
    map of the upper and one of the lower row. Without a non-linearity behind them, as released, psi
    is the sum of a term of the head, one of r and one of the tail, and r adds the same to the score
    of a link and of its negatives.

    `given`: numbers that r is made of. `rectified`: whether a rectifier stands behind the filters.
    """

    def __init__(self, given: int, relations: int, size: int, rectified: bool) -> None:
        super().__init__()
        self.relation = nn.Sequential(nn.Linear(given, LINK), nn.ReLU(), nn.Linear(LINK, size))
        self.upper, self.lower = nn.Linear(size, FILTERS), nn.Linear(size, FILTERS, bias=False)
        self.out = nn.Linear(FILTERS, relations)
        self.behind = nn.ReLU() if rectified else nn.Identity()

    def forward(self, heads: Tensor, tails: Tensor, given: Tensor) -> Tensor:
        """[rows, links, relations] from vectors [rows, links, size] and [rows, given]."""
        relation = self.relation(given)[:, None]
        first = self.behind(self.upper(heads) + self.lower(relation))
        second = self.behind(self.upper(relation) + self.lower(tails))
        psi: Tensor = self.out((first + second) / 2)
        return psi


class BilinearDecoder(nn.Module):
    """psi_r = head' C_r tail + u_r' head + v_r' tail: RESCAL and selectional preferences.

    Marcheggiani and Titov 2016, section 3.2.
    """

    def __init__(self, relations: int, size: int) -> None:
        super().__init__()
        self.product = nn.Bilinear(size, size, relations, bias=False)
        self.preferences = nn.Linear(2 * size, relations, bias=False)
        for part in (self.product, self.preferences):
            nn.init.normal_(part.weight, std=0.1**0.5)

    def forward(self, heads: Tensor, tails: Tensor, given: Tensor) -> Tensor:
        """As of `ConvolvedDecoder`; `given` is not read."""
        psi: Tensor = self.product(heads, tails) + self.preferences(torch.cat([heads, tails], -1))
        return psi
