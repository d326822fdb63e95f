"""A linear-chain conditional random field over BIO tags. Source: Lafferty et al. 2001."""

import torch
from torch import Tensor, nn

FORBIDDEN = -1e4
"""Score of a transition that decoding must not take."""


class LinearChainCrf(nn.Module):
    """Tags y of the words of a text, from scores e of each tag for each word.

    `p(y | x) = exp(a[y_1] + sum_t e_t[y_t] + sum_t A[y_(t-1), y_t] + b[y_n]) / Z`. Tag 0 is O, tag
    2 j + 1 begins a span of type j, and tag 2 j + 2 continues one. The likelihood is over all
    sequences of tags, as in AllenNLP's module; decoding takes the best one in which every span
    begins before it is continued.

    `types`: how many types of spans there are.
    """

    legal: Tensor
    """[tags + 1, tags]: what is added to a transition, and in the last row to the first tag."""

    def __init__(self, types: int) -> None:
        super().__init__()
        tags = 2 * types + 1
        self.first, self.last = (nn.Parameter(torch.zeros(tags)) for _ in range(2))
        self.between = nn.Parameter(torch.zeros(tags, tags))
        legal = torch.zeros(tags + 1, tags)
        for tag in range(2, tags, 2):
            legal[:, tag] = FORBIDDEN
            legal[[tag - 1, tag], tag] = 0.0
        self.register_buffer("legal", legal, persistent=False)

    def forward(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Negative log-likelihood of the tags, [b], nats.

        `emissions`: [b, t, tags], the e. `tags`: int64 [b, t]. `mask`: bool [b, t], true for the
        words of a text, one at least, and then false.
        """
        return self.log_partition(emissions, mask) - self.score(emissions, tags, mask)

    def score(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """log of the numerator, [b]; arguments as of `forward`."""
        own = emissions.gather(2, tags[..., None])[..., 0] * mask
        moves = self.between[tags[:, :-1], tags[:, 1:]] * mask[:, 1:]
        ends = tags.gather(1, mask.sum(1, keepdim=True) - 1)[:, 0]
        return own.sum(1) + moves.sum(1) + self.first[tags[:, 0]] + self.last[ends]

    def log_partition(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """log Z, [b], by the forward algorithm."""
        total = self.first + emissions[:, 0]
        for place in range(1, emissions.shape[1]):
            longer = (total[:, :, None] + self.between).logsumexp(1) + emissions[:, place]
            total = torch.where(mask[:, place, None], longer, total)
        return (total + self.last).logsumexp(1)

    def decode(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """The best legal tags, int64 [b, t], by Viterbi's algorithm; any behind a text's end."""
        between, first = self.between + self.legal[:-1], self.first + self.legal[-1]
        best = first + emissions[:, 0]
        same = torch.arange(best.shape[1], device=best.device).expand_as(best)
        came: list[Tensor] = []
        for place in range(1, emissions.shape[1]):
            longer, before = (best[:, :, None] + between).max(1)
            there = mask[:, place, None]
            best = torch.where(there, longer + emissions[:, place], best)
            came.append(torch.where(there, before, same))
        path = [(best + self.last).argmax(1)]
        for before in reversed(came):
            path.append(before.gather(1, path[-1][:, None])[:, 0])
        return torch.stack(path[::-1], dim=1)
