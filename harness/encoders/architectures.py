"""Where families of transformers differ from a stack of layers with linear maps of their own.

Encoder-decoders are used for their encoder, ALBERT's layers become modules of their own, GPT-2's
`Conv1D` is a linear map whose weight lies the other way round, and T5 and DeBERTa give the lowest
layer something that those above it live on.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from data.errors import UserError

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def encoder_of(whole: PreTrainedModel) -> PreTrainedModel:
    """The encoder of an encoder-decoder, and any other model itself.

    UserError where the model names no encoder that can stand alone.
    """
    from transformers import PreTrainedModel

    if not getattr(whole.config, "is_encoder_decoder", False):
        return whole
    found = whole.get_encoder()
    if found is whole or not isinstance(found, PreTrainedModel):
        raise UserError(
            f"{type(whole).__name__} has a decoder, and no encoder that can stand alone; "
            "name another backbone"
        )
    return found


def separate_layers(model: PreTrainedModel) -> None:
    """Give each layer of an ALBERT a module of its own; parameters stay shared among them.

    ALBERT runs a group of weights several times. As modules, its layers can be cut and changed one
    by one, and the model computes what it did.
    """
    config = model.config
    if config.model_type != "albert" or config.num_hidden_groups == config.num_hidden_layers:
        return
    stack: Any = model.get_submodule("encoder")
    groups, depth = stack.albert_layer_groups, config.num_hidden_layers
    per_layer = [groups[int(i / (depth / len(groups)))] for i in range(depth)]
    stack.albert_layer_groups = nn.ModuleList(
        copy.deepcopy(group, {id(p): p for p in group.parameters()}) for group in per_layer
    )
    config.num_hidden_groups = depth


def without_sharing(model: PreTrainedModel) -> None:
    """Give each module parameters of its own, as a checkpoint with as many layers stores them."""
    seen: set[int] = set()
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if id(parameter) in seen:
                own = nn.Parameter(parameter.detach().clone(), parameter.requires_grad)
                setattr(module, name, own)
            seen.add(id(parameter))


def as_linear(module: nn.Module) -> nn.Linear | None:
    """A linear map as such, and one like a `Conv1D`, on a copy of its weight; None for others."""
    if isinstance(module, nn.Linear):
        return module
    if not _lies_across(module):
        return None
    across: Any = module
    inputs, outputs = across.weight.shape
    linear = nn.Linear(inputs, outputs, device="meta")
    linear.weight = nn.Parameter(across.weight.detach().T.contiguous(), requires_grad=False)
    linear.bias = nn.Parameter(across.bias.detach(), requires_grad=False)
    return linear


def weight_of(module: nn.Module) -> Tensor:
    """The weight of a linear map or of a `Conv1D`, [out, in], detached."""
    weight = module.weight
    assert isinstance(weight, Tensor)
    return weight.detach().T if _lies_across(module) else weight.detach()


def with_weight(module: nn.Module, weight: Tensor) -> nn.Module:
    """A linear map or a `Conv1D`, given a weight of its own, [out, in]."""
    own = weight.detach().T if _lies_across(module) else weight.detach()
    module.weight = nn.Parameter(own.contiguous(), requires_grad=False)
    return module


def _lies_across(module: nn.Module) -> bool:
    from transformers.pytorch_utils import Conv1D

    return isinstance(module, Conv1D)


def drop_layers(model: PreTrainedModel, stack: nn.ModuleList, first: int) -> None:
    """Take the layers below one out of a model's stack, and keep what they gave to the others.

    `first`: position of the lowest layer that stays.
    """
    if not first:
        return
    lowest, kept = stack[0], stack[first]
    del stack[:first]
    if model.config.model_type == "albert":
        # It counts by its configuration, and not by its stack.
        model.config.num_hidden_layers = model.config.num_hidden_groups = len(stack)
    for path, attention in lowest.named_modules():
        if getattr(attention, "has_relative_attention_bias", False):
            _share_bias(attention, kept.get_submodule(path))
    for module in model.modules():
        # DeBERTa-v2 has a convolution beside its lowest layer.
        if isinstance(getattr(module, "conv", None), nn.Module) and stack in module.children():
            module.conv = None  # type: ignore[assignment]


def _share_bias(lowest: Any, kept: nn.Module) -> None:
    """T5 computes the bias of its positions in the lowest layer, for all layers.

    The bias stays outside the model, so that it is neither trained nor stored with what is above.
    """
    if getattr(kept, "has_relative_attention_bias", False):
        return

    def give(
        module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        length, device = args[0].shape[1], args[0].device
        return args, {**kwargs, "position_bias": lowest.compute_bias(length, length, device)}

    kept.register_forward_pre_hook(give, with_kwargs=True)
