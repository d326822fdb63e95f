"""From pooled states to the posterior of a text."""

from __future__ import annotations

from torch import Tensor, nn

from baselines.gaussian import Gaussian


class LatentMaps(nn.Module):
    """Two linear maps without bias, for mean and log variance (Park and Lee 2021, section 3).

    Parameters
    ----------
    width : of the pooled states.
    size : of the latent.
    """

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.mean = nn.Linear(width, size, bias=False)
        self.log_variance = nn.Linear(width, size, bias=False)

    def forward(self, pooled: Tensor) -> Gaussian:
        """q(z|x) from [texts, width], in float32."""
        return Gaussian(self.mean(pooled).float(), self.log_variance(pooled).float())
