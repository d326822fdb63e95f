"""The loss of a response VAE: what is made of K draws of its latent."""

from math import log

import torch
from torch import Tensor

from baselines.gaussian import Gaussian
from baselines.response_vae.model import Decoded, ResponseModel
from baselines.response_vae.settings import ResponseVaeSettings
from baselines.text_vae.kl_terms import kl_factor
from baselines.text_vae.posteriors import most_probable, taken
from baselines.text_vae.sequences import Batch
from harness.training.steps import backpropagated


class ResponseLoss:
    """The loss of one step, and the optimiser of all.

    `pieces`: mean length of a response, by which a loss is divided so that clipping is alike.
    """

    def __init__(
        self, model: ResponseModel, settings: ResponseVaeSettings, *, pieces: float
    ) -> None:
        self._model, self._settings, self._pieces = model, settings, pieces

    def optimiser(self) -> torch.optim.Optimizer:
        """AdamW with a rate for each of encoder, decoder and what surrounds the latent."""
        model, settings = self._model, self._settings
        reader = list(model.pair.reader.parameters())
        own = {id(parameter) for parameter in reader}
        groups = [
            {"params": reader, "lr": settings.encoder_rate},
            {
                "params": [p for p in model.pair.parameters() if id(p) not in own],
                "lr": settings.rate,
            },
            {"params": model.entries(), "lr": settings.latent_rate},
        ]
        return torch.optim.AdamW(groups, weight_decay=settings.weight_decay, fused=True)

    def backward(self, step: int, contexts: Batch, responses: Batch, *, seed: int) -> Tensor:
        """Add the gradients of one step; the loss in nats a piece."""
        # Draws depend on the step alone, so that a training that goes on draws the same.
        torch.manual_seed((seed << 20) + step)
        self._model.train()
        return backpropagated(self._loss(step, contexts, responses) / self._pieces)

    def _loss(self, step: int, contexts: Batch, responses: Batch) -> Tensor:
        """Nats a response."""
        model, settings = self._model, self._settings
        context = model.read(contexts)
        prior = model.prior(context)
        units = model.posterior(context, model.read(responses)).relative_to(prior)
        decoded = model.decoded(context, responses)
        drawn = torch.stack([units.sample() for _ in range(settings.samples)])
        if settings.draws == "bound":
            return bound(model, decoded, prior, units, drawn).mean()
        if settings.draws == "averaged":
            latents = prior.at(drawn.mean(0))
        else:
            best = most_probable(lambda each: model.nats(decoded, prior.at(each)), drawn)
            latents = prior.at(taken(drawn, best))
        factor = kl_factor(
            step,
            settings.steps,
            settings.annealing,
            share=settings.annealing_share,
            cycles=settings.cycles,
        )
        loss = model.nats(decoded, latents) + settings.kl_weight * factor * units.kl().sum(1)
        if settings.bag_of_words:
            loss = loss + settings.bag_of_words * model.bag_nats(decoded, context, latents)
        return loss.mean()


def bound(
    model: ResponseModel, decoded: Decoded, prior: Gaussian, units: Gaussian, drawn: Tensor
) -> Tensor:
    """The importance-weighted bound, [texts], nats (Burda et al. 2016, eq. 8).

    `-log 1/K sum_k p(y|x, z_k) p(z_k|x) / q(z_k|x, y)`. `units`: the posterior in units of the
    prior. `drawn`: K draws of it, [K, texts, size].
    """
    standard = Gaussian(torch.zeros_like(units.mean), torch.zeros_like(units.mean))
    logs = torch.stack(
        [
            standard.log_density(each)
            - units.log_density(each)
            - model.nats(decoded, prior.at(each))
            for each in drawn
        ]
    )
    return log(len(drawn)) - logs.logsumexp(0)
