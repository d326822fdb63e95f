"""From what is asked for to the trials that it means."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import tasks as all_tasks
from data.corpora import DATA_DIR_VARIABLE
from data.errors import UnknownNameError, UserError
from harness.contract.learner import Learner
from harness.runs import discovery, profiles
from harness.runs.plan_trials import Studies, Sweep, plan
from harness.runs.trial_inputs import TrialInputs
from harness.store.trial import Trial


@dataclass(frozen=True)
class Request:
    """What to run; what is left empty is the profile's.

    Attributes
    ----------
    profile : its name; by default `quick`, or `standard` where there is a data folder.
    tasks : names of tasks.
    options : task name to its options, such as the genres of `movies`.
    methods : names of methods; by default all that are discovered.
    variants : names of variants; by default `default`, or all under a profile that says so.
    seeds : how many.
    correlations : instead of each task's own.
    backbone : a name for `harness.encoders.backbones.resolve`.
    data_dir : the folder of real corpora; DISENTANGLE_DATA names another default.
    packages : where methods are discovered.
    """

    profile: str | None = None
    tasks: Sequence[str] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    methods: Sequence[str] = ()
    variants: Sequence[str] = ()
    seeds: int | None = None
    correlations: Sequence[float] = ()
    backbone: str | None = None
    data_dir: Path | None = None
    packages: Sequence[str] = discovery.PACKAGES


def prepare(request: Request) -> tuple[tuple[Trial, ...], TrialInputs]:
    """The trials of a request, in order, and what they are made of.

    Studies and the sweep over correlations belong to the whole profile: they are left out where
    tasks, correlations or variants are named. A profile's short list of headline methods holds
    where no methods are named: those that are run with every seed on every task.

    Raises
    ------
    UserError : an unknown name, or real data that the profile needs and nobody gave.
    """
    profile = profiles.find(request.profile or _default_profile(request))
    names = tuple(request.tasks) or profile.tasks
    own_file = names == ("csv",)
    if profile.real_data and not own_file and not _has_data(request):
        raise UserError(
            f"the profile {profile.name} needs real corpora; give their folder with --data-dir or "
            f"{DATA_DIR_VARIABLE}, or use --profile quick"
        )
    found = discovery.methods(request.packages)
    headline = () if request.methods else profile.headline
    methods = tuple(dict.fromkeys(request.methods)) or _in_order(found, headline)
    for method in methods:
        if method not in found:
            raise UnknownNameError("method", method, found)
    if not methods:
        raise UserError(f"no method was found in {' or '.join(request.packages)}; add one")
    _check_options(names, request.options)
    chosen = {
        task.name: task
        for task in (all_tasks.find(name, **request.options.get(name, {})) for name in names)
    }
    trial_inputs = TrialInputs(
        profile, chosen, data_dir=request.data_dir, packages=request.packages
    )
    kinds = {name: task.kind for name, task in chosen.items()}
    classes = {name: trial_inputs.method_class(name) for name in methods}
    takes = {
        method: [task for task, kind in kinds.items() if kind in each.kinds]
        for method, each in classes.items()
    }
    for method in request.methods:
        if not takes[method]:
            raise UserError(
                f"{method} learns tasks of the kind {' or '.join(classes[method].kinds)}, and of "
                f"these there is none among {', '.join(names)}; name one with --task"
            )
    sweep, studies = None, list[Studies]()
    if not (request.tasks or request.correlations or request.variants):
        studies = [
            Studies(
                task,
                {method: each.studies.get(kinds[task], {}) for method, each in classes.items()},
            )
            for task in profile.study_tasks
        ]
        sweep = Sweep(profile.sweep_task, profile.sweep, profile.sweep_methods or methods)
    trials = plan(
        {
            name: tuple(request.correlations) or (task.default_correlation,)
            for name, task in chosen.items()
        },
        _variants(request, classes, profile.all_variants),
        backbone=request.backbone or profile.backbone,
        seeds=profile.seeds if request.seeds is None else request.seeds,
        headline=headline,
        fewer_seeds=profile.fewer_seeds if request.seeds is None else {},
        takes=takes,
        studies=studies,
        sweep=sweep,
    )
    return trials, trial_inputs


def _in_order(found: Iterable[str], headline: Sequence[str]) -> tuple[str, ...]:
    """Headline methods first, so that an interrupted run has them."""
    names = tuple(found)
    first = tuple(name for name in headline if name in names)
    return (*first, *(name for name in names if name not in first))


def _default_profile(request: Request) -> str:
    return "standard" if _has_data(request) and tuple(request.tasks) != ("csv",) else "quick"


def _has_data(request: Request) -> bool:
    return request.data_dir is not None or bool(os.environ.get(DATA_DIR_VARIABLE))


def _check_options(names: Sequence[str], options: Mapping[str, Mapping[str, Any]]) -> None:
    for task, given in options.items():
        if given and task not in names:
            raise UserError(
                f"--{next(iter(given))} belongs to the task {task}, which is not among "
                f"{', '.join(names)}; name it with --task {task}"
            )


def _variants(
    request: Request, classes: Mapping[str, type[Learner]], every: bool
) -> dict[str, tuple[str, ...]]:
    own = {method: ("default", *each.variants) for method, each in classes.items()}
    if not request.variants and not every:
        return {method: each.main_variants for method, each in classes.items()}
    if not request.variants:
        return own
    known = {name for names in own.values() for name in names}
    for variant in request.variants:
        if variant not in known:
            raise UnknownNameError("variant", variant, known)
    return {
        method: tuple(name for name in names if name in request.variants)
        for method, names in own.items()
    }
