"""What trials are made of: what they share, loaded once, and what is one trial's own.

Only here is it decided what determines a result, and so what the key of a record is made of.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import UnknownNameError
from harness.contract.seeds import seed_from
from harness.runs import discovery
from harness.runs.profiles import Profile
from harness.store.records import FIRST_KIND, key_of, schema_of
from harness.store.trial import Trial

if TYPE_CHECKING:
    from data.corpus import Corpus
    from data.quotas import Sizes
    from data.tasks.task import Draw, Task
    from harness.contract.learner import Learner
    from harness.contract.resources import Resources
    from harness.encoders.backbones import Backbone
    from harness.evaluation.retention import Reference
    from harness.evaluation.text.model import LanguageModel
    from harness.system.progress import Progress

KEPT_DRAWS = 2
"""Draws held in memory: trials in order need one, and the balanced one beside it."""

MAX_TOKENS = 96
"""At which the reference of methods without a setting for it cuts texts."""

READER = "lstm-lm"
"""Says how fluent decoded texts are; learned from scratch, it favours no pretrained model."""

BASE_GIB = 1.0
"""Memory of a worker with its libraries and a corpus."""

BACKBONE_COPIES = 6
"""Times a backbone's weights: the shared one, a copy to change, gradients, moments, activations."""


def _resolve(name: str) -> Backbone:
    from harness.encoders.backbones import resolve

    return resolve(name)


@dataclass(frozen=True, eq=False)
class PreparedTrial:
    """A trial with all that is worked out about it before it runs; made once, then handed down.

    Attributes
    ----------
    settings : of the method's `Settings`, those of the variant under the profile.
    inputs : everything that determines the result, as plain values.
    key : the hash of `inputs`, which names the record and the checkpoint.
    training_seed : what the method is fitted with.
    split_seed : of the draw and of the probes; neither method nor correlation takes part.
    shares : the one whose fit this trial only uses otherwise, or changes; else None.
    lends : whether other trials of the run take its fit.
    """

    trial: Trial
    task: Task
    method_class: type[Learner]
    settings: Any
    inputs: Mapping[str, Any]
    key: str
    training_seed: int
    split_seed: int
    shares: PreparedTrial | None = None
    lends: bool = False


