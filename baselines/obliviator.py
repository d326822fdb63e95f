"""The method `obliviator`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.erasure import ErasureSettings, cell_weights, one_hot
from baselines.untuned import Untuned
from data.errors import UserError
from data.rows import IntArray, TrainingTask
from harness.contract.method import Method, Representation
from harness.contract.search import Range
from harness.contract.seeds import seed_from
from harness.contract.stored import restored_arrays, stored_arrays
from harness.encoders.device import seeded
from harness.system.progress import Progress
from harness.training.steps import backpropagated

SAMPLE = 1000
"""Rows between which distances are taken for a kernel's width."""

SAME = 1e-5
"""Values below this share of the largest belong to directions that tell nothing."""

Array = NDArray[np.float32]


@dataclass(frozen=True)
class ObliviatorSettings(ErasureSettings):
    """Beside those of every eraser; weights of what is kept and rates are the released defaults.

    Attributes
    ----------
    rounds : of encoder and eigenproblem.
    steps : training steps of the encoder in each round, on all rows at once.
    features : random Fourier features of each kernel, an even number.
    units : width of the encoder.
    rate, weight_decay : of the encoder's optimiser.
    strength : no other than 1: what its maps give has another width than the vectors.
    keep_last, keep_first, keep_target : weights in the encoder's loss of the dependence on what the
        round before gave, on what the first round started from, and on the representation's own
        aspect.
    solve_last, solve_first, solve_target : the same in the eigenproblem.
    """

    rounds: int = 5
    steps: int = 20
    features: int = 1000
    units: int = 512
    rate: float = 5e-4
    weight_decay: float = 0.01
    keep_last: float = 0.05
    keep_first: float = 0.01
    keep_target: float = 2.0
    solve_last: float = 1.0
    solve_first: float = 0.2
    solve_target: float = 2.0

    def __post_init__(self) -> None:
        if self.strength != 1:
            raise UserError(f"strength is {self.strength}; leave it at 1: these maps have no share")


@dataclass(frozen=True)
class Encoder:
    """One layer of SiLU units, brought to unit length.

    Attributes
    ----------
    weight : float32 [units, in].
    bias : float32 [units].
    """

    weight: Array
    bias: Array

    def __call__(self, vectors: Tensor) -> Tensor:
        """[n, units], from [n, in]."""
        return _encoded(vectors, torch.from_numpy(self.weight), torch.from_numpy(self.bias))


@dataclass(frozen=True)
class KernelMap:
    """Random Fourier features of a Gaussian kernel, projected, and brought to unit length.

    Attributes
    ----------
    frequencies : float32 [in, features / 2].
    mean : float32 [features], of the training rows.
    projection : float32 [features, out].
    """

    frequencies: Array
    mean: Array
    projection: Array

    def __call__(self, vectors: Tensor) -> Tensor:
        """[n, out], from [n, in]."""
        features = fourier(vectors, torch.from_numpy(self.frequencies))
        centred = features - torch.from_numpy(self.mean)
        return F.normalize(centred @ torch.from_numpy(self.projection), dim=1)


