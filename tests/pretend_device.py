"""A device that is pretended on the processor, and refuses what a GPU refuses.

A tensor on it holds an ordinary one and says that it lies on `meta`, a device for which autograd
needs no library of its own. Within `pretended()` tensors are made there, go there and come back as
on a GPU; an operation that is given tensors of both sides raises, and so does `numpy`.

What it cannot see: memory, speed, operations that a GPU lacks or rounds otherwise, autocast, and
what depends on the name `cuda`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode

from harness.encoders.backbones import Backbone

PRETENDED = torch.device("meta")

aten = torch.ops.aten

BETWEEN = {aten.copy_, aten._to_copy}
"""What takes numbers from one device to the other."""

MOVED: list[str] = []
"""Operations that did so, or fetched a number, since the list was last cleared."""

INDEXED = {aten.index, aten.index_put, aten.index_put_, aten._index_put_impl_}
"""Where indices may lie on the processor: a GPU fetches them."""

PACKED = {aten._pack_padded_sequence, aten._pad_packed_sequence}
"""Where lengths have to lie on the processor."""

DRAWN_THERE = {aten.bernoulli_, aten.native_dropout}
"""Dropout alone may draw on the device; everything else is drawn on the processor."""


class MixedDevicesError(RuntimeError):
    """An operation was given tensors of both devices."""


class Pretended(Tensor):
    """A tensor that says that it lies on `PRETENDED`."""

    inner: Tensor

    @staticmethod
    def __new__(cls, inner: Tensor) -> Pretended:
        made: Pretended = Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls,
            inner.shape,
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device=PRETENDED,
        )
        made.inner = inner
        return made

    def __repr__(self) -> str:  # type: ignore[override]
        return f"Pretended({self.inner})"

    def tolist(self) -> Any:
        return self.cpu().tolist()

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        copied: Tensor = self.detach().clone()
        if isinstance(self, nn.Parameter):
            copied = nn.Parameter(copied, self.requires_grad)
        memo[id(self)] = copied
        return copied

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(func, args, kwargs or {})


class _Mode(TorchDispatchMode):
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if torch.is_inference_mode_enabled():
            # Without autograd above it, nothing else takes an operation apart.
            with self:
                made = func.decompose(*args, **(kwargs or {}))
            if made is not NotImplemented:
                return made
        return _run(func, args, kwargs or {})


class _Lists(TorchFunctionMode):
    """Numbers out of lists are made beneath every other mode, and on `meta` they would be lost."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is torch.tensor and kwargs.get("device") == PRETENDED:
            return func(*args, **{**kwargs, "device": None}).to(PRETENDED)
        return func(*args, **kwargs)


@contextmanager
def pretended() -> Iterator[None]:
    """Within it the pretended device is there."""
    fused = mock.patch(
        "torch.optim.optimizer._get_fused_kernels_supported_devices",
        return_value=["cpu", PRETENDED.type],
    )
    with fused, _Mode(), _Lists():
        yield


def on_pretended(backbone: Backbone) -> Backbone:
    """The backbone with a copy of its model on the pretended device; call it within `pretended`."""
    return replace(backbone, model=backbone.copy_model().to(PRETENDED), prefixes={})


def _run(func: Any, args: Any, kwargs: Any) -> Any:
    given = list(_tensors((args, tuple(kwargs.values()))))
    there = [x for x in given if isinstance(x, Pretended)]
    asked = kwargs.get("device")
    arrives = not there and asked == PRETENDED and given
    leaves = there and (len(there) < len(given) or asked not in (None, PRETENDED))
    fetched = there and func.overloadpacket is aten._local_scalar_dense
    if fetched or (func.overloadpacket in BETWEEN and (arrives or leaves)):
        MOVED.append(str(func))
    if there:
        _refuse_mixed(func, args, kwargs)
    if there or asked == PRETENDED:
        _refuse_draws(func)
    if asked == PRETENDED:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    # What is made in inference mode has no version, which views of other tensors ask for.
    with torch.inference_mode(False), torch.no_grad():
        held = {name: _each(_held, value) for name, value in kwargs.items()}
        out = func(*_each(_held, args), **held)
        if torch.Tag.inplace_view in func.tags:
            # The shape that the wrapper tells changes with that of what it holds.
            with no_dispatch():
                func(*args, **kwargs)
        if func.overloadpacket is aten.copy_:
            return args[0]
        if asked != PRETENDED and (asked is not None or not there):
            return out
        # An operation in place gives the tensor that it was given.
        given = {id(x.inner): x for x in there}
        placed = _each(lambda x: _placed(x, given), out)
    # Sizes of packed batches are the processor's, as on a GPU.
    return (placed[0], out[1]) if func.overloadpacket in PACKED else placed


def _each(change: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)([_each(change, part) for part in value])
    return change(value)


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, list | tuple):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, Tensor):
        yield value


def _held(value: Any) -> Any:
    return value.inner if isinstance(value, Pretended) else value


def _placed(value: Any, given: dict[int, Pretended]) -> Any:
    if not isinstance(value, Tensor):
        return value
    return given[id(value)] if id(value) in given else Pretended(value)


def _refuse_mixed(func: Any, args: Any, kwargs: Any) -> None:
    packet = func.overloadpacket
    if packet in BETWEEN:
        return
    if packet in PACKED:
        if isinstance(args[1], Pretended):
            raise MixedDevicesError(f"{func} is given lengths that do not lie on the processor")
        args = (args[0], *args[2:])
    if packet in INDEXED and isinstance(args[0], Pretended):
        args = (args[0], *args[2:])
    tensors = list(_tensors((args, tuple(kwargs.values()))))
    elsewhere = [x for x in tensors if not isinstance(x, Pretended)]
    if packet in INDEXED or torch.Tag.pointwise in func.tags:
        # Single numbers of the processor go along with the tensors of a GPU.
        elsewhere = [x for x in elsewhere if x.dim()]
    if elsewhere and len(elsewhere) < len(tensors):
        raise MixedDevicesError(f"{func} is given tensors of the device and of the processor")


def _refuse_draws(func: Any) -> None:
    if torch.Tag.nondeterministic_seeded in func.tags and func.overloadpacket not in DRAWN_THERE:
        raise RuntimeError(f"{func} draws on the device, and not on the processor")
