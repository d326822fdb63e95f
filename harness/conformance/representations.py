"""What every method must do, as checks that a test runs on each discovered class.

Each check takes a method class and a `Bench`, and raises `ConformanceError` with one sentence when
the method does not keep the contract of `harness.contract.method`.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.errors import UserError
from data.rows import Splits, TrainingTask
from data.triplets import TripletTask
from harness.contract.method import Method, Representation
from harness.evaluation.aspects import chance_level
from harness.evaluation.probes import cross_fit, group_folds
from harness.system.progress import silent

if TYPE_CHECKING:
    from harness.encoders.backbones import Backbone

PICKLED = (".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib", ".npy", ".ckpt")

SEED = 7

SURPRISE = 1e-6
"""Tail probability under guessing that convicts; accuracies over folds vary a little more than
independent throws, and an honest method must never be accused."""


class ConformanceError(AssertionError):
    """A method does not keep the contract."""


@dataclass(frozen=True)
class Bench:
    """What the checks run on: a small draw, its placebo, and a small backbone.

    Attributes
    ----------
    training : labelled rows or triplets, of the smoke profile's size.
    texts : a few that were not trained on, unequal in length.
    backbone : shared by all methods.
    placebo : for labelled rows: as `data.placebo.placebo` gives it, labels that are coin flips.
    profile : whose settings the methods take.
    """

    training: TrainingTask | TripletTask
    texts: tuple[str, ...]
    backbone: Backbone
    placebo: Splits | None = None
    profile: str = "smoke"

    @cached_property
    def aspects(self) -> tuple[str, ...]:
        """Names of the task's aspects."""
        return tuple(aspect.name for aspect in self.training.aspects)

    def new(self, method: type[Method]) -> Method:
        """An object with the profile's settings, neither fitted nor loaded."""
        kind = "triplets" if isinstance(self.training, TripletTask) else "aspects"
        return method(method.settings_for("default", self.profile, kind=kind))

    def fitted(self, method: type[Method], task: TrainingTask | None = None) -> Method:
        """An object fitted on the draw, or on other rows."""
        training = self.training if task is None else task
        return self.new(method).fit(training, self.backbone, seed=SEED, progress=silent)


Check = Callable[[type[Method], Bench], None]


def check_representation(method: type[Method], bench: Bench) -> None:
    """float32 [n, width], finite, the same for a text whatever stands beside it."""
    fitted = bench.fitted(method)
    for aspect in bench.aspects:
        whole = fitted.encode(bench.texts, aspect)
        _require(
            isinstance(whole, np.ndarray) and whole.ndim == 2 and len(whole) == len(bench.texts),
            f"encode for {aspect} gives {np.shape(whole)} for {len(bench.texts)} texts",
        )
        _require(whole.dtype == np.float32, f"encode gives {whole.dtype} instead of float32")
        _require(bool(np.isfinite(whole).all()), f"encode for {aspect} is not finite")
        turned = fitted.encode(bench.texts[::-1], aspect)[::-1]
        _same(whole, turned, f"encode for {aspect} depends on the order of the texts")
        one = fitted.encode(bench.texts[3:4], aspect)
        _same(whole[3:4], one, f"encode for {aspect} depends on the other texts")
        _require(len(fitted.encode((), aspect)) == 0, "encode of no texts gives rows")


def check_deterministic(method: type[Method], bench: Bench) -> None:
    """Two fits under one seed give equal representations."""
    first, second = bench.fitted(method), bench.fitted(method)
    for aspect in bench.aspects:
        _require(
            np.array_equal(first.encode(bench.texts, aspect), second.encode(bench.texts, aspect)),
            f"two fits under one seed differ for {aspect}",
        )


def check_saved(method: type[Method], bench: Bench) -> None:
    """What is saved gives equal outputs when loaded, and holds no pickle."""
    fitted = bench.fitted(method)
    with tempfile.TemporaryDirectory() as scratch:
        fitted.save(Path(scratch))
        files = [file for file in Path(scratch).rglob("*") if file.is_file()]
        for file in files:
            _require(file.suffix not in PICKLED, f"save writes {file.name}, which may be a pickle")
            head = file.read_bytes()[:9]
            # Safetensors begin with the length of their header, which may end in that byte too.
            pickled = head[:1] == b"\x80" and head[8:] != b"{"
            _require(not pickled, f"save writes a pickle as {file.name}")
        loaded = method().load(Path(scratch), bench.backbone)
    for aspect in bench.aspects:
        _require(
            np.array_equal(fitted.encode(bench.texts, aspect), loaded.encode(bench.texts, aspect)),
            f"a loaded method encodes {aspect} otherwise than the saved one",
        )
    _require(
        loaded.trainable_parameters == fitted.trainable_parameters,
        "a loaded method counts other trainable parameters than the saved one",
    )


