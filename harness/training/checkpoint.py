"""What an interrupted training needs to go on as if nothing had happened.

One safetensors file: what is learned, the moments of the optimiser and what was measured so far,
and in its header the step, the time so far and what the training is made of. Batches are not
stored: they follow from the seed, so they are drawn again and thrown away up to the step.
"""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from harness.system.logs import warn

_FILE = "training.safetensors"


@dataclass(frozen=True)
class Saved:
    """The state after a number of steps.

    Attributes
    ----------
    step : how many are done.
    checked : step to its score, of the states checked so far.
    tensors : everything else, by name.
    """

    step: int
    checked: Mapping[int, float]
    tensors: Mapping[str, Tensor]


class Checkpoint:
    """Keeps the state of one training in a folder.

    Parameters
    ----------
    folder : where; made when something is stored. None keeps nothing.
    about : what the training is made of; a state of any other is not used.
    """

    def __init__(self, folder: Path | None, *about: object) -> None:
        self._folder = folder
        self._about = hashlib.sha256(repr(about).encode()).hexdigest()
        self._begun = time.perf_counter()
        self._before = 0.0 if folder is None else seconds_spent(folder)

    def write(self, saved: Saved) -> None:
        """Replace the stored state, whole or not at all; a full disk is a warning."""
        if self._folder is None:
            return
        header = {
            "about": self._about,
            "state": json.dumps([saved.step, list(saved.checked.items())]),
        }
        if self._before is not None:
            header["seconds"] = str(self._before + time.perf_counter() - self._begun)
        scratch = self._folder / f"{_FILE}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            save_file(dict(saved.tensors), scratch, metadata=header)
            os.replace(scratch, self._folder / _FILE)
        except (OSError, SafetensorError) as error:
            with contextlib.suppress(OSError):
                scratch.unlink()
            warn("training goes on without a checkpoint", folder=self._folder, error=str(error))

    def read(self) -> Saved | None:
        """The stored state, or None where there is none of this training that can be read."""
        if self._folder is None or not (self._folder / _FILE).exists():
            return None
        try:
            with safe_open(self._folder / _FILE, framework="pt") as file:
                header = file.metadata()
                if header["about"] != self._about:
                    return None
                step, checked = json.loads(header["state"])
                tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
            warn("unreadable checkpoint, training starts again", error=str(error))
            return None
        return Saved(step, dict(checked), tensors)

    def remove(self) -> None:
        """Forget the state: the training is over."""
        if self._folder is not None:
            with contextlib.suppress(OSError):
                (self._folder / _FILE).unlink()
                self._folder.rmdir()


def seconds_spent(folder: Path) -> float | None:
    """How long a training took up to the state in its folder; 0 without one, None where unknown."""
    if not (folder / _FILE).exists():
        return 0.0
    try:
        with safe_open(folder / _FILE, framework="pt") as file:
            return float(file.metadata()["seconds"])
    except (OSError, SafetensorError, KeyError, ValueError, TypeError):
        return None


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Adam's moments and step counts by parameter number and name."""
    states = optimiser.state_dict()["state"]
    return {
        f"adam.{number}.{name}": value
        for number, state in states.items()
        for name, value in state.items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give Adam back what `optimiser_tensors` took."""
    content = optimiser.state_dict()
    states: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        prefix, number, name = (*key.split(".", 2), "", "")[:3]
        if prefix == "adam":
            states.setdefault(int(number), {})[name] = value
    optimiser.load_state_dict({**content, "state": states})
