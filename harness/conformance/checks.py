"""What every method must do, whatever kind of task it learns, as checks that tests run.

Each check takes a method class and a bench, and raises `ConformanceError` with one sentence when
the method does not keep the contract of `harness.contract.learner`.
"""

import hashlib
import tempfile
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import UserError
from harness.contract.learner import Learner
from harness.encoders.backbones import Backbone
from harness.system.progress import silent

PICKLED = (".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib", ".npy", ".ckpt")

SEED = 7

Check = Callable[[Any, Any], None]
"""Is given a method and a bench of one of its kinds."""


class ConformanceError(AssertionError):
    """A method does not keep the contract."""


@dataclass(frozen=True)
class Bench:
    """What the checks run on: a small draw and a small backbone.

    Attributes
    ----------
    training : of the smoke profile's size, as the task gives it to methods.
    texts : a few that were not trained on, unequal in length.
    backbone : shared by all methods.
    profile : whose settings the methods take.
    """

    training: Any
    texts: tuple[str, ...]
    backbone: Backbone
    profile: str = "smoke"

    @property
    @abstractmethod
    def kind(self) -> str:
        """Of the task."""

    @abstractmethod
    def answers(self, fitted: Any) -> Sequence[NDArray[Any]]:
        """All that a fitted method says of the texts."""

    def new(self, method: type[Learner], variant: str = "default") -> Any:
        """An object with the profile's settings, neither fitted nor loaded."""
        return method(method.settings_for(variant, self.profile, kind=self.kind))

    def fitted(self, method: type[Learner], task: Any = None, variant: str = "default") -> Any:
        """An object fitted on the draw, or on other rows."""
        training = self.training if task is None else task
        return self.new(method, variant).fit(training, self.backbone, seed=SEED, progress=silent)


def check_declarations(method: type[Learner], bench: Bench) -> None:
    """`supports` gives a reason or None; names were checked when the class was discovered."""
    reason = bench.new(method).supports(bench.training)
    require(
        reason is None or (isinstance(reason, str) and bool(reason.strip())),
        f"supports gives {reason!r} instead of a reason or None",
    )
    for kind, study in method.studies.items():
        require(kind in method.kinds, f"studies are for tasks of kind {kind!r}, which it lacks")
        require(min(study.values(), default=1) >= 1, f"a study of {kind} asks for no seeds")
    # Other kinds of tasks may have defaults of their own; settings are tuned for aspects.
    for name, space in method.search.items() if bench.kind == "aspects" else ():
        default = getattr(method.settings_for(kind=bench.kind), name)
        require(default in space, f"the default {name}={default!r} lies outside its search space")
    require(
        bool(method.search) or not method.needs_search(),
        "search is empty: say among which values each setting may be tuned, as a "
        "harness.contract.search.Range or Choice",
    )
    require(bench.fitted(method).trainable_parameters >= 0, "trainable_parameters is negative")
    require(bool((method.__doc__ or "").strip()), "the class has no docstring for tables and help")


def check_dial(method: type[Learner], bench: Bench) -> None:
    """A dial has positions beside the default, and to turn it changes what was learned.

    It is turned on labelled aspects alone.
    """
    if (dial := method.dial) is None or bench.kind != "aspects":
        return
    default = getattr(method.settings_for(kind=bench.kind), dial.setting)
    require(bool(dial.values), "the dial has no positions")
    require(default not in dial.values, f"{dial.setting}={default} of the dial is the default")
    here, there = (bench.fitted(method, variant=v) for v in ("default", next(iter(dial.variants))))
    # An eraser may have found nothing to erase in so few rows.
    turned = not here.trainable_parameters or not _equal(bench.answers(here), bench.answers(there))
    require(turned, f"to turn the dial {dial.setting} changes nothing")


def check_deterministic(method: type[Learner], bench: Bench) -> None:
    """Two fits under one seed give equal answers."""
    first, second = (bench.answers(bench.fitted(method)) for _ in range(2))
    require(_equal(first, second), "two fits under one seed differ")


def check_saved(method: type[Learner], bench: Bench) -> None:
    """What is saved gives equal answers when loaded, and holds no pickle."""
    fitted = bench.fitted(method)
    with tempfile.TemporaryDirectory() as scratch:
        fitted.save(Path(scratch))
        for file in filter(Path.is_file, Path(scratch).rglob("*")):
            require(file.suffix not in PICKLED, f"save writes {file.name}, which may be a pickle")
            head = file.read_bytes()[:9]
            # Safetensors begin with the length of their header, which may end in that byte too.
            pickled = head[:1] == b"\x80" and head[8:] != b"{"
            require(not pickled, f"save writes a pickle as {file.name}")
        loaded = method().load(Path(scratch), bench.backbone)
    same = _equal(bench.answers(fitted), bench.answers(loaded))
    require(same, "a loaded method answers otherwise than the saved one")
    require(
        loaded.trainable_parameters == fitted.trainable_parameters,
        "a loaded method counts other trainable parameters than the saved one",
    )
    require(loaded.heatmaps() == fitted.heatmaps(), "a loaded method has lost its heat maps")


def check_refusals(method: type[Learner], bench: Bench) -> None:
    """To be asked before fitting is refused in words."""
    refuses(lambda: bench.answers(bench.new(method)), "a question before fit")


def check_backbone_untouched(method: type[Learner], bench: Bench) -> None:
    """Fitting and answering leave the weights and the mode of the shared backbone as they were."""
    before = backbone_state(bench.backbone)
    bench.answers(bench.fitted(method))
    require(backbone_state(bench.backbone) == before, "fit changes the shared backbone")


COMMON: tuple[Check, ...] = (
    check_declarations,
    check_deterministic,
    check_saved,
    check_refusals,
    check_backbone_untouched,
)
"""What methods of every kind must do."""


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


def refuses(attempt: Callable[[], object], what: str) -> None:
    """ConformanceError where an attempt does not raise a UserError."""
    try:
        attempt()
    except UserError:
        return
    except Exception as error:
        raise ConformanceError(
            f"{what} raises {type(error).__name__}, not a UserError that says what to do"
        ) from error
    raise ConformanceError(f"{what} is not refused")


def require(kept: bool, complaint: str) -> None:
    """ConformanceError where a part of the contract is not kept."""
    if not kept:
        raise ConformanceError(complaint)


def _equal(first: Sequence[NDArray[Any]], second: Sequence[NDArray[Any]]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