class TrialInputs:
    """Corpora, draws, backbones and method classes of one run.

    It travels to other processes without anything that it has loaded.

    Parameters
    ----------
    profile : gives the sizes of the draws and the settings of the methods.
    tasks : task name to the task.
    data_dir : the folder of real corpora, or None for what the task chooses.
    resolve : gives a backbone for a name.
    packages : where methods are discovered.
    classes : methods by name that need not be discovered.
    """

    def __init__(
        self,
        profile: Profile,
        tasks: Mapping[str, Task],
        *,
        data_dir: Path | None = None,
        resolve: Callable[[str], Backbone] = _resolve,
        packages: Sequence[str] = discovery.PACKAGES,
        classes: Mapping[str, type[Learner]] | None = None,
    ) -> None:
        self.profile = profile
        self.tasks = tasks
        self.data_dir = data_dir
        self.resolve = resolve
        self.backbone = lru_cache(maxsize=2)(resolve)
        self.packages = tuple(packages)
        self._corpora: dict[str, Corpus] = {}
        self._classes: dict[str, type[Learner]] = dict(classes or {})
        self._draw = lru_cache(maxsize=KEPT_DRAWS)(self._drawn)
        self._reference = lru_cache(maxsize=1)(self._referred)
        self._language_models: dict[tuple[Any, ...], LanguageModel] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        # A worker may stand in another folder.
        folder = None if self.data_dir is None else Path(self.data_dir).resolve()
        make = partial(TrialInputs, data_dir=folder, resolve=self.resolve, packages=self.packages)
        return make, (self.profile, self.tasks)

    def prepare(self, trial: Trial) -> PreparedTrial:
        """Work out everything about a trial that is known before it runs.

        UnknownNameError where the method has no such variant. UserError where a corpus, a backbone
        or the method cannot be had.
        """
        settings = self.settings(trial)
        inputs = self.inputs(trial, settings)
        own = self._fitted_as(trial)
        return PreparedTrial(
            trial,
            self.tasks[trial.task],
            self.method_class(trial.method),
            settings,
            inputs,
            key_of(inputs),
            seed_from("train", *dataclasses.astuple(self._identified(own))),
            split_seed(self._identity(trial.task), trial.seed),
            self.prepare(own) if own != trial else None,
            self._lends(trial),
        )

    def _fitted_as(self, trial: Trial) -> Trial:
        """The trial whose fit this one uses: its own, the default's or another method's."""
        method = self.method_class(trial.method)
        if method.dial is not None and method.dial.at_use and trial.variant in method.dial.variants:
            return dataclasses.replace(trial, variant="default")
        if method.made_from is not None:
            source = dataclasses.replace(trial, method=method.made_from, variant="default")
            # A variant that changes what is learned has a fit of its own.
            return source if self.settings(source) == self.settings(trial) else trial
        return trial

    def _lends(self, trial: Trial) -> bool:
        if trial.variant != "default":
            return False
        dial = self.method_class(trial.method).dial
        makers = {each.made_from for each in self._classes.values()}
        return trial.method in makers or (dial is not None and dial.at_use)

    def corpus(self, task: str) -> Corpus:
        """The corpus of a task, loaded once; UserError where it cannot be had."""
        if task not in self._corpora:
            self._corpora[task] = self.tasks[task].load(self.data_dir)
        return self._corpora[task]

    def splits(self, trial: Trial) -> Draw:
        """The draw of a trial: the same for all methods, so that they are paired.

        A method with `balanced_training` has training and validation rows of its own; the
        evaluation rows follow from the seed alone, and stay those of everybody.

        UserError where a cell has too few rows for the correlation.
        """
        from data.quotas import balanced_correlation

        drawn = self._draw(trial.task, trial.correlation, trial.seed)
        if not self.method_class(trial.method).balanced_training:
            return drawn
        shape = [len(aspect.classes) for aspect in drawn.evaluation.aspects]
        return self._draw(trial.task, balanced_correlation(shape), trial.seed)

    def beside(self, prepared: PreparedTrial) -> dict[str, Any]:
        """What the evaluation of the trial's kind takes beside the method and its draw.

        For aspects the untuned encoder on the draw, which says what the method keeps; it is made
        once for all methods that cut texts alike. For texts the backbone, which compares them, and
        what gives the language model that reads them, with its progress.
        """
        trial = prepared.trial
        if prepared.task.kind == "language":
            names = trial.task, trial.correlation, trial.seed, trial.backbone
            return {
                "backbone": self.backbone(trial.backbone),
                "fluency": lambda progress: self._language_model(*names, progress=progress),
            }
        if prepared.task.kind != FIRST_KIND:
            return {}
        limit = getattr(prepared.settings, "max_tokens", MAX_TOKENS)
        made = self._reference(trial.task, trial.correlation, trial.seed, trial.backbone, limit)
        return {"reference": made}

    def _language_model(
        self, task: str, correlation: float, seed: int, backbone: str, *, progress: Progress
    ) -> LanguageModel:
        from harness.runs.fitting import kept

        names, models = (task, correlation, seed, backbone), self._language_models
        if names not in models:
            trial = Trial(task, correlation, backbone, READER, "default", seed)
            texts, encoder = self.splits(trial).training, self.backbone(backbone)
            made: Any = kept(self.prepare(trial), texts, encoder, progress=progress)
            models[names] = made
        return models[names]

    def method_class(self, name: str) -> type[Learner]:
        """The class of a method, imported on first use."""
        if name not in self._classes:
            self._classes[name] = discovery.load(name, self.packages)
        return self._classes[name]

    def settings(self, trial: Trial) -> Any:
        """Those of a trial's variant under the profile; UnknownNameError without such a variant."""
        method = self.method_class(trial.method)
        known = ("default", *method.variants)
        if trial.variant not in known:
            raise UnknownNameError(f"variant of {trial.method}", trial.variant, known)
        return method.settings_for(
            trial.variant, self.profile.name, kind=self.tasks[trial.task].kind
        )

    def resources(self, trial: Trial) -> Resources:
        """What a trial needs: what its method declares, and memory for copies of the backbone."""
        declared = self.method_class(trial.method).resources
        model = getattr(self.backbone(trial.backbone), "model", None)
        weights = 0 if model is None else sum(p.numel() * 4 for p in model.parameters())
        memory = BASE_GIB + BACKBONE_COPIES * weights / 2**30
        return dataclasses.replace(declared, memory_gib=max(declared.memory_gib, memory))

    def inputs(self, trial: Trial, settings: Any) -> dict[str, Any]:
        """Everything that determines the result of a trial with these settings, as plain values."""
        task, corpus = self.tasks[trial.task], self.corpus(trial.task)
        method = self.method_class(trial.method)
        graded = self._graded if task.kind == FIRST_KIND else None
        identified = self._identified(trial)
        return {
            "schema": schema_of(task.kind),
            "task": {
                "name": identified.task,
                "options": task.settings,
                "sizes": dataclasses.asdict(self._sizes(trial.task)),
                # Named where it is not the first kind there was, as `balanced_training` below.
                **({"kind": task.kind} if task.kind != FIRST_KIND else {}),
            },
            "corpus": {"name": corpus.name, "content": corpus.content_hash},
            "backbone": {
                "name": identified.backbone,
                "weights": self.backbone(trial.backbone).weights_hash,
            },
            # Data folders differ in whether they have any.
            **({"similarity": graded.content_hash} if graded else {}),
            "method": trial.method,
            "variant": trial.variant,
            "settings": dataclasses.asdict(settings),
            "correlation": trial.correlation,
            "seed": trial.seed,
            # Named only where it is so: without it, keys are those of records that never had it.
            **({"balanced_training": True} if method.balanced_training else {}),
            **({"control": True} if method.control else {}),
        }

    @cached_property
    def _graded(self) -> Corpus | None:
        """Pairs whose likeness is measured, where there are any."""
        from harness.evaluation.retention import sts_corpus

        return sts_corpus(self.data_dir)

    def _identity(self, task: str) -> str:
        return self.tasks[task].identity(self.corpus(task))

    def _identified(self, trial: Trial) -> Trial:
        """The trial with content instead of names that a user chose for files and folders."""
        backbone, folder = trial.backbone, Path(trial.backbone).expanduser()
        if getattr(self.backbone(backbone), "folder", None) == folder:
            backbone = folder_identity(folder)
        return dataclasses.replace(trial, task=self._identity(trial.task), backbone=backbone)

    def _sizes(self, task: str) -> Sizes:
        """Rows to draw: the profile's, but a user's own data give all that they hold."""
        from data.quotas import Sizes

        corpus = self.corpus(task)
        if self.profile.rows is None or corpus.source == "own":
            return self.tasks[task].default_sizes(corpus)
        return Sizes(*self.profile.rows)

    def _drawn(self, task: str, correlation: float, seed: int) -> Draw:
        return self.tasks[task].draw(
            self.corpus(task),
            correlation=correlation,
            seed=split_seed(self._identity(task), seed),
            sizes=self._sizes(task),
        )

    def _referred(
        self, task: str, correlation: float, seed: int, backbone: str, max_tokens: int
    ) -> Reference:
        from harness.encoders.encoding import frozen_vectors
        from harness.evaluation.retention import make_reference, sts_pairs

        draw, encoder = self._draw(task, correlation, seed), self.backbone(backbone)
        pairs = None if self._graded is None else sts_pairs(self._graded)
        return make_reference(
            lambda texts: frozen_vectors(encoder, texts, max_tokens),
            draw.evaluation,
            draw.training.train.texts,
            pairs=pairs,
            seed=split_seed(self._identity(task), seed),
        )


@lru_cache(maxsize=8)
def folder_identity(folder: Path) -> str:
    """A hash of what a backbone's folder holds besides weights, which have a hash of their own."""
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        if file.suffix in (".json", ".txt", ".model"):
            digest.update(f"{file.name}:{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return f"folder-{digest.hexdigest()[:16]}"


def split_seed(task: str, seed: int) -> int:
    """The seed of a draw and of its probes: neither method nor correlation takes part."""
    return seed_from("split", task, seed)
