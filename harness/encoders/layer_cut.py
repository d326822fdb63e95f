"""Stopping a transformer before one of its layers, and starting it there.

The family's own forward pass runs on either side of the cut, so position biases, attention masks
and final norms are those of the library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from data.errors import UserError

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def layers_of(model: PreTrainedModel) -> nn.ModuleList:
    """The module list with as many entries as the configuration has layers; UserError without."""
    depth = model.config.num_hidden_layers
    for module in model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == depth:
            return module
    raise UserError(f"no stack of {depth} layers in {type(model).__name__}; name another backbone")


def states_before(layer: nn.Module, model: PreTrainedModel, ids: Tensor, mask: Tensor) -> Tensor:
    """What the model would give to one of its layers, [b, t, width]; nothing above it runs.

    `layer`: of the model's stack. `ids`, `mask`: token ids and attention mask, int64 [b, t].
    """
    caught: list[Tensor] = []

    def stop(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        caught.append(args[0] if args else kwargs["hidden_states"])
        raise _CutReachedError

    handle = layer.register_forward_pre_hook(stop, with_kwargs=True)
    try:
        model(input_ids=ids, attention_mask=mask)
    except _CutReachedError:
        pass
    finally:
        handle.remove()
    return caught[0]


def starting_from(states: Tensor, layer: nn.Module) -> AbstractContextManager[None]:
    """Within it, a layer is given these states, [b, t, width], in place of its own input."""
    return changing(layer, lambda _: states)


@contextmanager
def changing(layer: nn.Module, change: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """Within it, a layer is given what `change` makes of its input, [b, t, width] both."""

    def exchange(
        module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if args:
            return (change(args[0]), *args[1:]), kwargs
        return args, {**kwargs, "hidden_states": change(kwargs["hidden_states"])}

    handle = layer.register_forward_pre_hook(exchange, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


class _CutReachedError(Exception):
    """Ends a forward pass at the cut."""
