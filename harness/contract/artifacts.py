"""What a fitted method leaves in a folder: tensors in safetensors, everything else in JSON."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from data.errors import UserError
from harness.encoders.backbones import Backbone

_TENSORS = "model.safetensors"
_CONFIG = "config.json"


def write_artifact(
    folder: Path,
    tensors: Mapping[str, Tensor],
    *,
    method: str,
    settings: Any,
    aspects: Mapping[str, int],
    backbone: Backbone,
) -> None:
    """Write learned tensors and what is needed to read them into an existing folder.

    Parameters
    ----------
    aspects : number of classes of each aspect, in the method's order.
    """
    config = {
        "method": method,
        "settings": asdict(settings),
        "aspects": dict(aspects),
        "backbone": {
            "name": backbone.name,
            "revision": backbone.revision,
            "weights_hash": backbone.weights_hash,
        },
    }
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / _TENSORS)
    text = json.dumps(config, indent=2, ensure_ascii=False)
    (folder / _CONFIG).write_text(text + "\n", encoding="utf-8")


def tied_names(state: Mapping[str, Tensor]) -> dict[str, str]:
    """Names of tensors that stand earlier under another name, and that name.

    Raises
    ------
    UserError : tensors share some of their memory and not all of it, which no file can hold.
    """
    tied: dict[str, str] = {}
    first: dict[tuple[object, ...], str] = {}
    ends: dict[int, list[tuple[int, int, str]]] = {}
    for name, tensor in state.items():
        if tensor.device.type == "meta" or not tensor.numel():
            continue
        begin = tensor.data_ptr()
        own = first.setdefault((begin, tensor.dtype, tensor.shape, tensor.stride()), name)
        if own != name:
            tied[name] = own
            continue
        steps = sum((n - 1) * s for n, s in zip(tensor.shape, tensor.stride(), strict=True))
        end = begin + (steps + 1) * tensor.element_size()
        neighbours = ends.setdefault(tensor.untyped_storage().data_ptr(), [])
        for start, stop, other in neighbours:
            if begin < stop and start < end:
                raise UserError(
                    f"{other} and {name} share some of their memory, so they cannot be stored; "
                    "clone one of them, or name another backbone"
                )
        neighbours.append((begin, end, name))
    return tied


def untied(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Every tensor once, under the first of its names; UserError as for `tied_names`."""
    tied = tied_names(state)
    return {name: tensor for name, tensor in state.items() if name not in tied}


@dataclass(frozen=True)
class Described:
    """What an artifact says of itself: the method, and the backbone's name."""

    method: str
    backbone: str


def described(folder: Path) -> Described:
    """What the artifact in a folder was made by and for; UserError where none can be read."""
    with reading(folder):
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
        return Described(str(config["method"]), str(config["backbone"]["name"]))


def read_artifact(
    folder: Path, *, method: str, backbone: Backbone
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors and the configuration that `write_artifact` wrote.

    UserError where files are missing or damaged, or belong to another method or backbone.
    """
    with reading(folder):
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
        made_by, made_for = config["method"], config["backbone"]
        name, digest = made_for["name"], made_for["weights_hash"]
        tensors = load_file(folder / _TENSORS)
    if made_by != method:
        raise UserError(f"{folder} was made by the method {made_by!r}, not by {method!r}")
    if digest != backbone.weights_hash:
        raise UserError(
            f"{folder} was learned on the backbone {name!r} (weights {digest[:12]}), "
            f"not on {backbone.name!r} (weights {backbone.weights_hash[:12]}); load that one"
        )
    return tensors, config


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """What goes wrong while an artifact is read and taken apart becomes one UserError."""
    try:
        yield
    except UserError:
        raise
    except (OSError, LookupError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise UserError(
            f"{folder} holds no artifact that this version reads ({said}); "
            "fit and save the method again"
        ) from error


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Make a folder that is to be written; where that or the writing fails, a UserError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror or error}") from error
