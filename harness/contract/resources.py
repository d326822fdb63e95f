"""What a trial needs while it runs, as a scheduler is told it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Resources:
    """The least that a trial is given; methods declare it, `TrialInputs` adds the backbone's share.

    Attributes
    ----------
    cores : processor cores, whole ones.
    gpu : share of one GPU, where there are any: trials share it up to 1.
    memory_gib : main memory, in gibibytes.
    """

    cores: int = 1
    gpu: float = 0.25
    memory_gib: float = 2.0
