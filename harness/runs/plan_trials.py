"""Which trials a request means, and the order in which they run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from harness.store.trial import Trial


@dataclass(frozen=True)
class Sweep:
    """Correlations besides the main one, on one task, for a few methods and the first seed."""

    task: str
    correlations: tuple[float, ...]
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Studies:
    """Variants of methods that are compared on one task, with the number of seeds of each."""

    task: str
    seeds: Mapping[str, Mapping[str, int]]


def plan(
    correlations: Mapping[str, Sequence[float]],
    variants: Mapping[str, Sequence[str]],
    *,
    backbone: str,
    seeds: int,
    headline: Collection[str] = (),
    fewer_seeds: Mapping[str, int] | None = None,
    takes: Mapping[str, Collection[str]] | None = None,
    studies: Sequence[Studies] = (),
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
    fewer_seeds : task to its seeds, where they are fewer.
    takes : method to the tasks it can learn; by default all of them.
    studies, sweep : left out where its task is not among `correlations`.
    """
    fewer = fewer_seeds or {}
    taken = {
        method: [task for task in correlations if takes is None or task in takes[method]]
        for method in variants
    }
    trials = [
        Trial(task, rho, backbone, method, variant, seed)
        for seed in range(seeds)
        for task, rhos in correlations.items()
        for rho in rhos
        for method, names in variants.items()
        if task in taken[method] and seed < fewer.get(task, seeds)
        if not headline or method in headline or (seed == 0 and task == taken[method][0])
        for variant in names
    ]
    for study in studies:
        if study.task not in correlations:
            continue
        asked = [
            (seed, method, variant)
            for method, variants_asked in study.seeds.items()
            for variant, count in variants_asked.items()
            for seed in range(count)
        ]
        rho = correlations[study.task][0]
        trials += [
            Trial(study.task, rho, backbone, method, variant, seed)
            for seed, method, variant in sorted(asked, key=lambda entry: entry[0])
        ]
    if sweep is not None and sweep.task in correlations:
        trials += [
            Trial(sweep.task, rho, backbone, method, "default", 0)
            for rho in sweep.correlations
            for method in sweep.methods
            if sweep.task in taken.get(method, ())
            if "default" in variants.get(method, ())
        ]
    return tuple(dict.fromkeys(trials))