class Obliviator(Untuned):
    """Kernel dependence on all other aspects is taken out in rounds. Source: Akbari et al. 2025.

    Dependence is HSIC, here the root mean square of the covariance between random Fourier features.
    The features of the untuned vectors, and in each round those of an encoder that is trained to
    depend on the other aspects less, are projected to where no covariance with these is left, and
    within it to the directions that vary most with what is kept: the round before, the start, and,
    in the supervised form, the own aspect.

    Losses, eigenproblem, widths of kernels and weights are those of the released code, but for the
    rounds: there the first one keeps the start alone, and from the third on the start is what the
    first one gave, with narrower kernels; here every round keeps the round before and the untuned
    vectors' map. To suit a few thousand rows on a processor, a step sees all rows, under the
    weights of their cells, kernels have the least number of features that it allows, and rounds are
    counted, where it stops by a probe's accuracy on test rows.
    """

    name = "obliviator"
    kinds = ("aspects",)
    Settings = ObliviatorSettings
    search = {
        "rounds": Range(2, 15),
        "rate": Range(1e-4, 5e-3, "log"),
        "keep_last": Range(0.01, 0.5, "log"),
        "keep_target": Range(0.2, 5.0, "log"),
    }
    variants = {"unsupervised": {"keep_target": 0.0, "solve_target": 0.0}}
    studies = {"aspects": {"unsupervised": 1}}
    profiles = {"smoke": {"rounds": 2, "steps": 5, "features": 200}}
    plain_encoder = Method.plain_encoder

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:
        vectors = torch.from_numpy(self.vectors(task.train.texts))
        balanced = self.settings.balanced
        weights = cell_weights(task.train.cells) if balanced else np.ones(len(vectors))
        self.maps: dict[str, KernelMap] = {}
        self.encoders: dict[str, Encoder] = {}
        for done, aspect in enumerate(self.aspects, start=1):
            codes = task.train.labels
            rows = Kept(weights, codes[aspect], [c for a, c in codes.items() if a != aspect])
            with seeded(seed_from("obliviator", seed, aspect)):
                stages = fitted_stages(vectors, rows, self.settings)
            for number, (encoder, kernel_map) in enumerate(stages):
                self.maps[f"{aspect}.{number}"] = kernel_map
                if encoder is not None:
                    self.encoders[f"{aspect}.{number}"] = encoder
            progress(done, len(self.aspects))

    @torch.no_grad()
    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        vectors = torch.from_numpy(self.vectors(texts))
        for number in range(self.settings.rounds + 1):
            name = f"{aspect}.{number}"
            if name in self.encoders:
                vectors = self.encoders[name](vectors)
            vectors = self.maps[name](vectors)
        found: Representation = vectors.numpy()
        return found

    def learned(self) -> Mapping[str, Tensor]:
        return {**stored_arrays(self.maps), **stored_arrays(self.encoders)}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        rounds = range(1, self.settings.rounds + 1)
        later = [f"{aspect}.{number}" for aspect in self.aspects for number in rounds]
        first = [f"{aspect}.0" for aspect in self.aspects]
        self.maps = restored_arrays(KernelMap, tensors, [*first, *later])
        self.encoders = restored_arrays(Encoder, tensors, later)


class Kept:
    """What a representation shall and shall not depend on, centred under the rows' weights.

    Parameters
    ----------
    weights : float64 [n].
    target : int64 [n], the classes of its own aspect.
    erased : for each other aspect, int64 [n].
    """

    def __init__(self, weights: NDArray[np.float64], target: IntArray, erased: Sequence[IntArray]):
        self.shares = torch.from_numpy(weights / weights.sum()).float()[:, None]
        self.target = self.centred(torch.from_numpy(one_hot(target)).float())
        hot = np.concatenate([one_hot(codes) for codes in erased], axis=1)
        self.erased = self.centred(torch.from_numpy(hot).float())

    def centred(self, columns: Tensor) -> Tensor:
        """[n, columns] less their weighted means."""
        return columns - (self.shares * columns).sum(0)

    def covariance(self, columns: Tensor, centred: Tensor) -> Tensor:
        """[columns, others], under the weights."""
        return columns.T @ (self.shares * centred)


def fitted_stages(
    vectors: Tensor, rows: Kept, settings: ObliviatorSettings
) -> list[tuple[Encoder | None, KernelMap]]:
    """What is done to vectors one after the other, by torch's generator: first no encoder.

    Parameters
    ----------
    vectors : float32 [n, width].
    """
    features = settings.features
    frequencies = drawn_frequencies(vectors, features, least=2.5, wider=1.25)
    untuned = rows.centred(fourier(vectors, frequencies))
    shall = [(settings.solve_first, untuned), (settings.solve_target, rows.target)]
    first = solved(vectors, frequencies, rows, shall)
    stages: list[tuple[Encoder | None, KernelMap]] = [(None, first)]
    last = first(vectors)
    start = rows.centred(fourier(last, drawn_frequencies(last, features, least=2.5)))
    for _ in range(settings.rounds):
        before = rows.centred(fourier(last, drawn_frequencies(last, features, least=1.0)))
        encoder = _trained(last, rows, before, start, settings)
        read = encoder(last)
        shall = [
            (settings.solve_last, before),
            (settings.solve_first, start),
            (settings.solve_target, rows.target),
        ]
        kernel_map = solved(read, drawn_frequencies(read, features, least=1.5), rows, shall)
        stages.append((encoder, kernel_map))
        last = kernel_map(read)
    return stages


