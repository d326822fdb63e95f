"""The von Mises-Fisher distribution on the unit sphere: its KL from the uniform one, and draws.

Davidson et al. 2018, Hyperspherical variational auto-encoders, section 3 and appendix A to D.
"""

import math

import torch
from scipy.special import gammaln, ive
from torch import Tensor

ROUNDS = 16
"""Proposals for a draw; the last is taken where none was accepted, which is rare."""


def kl_from_uniform(concentration: Tensor, size: int) -> Tensor:
    """KL of vMF(mu, kappa) from the uniform distribution on the sphere in `size` dimensions.

    `kappa A(kappa) + log C(kappa) + log area`, with `A = I_{m/2}(kappa) / I_{m/2-1}(kappa)` the
    mean length and C the normaliser. It does not depend on mu.

    `concentration`: kappa > 0, float32 [texts]. Gives float32 [texts], nats.
    """
    found: Tensor = _Kl.apply(concentration, size)  # type: ignore[no-untyped-call]
    return found


class _Kl(torch.autograd.Function):
    """Bessel functions come from scipy, so the derivative `kappa A'(kappa)` is written down."""

    @staticmethod
    def forward(
        ctx: torch.autograd.function.FunctionCtx, concentration: Tensor, size: int
    ) -> Tensor:
        kappa = concentration.detach().double().cpu().numpy()
        order = size / 2 - 1
        scaled = ive(order, kappa)
        length = ive(order + 1, kappa) / scaled
        # ive leaves out the factor exp(kappa).
        log_bessel = torch.from_numpy(scaled).log() + torch.from_numpy(kappa)
        log_area = math.log(2) + size / 2 * math.log(math.pi) - float(gammaln(size / 2))
        log_normaliser = (
            order * torch.from_numpy(kappa).log() - size / 2 * math.log(2 * math.pi) - log_bessel
        )
        mean = torch.from_numpy(length)
        change = 1 - mean**2 - (size - 1) / torch.from_numpy(kappa) * mean
        ctx.save_for_backward((torch.from_numpy(kappa) * change).to(concentration))
        kl = torch.from_numpy(kappa) * mean + log_normaliser + log_area
        return kl.to(concentration)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        (slope,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return gradient * slope, None


def draw(mean: Tensor, concentration: Tensor) -> Tensor:
    """One draw for each text by the processor's generator, differentiable in both parameters.

    The component along the mean is drawn by Wood's rejection, and carries the gradient of its
    transformation alone: the correction for what is rejected is left out. The rest is uniform.

    `mean`: unit vectors, float32 [texts, size]. `concentration`: float32 [texts]. Gives float32
    [texts, size], unit vectors.
    """
    size = mean.shape[1]
    along = _along(concentration, size)[:, None]
    tangent = torch.randn(len(mean), size - 1).to(mean.device)
    tangent = tangent / tangent.norm(dim=1, keepdim=True).clamp(min=1e-8)
    pole = torch.cat([along, (1 - along**2).clamp(min=1e-8).sqrt() * tangent], dim=1)
    # The reflection that takes the first axis to the mean (Householder).
    axis = torch.zeros_like(mean)
    axis[:, 0] = 1
    normal = axis - mean
    normal = normal / normal.norm(dim=1, keepdim=True).clamp(min=1e-8)
    reflected: Tensor = pole - 2 * (pole * normal).sum(1, keepdim=True) * normal
    return reflected


def _along(concentration: Tensor, size: int) -> Tensor:
    """The cosine between draw and mean, [texts] (Wood 1994, algorithm VM*)."""
    degrees = size - 1
    root = (4 * concentration**2 + degrees**2).sqrt()
    b = (root - 2 * concentration) / degrees
    with torch.no_grad():
        a = (degrees + 2 * concentration + root) / 4
        d = 4 * a * b / (1 + b) - degrees * math.log(degrees)
        proposals = torch.distributions.Beta(degrees / 2, degrees / 2).sample(
            torch.Size([ROUNDS, len(concentration)])
        )
        uniform = torch.rand(proposals.shape).to(concentration.device)
        proposals = proposals.to(concentration.device)
        t = 2 * a * b / (1 - (1 - b) * proposals)
        accepted = degrees * t.log() - t + d >= uniform.log()
        accepted[-1] = True
        first = accepted.float().argmax(0)
        taken = proposals.gather(0, first[None])[0]
    return (1 - (1 + b) * taken) / (1 - (1 - b) * taken)
