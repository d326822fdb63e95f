"""Running trials from Python, as `python -m harness run` does from a command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.errors import UserError
from harness.analysis.scores_csv import write_scores
from harness.runs import discovery, driver
from harness.runs.request import Request, plan_request

if TYPE_CHECKING:
    from harness.contract.learner import Learner


def run(
    methods: Sequence[str | type[Learner]] = (),
    tasks: Sequence[str] = (),
    *,
    profile: str = "quick",
    variants: Sequence[str] = (),
    seeds: int | None = None,
    correlations: Sequence[float] = (),
    options: Mapping[str, Mapping[str, Any]] | None = None,
    backbone: str | None = None,
    data_dir: str | Path | None = None,
    results: str | Path = "results",
) -> pd.DataFrame:
    """Run the trials that are missing, one after the other, and give the scores of all of them.

    Parameters
    ----------
    methods : names, or classes of one's own; by default all that there are.
    tasks : names; by default the profile's.
    profile : how much runs, and with which settings: `smoke`, `quick`, `standard` or `paper`.
    variants, seeds, correlations, backbone : as the command's options of these names.
    options : task name to its options, such as `{"movies": {"genres": ("Drama", "Comedy")}}`.
    data_dir : the folder of real corpora.
    results : where the folder of the profile with its records lies.

    Returns
    -------
    scores : a row for each number, with the columns of scores.csv.

    Raises
    ------
    UserError : an unknown name, data that cannot be had, or a trial that failed; the scores of the
        others are written before.
    """
    own = {each.name: discovery.checked(each) for each in methods if isinstance(each, type)}
    names = [each if isinstance(each, str) else each.name for each in methods]
    folder = Path(results)
    trials, trial_inputs = plan_request(
        Request(
            profile=profile,
            tasks=tasks,
            options=options or {},
            methods=names,
            variants=variants,
            seeds=seeds,
            correlations=correlations,
            backbone=backbone,
            data_dir=None if data_dir is None else Path(data_dir),
            classes=own,
        )
    )
    outcome = driver.run(trials, trial_inputs, folder)
    path = write_scores(folder, trial_inputs.profile.name)
    if outcome.failed:
        trial, reason = outcome.failed[0]
        raise UserError(
            f"{len(outcome.failed)} of {len(trials)} trials failed, first {trial}: {reason}; the "
            f"scores of the others are in {path}"
        )
    scores = pd.read_csv(path, keep_default_na=False)
    # As the file has it, which holds ten digits.
    rounded = [replace(each, correlation=float(f"{each.correlation:.10g}")) for each in trials]
    return scores.merge(pd.DataFrame([asdict(each) for each in rounded]))
