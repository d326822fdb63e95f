"""The settings of learned masks."""

from dataclasses import dataclass

from harness.training.settings import TrainedSettings


@dataclass(frozen=True)
class MaskSettings(TrainedSettings):
    """Beside those of every trained encoder: where masks sit, how they begin and are learned.

    Attributes
    ----------
    above : how many layers above the masked ones stay whole; with 0 the last layers are masked.
    maps : masked linear maps: `all`, `attention`, `feed-forward`, or roles joined by `+`.
    granularity : `element`, `neuron`, `head`, `block` or `layer`, see `masking.granularity`.
    block : side of a block, for the granularity `block`.
    estimator : `straight-through` or `hard-concrete`, see `masking.masks`.
    mask_rate, head_rate : Adam's learning rates; `harness.training.schedule` shapes them.
    start_mean, start_deviation : of the mask scores; above 0 is open.
    overlap, openness : weights of the losses of the masks alone.
    coding_rate : weight of the guard against collapse, see `masking.objectives.coding_rate_gap`.
    sparsity : share of the masked maps' weights that pruning takes away meanwhile.
    walk, rescaled : how masks are used, see `masking.masks.Use`.
    residual : whether units that enter a masked layer have masks too, see `masking.residual`.
    pruning : what pruning takes first, `magnitude` or `score`, see `masking.pruning`.
    """

    above: int = 0
    maps: str = "all"
    granularity: str = "element"
    block: int = 32
    estimator: str = "straight-through"
    mask_rate: float = 3e-3
    head_rate: float = 1e-3
    start_mean: float = 0.02
    start_deviation: float = 0.005
    overlap: float = 0.3
    openness: float = 0.0
    coding_rate: float = 0.0
    sparsity: float = 0.0
    walk: float = 1.0
    rescaled: bool = False
    residual: bool = False
    pruning: str = "magnitude"