def _trained(
    vectors: Tensor, rows: Kept, before: Tensor, start: Tensor, settings: ObliviatorSettings
) -> Encoder:
    """The encoder of one round, with new features of its units in each step."""
    layer = nn.Linear(vectors.shape[1], settings.units)
    optimiser = torch.optim.NAdam(
        layer.parameters(),
        lr=settings.rate,
        betas=(0.85, 0.995),
        weight_decay=settings.weight_decay,
        decoupled_weight_decay=True,
    )
    for _ in range(settings.steps):
        optimiser.zero_grad()
        units = _encoded(vectors, layer.weight, layer.bias)
        width = drawn_frequencies(units.detach(), settings.features, least=1.5, wider=1.5)
        features = fourier(units, width)

        def dependence(centred: Tensor, features: Tensor = features) -> Tensor:
            return rows.covariance(features, centred).square().mean().sqrt()

        loss = (
            dependence(rows.erased)
            - settings.keep_last * dependence(before)
            - settings.keep_first * dependence(start)
            - settings.keep_target * dependence(rows.target)
        )
        backpropagated(loss)
        optimiser.step()
    return Encoder(layer.weight.detach().numpy(), layer.bias.detach().numpy())


def solved(
    vectors: Tensor, frequencies: Tensor, rows: Kept, shall: Sequence[tuple[float, Tensor]]
) -> KernelMap:
    """The projection of features to where they have no covariance with what is erased.

    There it has the eigenvectors of `sum_i t_i C_i' C_i / |C_i' C_i|`, with the spectral norm and
    C_i the covariance with what shall be kept, that belong to eigenvalues above `SAME`.

    Parameters
    ----------
    vectors : float32 [n, in].
    frequencies : float32 [in, features / 2].
    shall : weights t_i, with centred columns, float32 [n, any].
    """
    features = fourier(vectors, frequencies)
    told, values, _ = torch.linalg.svd(
        rows.covariance(features, rows.erased).double(), full_matrices=True
    )
    free = told[:, int((values > SAME * values[0]).sum()) :]
    total = free.new_zeros(free.shape[1], free.shape[1])
    for weight, columns in shall:
        varying = rows.covariance(features, columns).double().T @ free
        square = varying.T @ varying
        total += weight * square / torch.linalg.matrix_norm(square, 2).clamp(min=1e-12)
    sizes, directions = torch.linalg.eigh(total)
    projection = free @ directions[:, sizes > SAME * sizes[-1]]
    mean = (rows.shares * features).sum(0)
    # The order in memory decides how products are rounded, and files keep this one.
    parts = (part.float().contiguous().numpy() for part in (frequencies, mean, projection))
    return KernelMap(*parts)


def drawn_frequencies(vectors: Tensor, count: int, *, least: float, wider: float = 1.0) -> Tensor:
    """Frequencies for `count` features, float32 [in, count / 2]; the kernel is as wide as the data.

    Parameters
    ----------
    least : width of the kernel where the data are narrower.
    wider : times the median distance between vectors, the width of the kernel.
    """
    some = vectors[torch.randperm(len(vectors))[:SAMPLE]]
    width = max(wider * float(nn.functional.pdist(some).median()), least)
    return torch.randn(vectors.shape[1], count // 2) / width


def fourier(vectors: Tensor, frequencies: Tensor) -> Tensor:
    """Features whose products are the kernel, [n, features] (Rahimi and Recht 2007)."""
    angles = vectors @ frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1) / sqrt(frequencies.shape[1])


def _encoded(vectors: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.normalize(F.silu(F.linear(vectors, weight, bias)), dim=1)
