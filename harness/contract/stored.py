"""Methods that are stored as their settings, their aspects and what they learned.

Most methods derive from `StoredMethod` and say four things: how they learn, what was learned, how
that is taken back, and how texts are represented. Fitting, storing, loading, counting and the
refusal of bad input are here.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Self, TypeVar

import torch
from torch import Tensor, nn

from data.errors import UnknownNameError, UserError
from harness.contract.artifacts import read_artifact, reading, tied_names, untied, write_artifact
from harness.contract.learner import Learner
from harness.contract.method import Method, Representation
from harness.encoders.backbones import Backbone
from harness.system.progress import Progress

Tensors = Mapping[str, Tensor]

Kept = TypeVar("Kept")


class StoredLearner(Learner):
    """A learner that knows its backbone and its aspects, and stores what it names in `learned`.

    Attributes
    ----------
    backbone : what it was fitted on or loaded with.
    aspects : number of classes of each aspect, in the task's order; 0 where there are no labels.
    """

    backbone: Backbone
    aspects: Mapping[str, int]

    def fit(self, task: Any, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        # A task of texts alone has no aspects.
        self.remember(backbone, {a.name: len(a.classes) for a in getattr(task, "aspects", ())})
        # What cannot be stored is not trained first: methods change copies of the model.
        if (model := getattr(backbone, "model", None)) is not None:
            tied_names(model.state_dict())
        self.learn(task, seed=seed, progress=progress)
        self.change(task, seed=seed)
        return self

    def remember(self, backbone: Backbone, aspects: Mapping[str, int]) -> None:
        """Set `backbone` and `aspects`; `fit` and `load` do so first."""
        self.backbone, self.aspects = backbone, aspects
        self._last: tuple[tuple[Any, ...], Any] | None = None

    @abstractmethod
    def learn(self, task: Any, *, seed: int, progress: Progress) -> None:
        """Learn from `task.train`, choose on `task.valid`; deterministic under `seed`."""

    def change(self, task: Any, *, seed: int) -> None:
        """What a method that is `made_from` another's fit makes of it, after `learn`."""

    def learned(self) -> Mapping[str, nn.Module | Tensor]:
        """What was learned: networks and tensors by name, all of which is stored and counted.

        A network's tensors are stored under its name, a dot and their own names.
        """
        return {}

    def extras(self) -> Tensors:
        """What is stored beside it and not counted, such as a vocabulary."""
        return {}

    def restore(self, tensors: Tensors) -> None:
        """Take back what was stored, under `settings`, `backbone` and `aspects` as they were.

        Networks need only be built: `load` fills those of `learned` afterwards. LookupError,
        TypeError, ValueError and RuntimeError become a UserError about the artifact.
        """

    def save(self, folder: Path) -> None:
        about = {"method": self.name, "settings": self.settings, "aspects": self.aspects}
        write_artifact(folder, self._tensors(), backbone=self.backbone, **about)

    def _tensors(self) -> dict[str, Tensor]:
        tensors = dict(self.extras())
        for name, part in self.learned().items():
            if isinstance(part, Tensor):
                tensors[name] = part
            else:
                kept = untied(part.state_dict())
                tensors |= {f"{name}.{key}": value for key, value in kept.items()}
        return tensors

    def load(self, folder: Path, backbone: Backbone) -> Self:
        tensors, config = read_artifact(folder, method=self.name, backbone=backbone)
        with reading(folder):
            self.settings = self.Settings(**config["settings"])
            self.remember(backbone, config["aspects"])
            self._take_back(tensors)
        return self

    def used_as(self, settings: Any) -> Self:
        """The same fit in a new object, used as other settings say; nothing is learned again.

        Parameters
        ----------
        settings : as the method's own, but for fields that only say how it is used.
        """
        other = type(self)(settings)
        other.remember(self.backbone, self.aspects)
        other._take_back(self._tensors())
        return other

    def made_of(self, fit: StoredLearner, task: Any, *, seed: int) -> Self:
        """As after `fit`, of what the method `made_from` learned with this seed and these settings.

        Parameters
        ----------
        fit : given up to this method, and not used afterwards.
        """
        vars(self).update({**vars(fit), "settings": self.settings})
        self.change(task, seed=seed)
        return self

    def _take_back(self, tensors: Tensors) -> None:
        self.restore(tensors)
        for name, part in self.learned().items():
            if isinstance(part, nn.Module):
                stored, state = named(tensors, f"{name}."), part.state_dict()
                tied = {key: state[key] for key in tied_names(state) if key not in stored}
                # Equal to themselves: they change with the tensor that is theirs too.
                part.load_state_dict({**tied, **stored})

    @property
    def trainable_parameters(self) -> int:
        """Numbers in the parameters of the learned networks, and in the learned tensors."""
        total = 0
        for part in self.learned().values():
            tensors = [part] if isinstance(part, Tensor) else part.parameters()
            total += sum(tensor.numel() for tensor in tensors)
        return total

    def check_ready(self) -> None:
        """UserError where the method was neither fitted nor loaded."""
        if not hasattr(self, "backbone"):
            raise UserError(f"{self.name} must be fitted or loaded before it can be used")

    def kept_for(self, texts: tuple[Any, ...], compute: Callable[[], Kept]) -> Kept:
        """What `compute` makes of the texts, kept until other texts come: each aspect needs it."""
        if self._last is None or self._last[0] != texts:
            self._last = (texts, compute())
        kept: Kept = self._last[1]
        return kept


class StoredMethod(StoredLearner, Method):
    """A method that is stored; it encodes the texts that `represent` is given."""

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        self.place_of(aspect)
        return self.represent(tuple(texts), aspect)

    @abstractmethod
    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        """float32 [len(texts), width] for an aspect that the method was fitted on."""

    def place_of(self, aspect: str) -> int:
        """Position of an aspect among `aspects`.

        Raises
        ------
        UserError : the method was neither fitted nor loaded.
        UnknownNameError : it was not fitted on this aspect.
        """
        self.check_ready()
        if aspect not in self.aspects:
            raise UnknownNameError("aspect", aspect, self.aspects)
        return list(self.aspects).index(aspect)


def stored_arrays(by_aspect: Mapping[str, Any]) -> dict[str, Tensor]:
    """The arrays of a dataclass for each aspect, as `field.aspect`."""
    return {
        f"{part}.{aspect}": torch.from_numpy(array)
        for aspect, arrays in by_aspect.items()
        for part, array in vars(arrays).items()
    }


def restored_arrays(
    kind: Callable[..., Kept], tensors: Tensors, aspects: Iterable[str]
) -> dict[str, Kept]:
    """What `stored_arrays` made tensors of; LookupError where an aspect's are missing.

    Parameters
    ----------
    kind : the dataclass, whose fields are all arrays.
    """
    parts = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return {a: kind(*(tensors[f"{part}.{a}"].numpy() for part in parts)) for a in aspects}


def named(tensors: Tensors, prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with a prefix, without it."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