def check_refusals(method: type[Method], bench: Bench) -> None:
    """An unknown aspect, and encoding before fitting, are refused in words."""
    _refuses(
        lambda: bench.new(method).encode(bench.texts, bench.aspects[0]),
        "encode before fit",
    )
    fitted = bench.fitted(method)
    _refuses(lambda: fitted.encode(bench.texts, "no such aspect"), "an unknown aspect")


def check_backbone_untouched(method: type[Method], bench: Bench) -> None:
    """`fit` and `encode` leave the weights and the mode of the shared backbone as they were."""
    before = backbone_state(bench.backbone)
    fitted = bench.fitted(method)
    fitted.encode(bench.texts, bench.aspects[0])
    _require(backbone_state(bench.backbone) == before, "fit changes the shared backbone")


def check_declarations(method: type[Method], bench: Bench) -> None:
    """`supports` gives a reason or None, variants and profiles name settings that exist."""
    reason = bench.new(method).supports(bench.training)
    _require(
        reason is None or (isinstance(reason, str) and bool(reason.strip())),
        f"supports gives {reason!r} instead of a reason or None",
    )
    for variant in ("default", *method.variants):
        for profile in ("smoke", "quick", "standard", "paper"):
            try:
                method.settings_for(variant, profile)
            except TypeError as error:
                raise ConformanceError(f"variant {variant} under {profile}: {error}") from error
    for kind, study in method.studies.items():
        _require(kind in method.kinds, f"studies are for tasks of kind {kind!r}, which it lacks")
        for variant, seeds in study.items():
            _require(variant in method.variants, f"studies name {variant!r}, which is no variant")
            _require(seeds >= 1, f"the study of {variant!r} asks for {seeds} seeds")
    for variant in method.main_variants:
        _require(variant in ("default", *method.variants), f"the main {variant!r} is no variant")
    _require(bench.fitted(method).trainable_parameters >= 0, "trainable_parameters is negative")
    _require(bool((method.__doc__ or "").strip()), "the class has no docstring for tables and help")


def check_honest(method: type[Method], bench: Bench) -> None:
    """On labels that are coin flips, probes must do as badly as guessing.

    A method that does better, or worse, on evaluation rows has seen their labels. Without labels
    there is nothing to see.
    """
    from scipy.stats import binom

    if bench.placebo is None:
        return
    rows = bench.placebo.evaluation
    fitted = bench.fitted(method, bench.placebo.training)
    folds = group_folds(rows, seed=SEED)
    for aspect in bench.aspects:
        features = fitted.encode(rows.texts, aspect)
        for factor in bench.aspects:
            labels = rows.labels[factor]
            chance = chance_level(labels)
            for kind in ("linear", "mlp"):
                result = cross_fit(kind, features, labels, folds, seed=SEED)
                hits = int(result.correct.sum())
                above = float(binom.sf(hits - 1, len(rows), chance))
                below = float(binom.cdf(hits, len(rows), chance))
                _require(
                    min(above, below) > SURPRISE,
                    f"on coin-flip labels the {kind} probe for {factor} on {aspect} is right in "
                    f"{result.accuracy:.3f} of the rows, where guessing gives {chance:.3f}: "
                    "the method has seen evaluation labels",
                )


CHECKS: tuple[Check, ...] = (
    check_declarations,
    check_representation,
    check_deterministic,
    check_saved,
    check_refusals,
    check_backbone_untouched,
    check_honest,
)
"""All checks, cheap ones first."""


def backbone_state(backbone: Backbone) -> str:
    """sha256 over names, values, gradients, modes and hooks of the backbone's model."""
    digest = hashlib.sha256()
    for name, tensor in sorted(backbone.model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    for name, parameter in sorted(backbone.model.named_parameters()):
        digest.update(f"{name} {parameter.requires_grad} {parameter.grad is None}".encode())
    for name, module in sorted(backbone.model.named_modules()):
        hooks = len(module._forward_hooks) + len(module._forward_pre_hooks)
        digest.update(f"{name} {type(module).__name__} {module.training} {hooks}".encode())
    return digest.hexdigest()


def _refuses(attempt: Callable[[], Representation], what: str) -> None:
    try:
        attempt()
    except UserError:
        return
    except Exception as error:
        raise ConformanceError(
            f"{what} raises {type(error).__name__}, not a UserError that says what to do"
        ) from error
    raise ConformanceError(f"{what} is not refused")


def _same(first: Representation, second: Representation, complaint: str) -> None:
    # Padding and batching change the order of sums, in bfloat16 by up to some hundredths.
    scale = float(np.abs(first).max()) or 1.0
    _require(bool(np.abs(first - second).max() <= 0.05 * scale), complaint)


def _require(kept: bool, complaint: str) -> None:
    if not kept:
        raise ConformanceError(complaint)
