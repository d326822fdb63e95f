"""The method `masked-units`."""

from dataclasses import dataclass

from harness.contract.search import Choice, Range
from masking.masked_method import MaskedMethod
from masking.settings import MaskSettings


@dataclass(frozen=True)
class UnitSettings(MaskSettings):
    """Masks on units have far fewer entries: more layers, a start further off, larger steps."""

    layers: int = 4
    mask_rate: float = 3e-2
    overlap: float = 1.0
    start_mean: float = 0.1
    start_deviation: float = 0.02


class MaskedUnits(MaskedMethod):
    """Binary masks over the hidden units of a frozen encoder. Source: Zhang et al. 2021, section 3.

    Every linear map of a masked layer computes `h' = (h * m_a) W` for aspect a.
    """

    name = "masked-units"
    kind = "units"
    Settings = UnitSettings
    search = {
        **MaskedMethod.search,
        "layers": Choice((3, 4, 5, 6)),
        "mask_rate": Range(1e-2, 1e-1, "log"),
        "overlap": Range(0.0, 3.0),
    }
    variants = {
        **{f"layers-{n}": {"layers": n} for n in (5, 6, 9)},
        **{f"overlap-{weight:g}": {"overlap": weight} for weight in (0.0, 0.25, 0.5, 0.75)},
        "residual": {"residual": True},
        **{f"residual-layers-{n}": {"residual": True, "layers": n} for n in (5, 6)},
        "residual-overlap-0": {"residual": True, "overlap": 0.0},
        "residual-no-classification": {"residual": True, "classification": 0.0},
        "residual-coding-rate-0.7": {"residual": True, "coding_rate": 0.7},
    }
    studies = {
        "aspects": {variant: 1 for variant in variants if variant != "layers-9"},
        "triplets": {"residual": 1, "residual-layers-6": 1},
    }
    kind_settings = {
        "triplets": {**MaskedMethod.kind_settings["triplets"], "mask_rate": 5e-3},
    }
