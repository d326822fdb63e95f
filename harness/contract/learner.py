"""What every method has in common, whatever kind of task it learns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from harness.contract.dial import Dial
from harness.contract.heatmap_data import Heatmap
from harness.contract.resources import Resources
from harness.contract.scores import Score
from harness.contract.search import Space
from harness.contract.tuned import tuned_settings
from harness.system.progress import Progress

if TYPE_CHECKING:
    from harness.encoders.backbones import Backbone

READ = ("max_tokens", "layers_left_out")
"""Settings that say what is read of a text, and are no numbers to tune."""


@dataclass(frozen=True)
class NoSettings:
    """The settings of a method that has no knobs."""


class Learner(ABC):
    """Learns from the training rows of a task, and is then evaluated as its kind says.

    Life of an object: constructed with settings, then either `fit` or `load`, then used any number
    of times, `scores` and `save`. `fit` must not change the backbone it is given, and computes
    where that lies, on `backbone.device`. What it is used for is up to the subclass:
    `harness.contract.method.Method` encodes texts.
    """

    name: ClassVar[str]
    """The name in tables, records and on the command line."""

    kinds: ClassVar[tuple[str, ...]]
    """The kinds of tasks that it may learn; `supports` has the last word on each task."""

    main_variants: ClassVar[tuple[str, ...]] = ("default",)
    """The variants that run wherever the method does; others run where they are asked for."""

    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Named settings beside `default`: variant name to the fields of `Settings` it changes."""

    dial: ClassVar[Dial | None] = None
    """What takes it along its curve of leakage; the positions are among `variants` by themselves.

    Profiles name tasks and methods whose dials are turned, with every seed.
    """

    studies: ClassVar[Mapping[str, Mapping[str, int]]] = {}
    """Kind of task to the variants that a profile runs on its study task, each with its seeds."""

    profiles: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Fields of `Settings` that a profile changes, for instance fewer steps under `smoke`."""

    kind_settings: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Fields of `Settings` that a kind of task changes; the profile has a say after it."""

    Settings: ClassVar[type[Any]] = NoSettings
    """A frozen dataclass with every knob of the method, typed, with its default."""

    search: ClassVar[Mapping[str, Space]] = {}
    """Field of `Settings` to the values among which `tune` looks; whoever has numbers has some."""

    balanced_training: ClassVar[bool] = False
    """An upper bound: `task` is balanced over its cells, whatever the trial's correlation.

    It shows what the correlation costs, so tables set it beside chance and out of every comparison.
    Evaluation rows are those of everybody. The classifier behind average and worst-group accuracy
    is fitted on the balanced rows, as for any method on the rows that it learned from.
    """

    control: ClassVar[bool] = False
    """A control: it is measured as every method is, and shows what the measure alone can tell.

    Tables set it in italics below the methods and out of every comparison, as they do with
    the upper bounds of `balanced_training`. Profiles may run all of its variants.
    """

    made_from: ClassVar[str | None] = None
    """The method whose fit this one only changes: in a run of both, that fit is made once.

    For a `harness.contract.stored.StoredLearner` that derives from that method.
    """

    resources: ClassVar[Resources] = Resources()
    """What a trial is given where several run at once."""

    checkpoint: Path | None = None
    """Where a long `fit` may keep what it needs to go on after a kill; None keeps nothing."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.dial is not None:
            cls.variants = {**cls.variants, **cls.dial.variants}

    def __init__(self, settings: Any = None) -> None:
        self.settings: Any = self.Settings() if settings is None else settings

    @classmethod
    def settings_for(
        cls, variant: str = "default", profile: str = "standard", *, kind: str = ""
    ) -> Any:
        """The settings of a variant under a profile, for a kind of task where one is named.

        What was tuned for aspects comes first, then the kind's and the profile's; the variant has
        the last word.
        """
        changes = {
            **(cls.tuned() if kind in ("", "aspects") else {}),
            **cls.kind_settings.get(kind, {}),
            **cls.profiles.get(profile, {}),
            **cls.variants.get(variant, {}),
        }
        return replace(cls.Settings(), **changes)

    @classmethod
    def needs_search(cls) -> bool:
        """Whether there are numbers to tune; controls and upper bounds take those of others.

        A dial is turned, and not tuned.
        """
        if "aspects" not in cls.kinds or cls.control or cls.balanced_training:
            return False
        fixed = (*READ, cls.dial.setting if cls.dial else "")
        settings = asdict(cls.Settings()).items()
        return any(type(value) in (int, float) for name, value in settings if name not in fixed)

    @classmethod
    def tuned(cls) -> dict[str, Any]:
        """What `tune` chose for texts with labels, for this method or one that it derives from."""
        stored = tuned_settings()
        names = (str(vars(each).get("name")) for each in cls.__mro__)
        return dict(next((stored[name] for name in names if name in stored), {}))

    def supports(self, task: Any) -> str | None:
        """The reason why the method cannot run on the task, or None where it can."""
        return None

    @abstractmethod
    def fit(self, task: Any, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        """Learn from `task.train`, choose on `task.valid`; deterministic under `seed`."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what was learned into an existing folder: safetensors and JSON, never pickle."""

    @abstractmethod
    def load(self, folder: Path, backbone: Backbone) -> Self:
        """Read what `save` wrote; afterwards outputs equal the saved method's."""

    @property
    @abstractmethod
    def trainable_parameters(self) -> int:
        """How many numbers were learned: weights, or mask entries, heads included."""

    def scores(self) -> Sequence[Score]:
        """What the method itself measured while it was fitted, such as its adversary's accuracy."""
        return ()

    def heatmaps(self) -> Sequence[Heatmap]:
        """Small matrices that the method measured on itself, such as densities layer by layer."""
        return ()
