"""The methods `discrete-vae`, and `joint-vae` with the rivals of it."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from baselines.discrete_vae.posterior import MixedMaps
from baselines.discrete_vae.settings import DiscreteVaeSettings, JointVaeSettings, MixedSettings
from baselines.text_vae.lstm import LstmModel
from data.texts import FactorTask, TextTask
from harness.evaluation.text.families import (
    Categorical,
    Gaussian,
    StandardGaussian,
    UniformCategorical,
)
from harness.evaluation.text.latents import (
    FloatArray,
    Posterior,
    Prior,
    Product,
    ProductPrior,
    cut,
)
from harness.system.progress import Progress


class DiscreteVae(LstmModel):
    """An LSTM VAE with independent discrete latents. Source: Mercatali and Freitas 2021.

    Reconstruction, mutual information, the KL of each marginal and `gamma |TC - C|` for the total
    correlation, each with a weight of its own. A reconstruction from the abstract: docs/factors.md
    says what is ours.
    """

    name = "discrete-vae"
    kinds: ClassVar[tuple[str, ...]] = ("language", "factors")
    Settings: ClassVar[type[MixedSettings]] = DiscreteVaeSettings
    main_variants: ClassVar[tuple[str, ...]] = ("default", "no-tc")
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "no-tc": {"tc_weight": 0.0},
        "weight-0.1": {"tc_weight": 0.1, "marginal_weight": 0.1},
        "weight-1": {"tc_weight": 1.0, "marginal_weight": 1.0},
        "marginals-0.1": {"marginal_weight": 0.1},
        "soft": {"hard": False},
        "like-factors": {"like_factors": True},
    }
    studies: ClassVar[Mapping[str, Mapping[str, int]]] = {
        "factors": {
            **dict.fromkeys(("weight-0.1", "weight-1", "marginals-0.1"), 2),
            "soft": 1,
            "like-factors": 5,
        }
    }
    profiles = {
        "smoke": {**LstmModel.profiles["smoke"], "warm_up_epochs": 1, "latents": 3, "values": 3},
        "quick": {"curve_texts": 40},
    }
    _widths: tuple[int, ...] | None = None

    def supports(self, task: Any) -> str | None:
        if self.settings.like_factors and not isinstance(task, FactorTask):
            return "the factors of this task are not known, so no latents can be like them"
        return super().supports(task)

    def learn(self, task: TextTask, *, seed: int, progress: Progress) -> None:
        if isinstance(task, FactorTask) and self.settings.like_factors:
            self._widths = tuple(task.values.values())
        super().learn(task, seed=seed, progress=progress)
        maps = self._model.maps
        assert isinstance(maps, MixedMaps)
        maps.forget()

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of values of each categorical latent."""
        settings: MixedSettings = self.settings
        return (settings.values,) * settings.latents if self._widths is None else self._widths

    @property
    def latent_size(self) -> int:
        return self.prior.size

    @property
    def prior(self) -> Prior:
        gaussian = StandardGaussian(self.settings.gaussians)
        parts: list[Prior] = [gaussian, UniformCategorical(self.widths)]
        kept = [part for part in parts if part.size]
        return kept[0] if len(kept) == 1 else ProductPrior(kept)

    def build_maps(self, width: int) -> nn.Module:
        return MixedMaps(width, self.widths, self.settings)

    def evaluated(self, arrays: Mapping[str, FloatArray]) -> Posterior:
        found: list[Posterior] = []
        if "mean" in arrays:
            found.append(Gaussian(arrays["mean"], arrays["log_variance"]))
        if "shares" in arrays:
            # In float64 those of float32 do not quite sum to 1.
            parts = [p / p.sum(1, keepdims=True) for p in cut(arrays["shares"], self.widths)]
            found.append(Categorical(np.hstack(parts), self.widths))
        return found[0] if len(found) == 1 else Product(found)

    def extras(self) -> Mapping[str, Tensor]:
        return {**super().extras(), "widths": torch.tensor(self.widths, dtype=torch.int64)}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self._widths = tuple(tensors["widths"].tolist())
        super().restore(tensors)


GAUSSIANS = {"latents": 0, "gaussians": 16}


class JointVae(DiscreteVae):
    """An LSTM VAE of Gaussians and categoricals with rising capacities. Source: Dupont 2018.

    `cci` has Gaussians alone (Burgess et al. 2018), `gaussian` the same with the weight of the KL
    that `discrete-vae` has instead of a capacity, and `beta` with four times that (Higgins et al.
    2017).
    """

    name = "joint-vae"
    kinds = ("factors",)
    Settings = JointVaeSettings
    main_variants = ("default", "gaussian", "beta", "cci")
    variants = {
        "cci": GAUSSIANS,
        "gaussian": {**GAUSSIANS, "capacity": 0.0},
        "beta": {**GAUSSIANS, "capacity": 0.0, "kl_weight": 0.4},
    }
    studies = {}
