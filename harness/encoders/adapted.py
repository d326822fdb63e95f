"""An encoder with a bottleneck behind some of its linear maps. Source: Houlsby et al. 2019.

`harness.encoders.exporting` writes this file beside the weights of such an encoder, with the family
of that encoder in place of BERT's. There it needs transformers alone, and is loaded with
`trust_remote_code=True`.
"""

from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from transformers import BertConfig, BertModel


class AdaptedMap(nn.Module):
    """A linear map `y` with an adapter behind it, `y + U gelu(D y)` (figure 2).

    Parameters
    ----------
    map_ : from [..., in] to [..., out].
    out : its outputs.
    units : width of the bottleneck.
    """

    def __init__(self, map_: nn.Module, out: int, units: int) -> None:
        super().__init__()
        self.map = map_
        self.down, self.up = nn.Linear(out, units), nn.Linear(units, out)

    def forward(self, hidden: Tensor) -> Tensor:
        """From [..., in] to [..., out]."""
        found: Tensor = self.map(hidden)
        added: Tensor = self.up(F.gelu(self.down(found)))
        return found + added


class AdaptedConfig(BertConfig):  # type: ignore[no-untyped-call]
    """The family's configuration, with `adapted`: dotted name of a map to `[out, units]`."""

    model_type = "adapted-bert"


class AdaptedModel(BertModel):  # type: ignore[no-untyped-call]
    """The family's encoder with its adapters."""

    config_class = AdaptedConfig

    def __init__(self, config: Any, **options: Any) -> None:
        super().__init__(config, **options)
        for path, (out, units) in config.adapted.items():
            parent, _, last = path.rpartition(".")
            module = self.get_submodule(parent)
            setattr(module, last, AdaptedMap(getattr(module, last), out, units))
        self.post_init()  # type: ignore[no-untyped-call]
