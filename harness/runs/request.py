"""From what is asked for to the trials that it means, and the order in which they run."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import tasks as all_tasks
from data.corpora import DATA_DIR_VARIABLE
from data.errors import UnknownNameError, UserError
from data.tasks.task import Task
from harness.contract.learner import Learner
from harness.runs import discovery, profiles
from harness.runs.profiles import Profile
from harness.runs.trial_inputs import TrialInputs
from harness.store.trial import Trial

OWN = "data"
"""The task on a user's own data."""

OWN_TAGGED = "tagged-data"
"""The same for a CoNLL file."""


@dataclass(frozen=True)
class Request:
    """What to run; what is left empty is the profile's.

    Attributes
    ----------
    profile : its name; by default `quick`, or `standard` on a user's own data and where there is a
        data folder.
    tasks : names of tasks.
    options : task name to its options, such as the genres of `movies`.
    methods : names of methods; by default all that are discovered.
    variants : names of variants; by default `default`, or all under a profile that says so.
    seeds : how many; a study that has fewer keeps them.
    correlations : instead of each task's own.
    backbone : a name for `harness.encoders.backbones.resolve`.
    data_dir : the folder of real corpora; DISENTANGLE_DATA names another default.
    packages : where methods are discovered.
    classes : methods of `methods` that need not be discovered, by name.
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
    classes: Mapping[str, type[Learner]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sweep:
    """Correlations besides the main one, on one task, for a few methods and the first seed."""

    task: str
    correlations: tuple[float, ...]
    methods: tuple[str, ...]


def plan_request(request: Request) -> tuple[tuple[Trial, ...], TrialInputs]:
    """The trials of a request, in order, and what they are made of.

    Studies and the sweep over correlations belong to the whole profile: they are left out where
    tasks, correlations or variants are named. A profile's lists of methods hold where none are
    named: which run, and which of these with every seed on every task. Packages that have none of
    the listed methods run all of theirs.

    UserError where a name is unknown, nothing would run, or the profile needs real data that
    nobody gave.
    """
    has_data = request.data_dir is not None or bool(os.environ.get(DATA_DIR_VARIABLE))
    own = tuple(request.tasks) in ((OWN,), (OWN_TAGGED,))
    default = "standard" if has_data or own else "quick"
    profile = profiles.find(request.profile or default)
    names = tuple(request.tasks) or profile.tasks
    if profile.real_data and not own and not has_data:
        raise UserError(
            f"the profile {profile.name} needs real corpora; give their folder with --data-dir or "
            f"{DATA_DIR_VARIABLE}, or use --profile quick"
        )
    for task, given in request.options.items():
        if given and task not in names:
            raise UserError(
                f"--{next(iter(given))} belongs to the task {task}, which is not among "
                f"{', '.join(names)}; name it with --task {task}"
            )
    found = discovery.methods(request.packages)
    # Headline methods first, so that an interrupted run has them.
    headline = () if request.methods else profile.headline
    listed = [name for name in (*headline, *(profile.others or found)) if name in found]
    methods = request.methods or listed or found
    if not methods:
        raise UserError(f"no method was found in {' or '.join(request.packages)}; add one")
    tasks = [all_tasks.find(name, **request.options.get(name, {})) for name in names]
    chosen = {task.name: task for task in tasks}
    trial_inputs = TrialInputs(
        profile,
        chosen,
        data_dir=request.data_dir,
        packages=request.packages,
        classes=request.classes,
    )
    loaded = ((name, trial_inputs.method_class(name)) for name in methods)
    # What is made from another method's fit comes behind it.
    classes = dict(sorted(loaded, key=lambda each: each[1].made_from is not None))
    left_out = {} if request.methods else profile.left_out
    takes = {
        method: [
            name
            for name, task in chosen.items()
            if task.kind in each.kinds and method not in left_out.get(name, ())
        ]
        for method, each in classes.items()
    }
    for method in request.methods:
        if not takes[method]:
            raise UserError(
                f"{method} learns tasks of the kind {' or '.join(classes[method].kinds)}, and of "
                f"these there is none among {', '.join(names)}; name one with --task"
            )
    whole = not (request.tasks or request.correlations or request.variants)
    trials = trials_in_order(
        {
            name: tuple(request.correlations) or (task.default_correlation,)
            for name, task in chosen.items()
        },
        _variants(request, classes, profile),
        backbone=request.backbone or profile.backbone,
        seeds=profile.seeds if request.seeds is None else request.seeds,
        headline=headline,
        seeds_of=profile.seeds_of if request.seeds is None else None,
        takes=takes,
        studies=_studies(request, classes, profile, takes, chosen) if whole else {},
        sweep=Sweep(profile.sweep_task, profile.sweep, profile.sweep_methods or tuple(classes))
        if whole
        else None,
    )
    if not trials:
        raise UserError(
            f"no method of the profile {profile.name} runs on {', '.join(names)} as asked; name "
            "one that does with --method"
        )
    return trials, trial_inputs


def trials_in_order(
    correlations: Mapping[str, Sequence[float]],
    variants: Mapping[str, Sequence[str]],
    *,
    backbone: str,
    seeds: int,
    headline: Collection[str] = (),
    seeds_of: Callable[[str, str], int] | None = None,
    takes: Mapping[str, Collection[str]] | None = None,
    studies: Mapping[str, Mapping[str, Mapping[str, int]]] | None = None,
    sweep: Sweep | None = None,
) -> tuple[Trial, ...]:
    """All trials, in the order that makes an interrupted run most useful.

    Every method has its first seed on the first task before any has its second seed; studies come
    behind them, at the first correlation of their task, and the sweep last.

    Parameters
    ----------
    correlations : task name to its main correlations, in the order of the tasks.
    variants : method name to the variants to run, in the order of the methods.
    seeds : how many; they are numbered from 0.
    headline : the methods that run with every seed on every task, while the others run with the
        first seed on the first task they take; all of them where it is empty.
    seeds_of : from a task and a method to their seeds, where these are not `seeds` for all.
    takes : method to the tasks it can learn; by default all of them.
    studies : task to the variants of methods that are compared on it, each with its seeds.
    studies, sweep : left out where the task is not among `correlations`.
    """
    counts = {
        (task, method): seeds_of(task, method) if seeds_of else seeds
        for task in correlations
        for method in variants
    }
    taken = {
        method: [task for task in correlations if takes is None or task in takes[method]]
        for method in variants
    }
    trials = [
        Trial(task, rho, backbone, method, variant, seed)
        for seed in range(max(counts.values(), default=0))
        for task, rhos in correlations.items()
        for rho in rhos
        for method, names in variants.items()
        if task in taken[method] and seed < counts[task, method]
        if not headline or method in headline or (seed == 0 and task == taken[method][0])
        for variant in names
    ]
    for task, study in (studies or {}).items():
        if task in correlations:
            studied = [
                Trial(task, correlations[task][0], backbone, method, variant, seed)
                for method, names_to_seeds in study.items()
                for variant, count in names_to_seeds.items()
                for seed in range(count)
            ]
            trials += sorted(studied, key=lambda trial: trial.seed)
    if sweep is not None and sweep.task in correlations:
        trials += [
            Trial(sweep.task, rho, backbone, method, "default", 0)
            for rho in sweep.correlations
            for method in sweep.methods
            if sweep.task in taken.get(method, ())
            if "default" in variants.get(method, ())
        ]
    return tuple(dict.fromkeys(trials))


def _studies(
    request: Request,
    classes: Mapping[str, type[Learner]],
    profile: Profile,
    takes: Mapping[str, Collection[str]],
    tasks: Mapping[str, Task],
) -> dict[str, dict[str, dict[str, int]]]:
    """Task to the variants of methods that a profile compares there, each with its seeds.

    Dials are turned with every seed of the task, so that their curves are paired.
    """
    found = {
        task: {
            name: {
                variant: min(count, request.seeds or count)
                for variant, count in each.studies.get(tasks[task].kind, {}).items()
            }
            for name, each in classes.items()
            if task in takes[name]
        }
        for task in profile.study_tasks
    }
    for task in profile.dial_tasks:
        for name in profile.dial_methods:
            if name in classes and (dial := classes[name].dial) is not None:
                seeds = request.seeds or profile.seeds_of(task)
                turned = dict.fromkeys(dial.variants, seeds)
                found.setdefault(task, {}).setdefault(name, {}).update(turned)
    return found


def _variants(
    request: Request, classes: Mapping[str, type[Learner]], profile: Profile
) -> dict[str, tuple[str, ...]]:
    own = {method: ("default", *each.variants) for method, each in classes.items()}
    if not (request.variants or profile.all_variants):
        return {
            method: own[method]
            if each.control and profile.control_variants
            else (*each.main_variants, *profile.more_variants.get(method, ()))
            for method, each in classes.items()
        }
    known = {name for names in own.values() for name in names}
    for variant in request.variants:
        if variant not in known:
            raise UnknownNameError("variant", variant, known)
    asked = request.variants or known
    return {method: tuple(name for name in names if name in asked) for method, names in own.items()}
