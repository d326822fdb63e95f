"""What a run would do, before anything starts: trials to run, resume and skip, and their cost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.rows import Splits
from harness.runs.driver import missing
from harness.runs.estimates import Estimates, duration, size
from harness.runs.profiles import find
from harness.runs.trial_inputs import TrialInputs
from harness.store.trial import Trial
from harness.system.cache import checkpoint_folder

SHIPPED = Path(__file__).parents[2] / "results"
"""Results that stand beside the source code."""


@dataclass(frozen=True, eq=False)
class Planned:
    """What a run would do.

    Attributes
    ----------
    run : trials that start from nothing.
    resume : trials that go on from what a killed one has kept.
    skip : trials whose record stands.
    estimates : from the records of the profile.
    draws : a line for each task on data of the user's own: its rows, and those that are drawn.
    guess : what is behind the estimates where no trial of the profile is.
    """

    run: tuple[Trial, ...]
    resume: tuple[Trial, ...]
    skip: tuple[Trial, ...]
    estimates: Estimates
    draws: tuple[str, ...] = ()
    guess: str = ""

    def lines(self, *, workers: int = 1) -> Iterator[str]:
        """What all trials cost with so many at a time, then one line a trial."""
        yield from self.draws
        todo = (*self.resume, *self.run)
        yield f"{len(self.run)} to run, {len(self.resume)} to resume, {len(self.skip)} to skip"
        if todo:
            yield self._cost(todo, workers)
        for title, trials in (("skip", self.skip), ("resume", self.resume), ("run", self.run)):
            for trial in trials:
                seconds = None if title == "skip" else self.estimates.seconds([trial])
                cost = "" if seconds is None else f", about {duration(seconds)}"
                yield f"{title:<6}  {trial}{cost}"

    def _cost(self, todo: Sequence[Trial], workers: int) -> str:
        known = [trial for trial in todo if self.estimates.seconds([trial]) is not None]
        if not known:
            return "no earlier trial of this profile and backbone says how long they take"
        seconds = (self.estimates.seconds(known) or 0.0) / min(workers, len(known))
        stored = self.estimates.bytes(known) or 0.0
        at_once = f" with {workers} at a time" if workers > 1 else ""
        return f"about {duration(seconds)}{at_once} and {size(stored)} of records{self.guess}"


def planned(
    trials: Sequence[Trial], trial_inputs: TrialInputs, results: Path, *, again: bool = False
) -> Planned:
    """Sort trials by what a run would do with them; nothing is written.

    `again`: as in `harness.runs.driver.run`. UserError where a corpus, a backbone or a method
    cannot be had, data of the user's own have too few rows, or a task cannot be drawn as asked.
    """
    for trial in {(each.task, each.correlation): each for each in reversed(trials)}.values():
        task = trial_inputs.tasks[trial.task]
        if trial.correlation != task.default_correlation or task.name != type(task).name:
            trial_inputs.splits(trial)
    todo = {
        prepared.trial: any(checkpoint_folder(prepared.key).glob("*"))
        for prepared in missing(trials, trial_inputs, results, again=again)
    }
    profile = trial_inputs.profile.name
    draws = _draws(trials, trial_inputs)
    rows = {task: drawn for task, (drawn, _) in draws.items()}
    estimates = Estimates.of_stored(results, profile, rows=rows)
    if all(estimates.seconds([trial]) is None for trial in trials):
        # What came with the source is of another machine, but better than nothing.
        estimates = Estimates.of_stored(SHIPPED, profile, rows=rows)
    guess, smaller = "", trial_inputs.profile.smaller
    if smaller and all(estimates.seconds([trial]) is None for trial in trials):
        backbone, known = trials[0].backbone, find(smaller).backbone
        wide, narrow = (trial_inputs.backbone(name).width for name in (backbone, known))
        # The same number of layers is trained; products grow with the square of the width.
        times = (wide / narrow) ** 2
        estimates.take_over(Estimates.of_stored(SHIPPED, smaller, rows=rows), backbone, times)
        guess = f", guessed from trials under {known}, times {times:g} for the wider layers"
    return Planned(
        run=tuple(trial for trial, begun in todo.items() if not begun),
        resume=tuple(trial for trial, begun in todo.items() if begun),
        skip=tuple(trial for trial in trials if trial not in todo),
        estimates=estimates,
        draws=tuple(said for _, said in draws.values()),
        guess=guess,
    )


def _draws(trials: Sequence[Trial], trial_inputs: TrialInputs) -> dict[str, tuple[int, str]]:
    """For tasks on data of the user's own, how many rows a trial draws, and this in words."""
    found = {}
    for trial in {trial.task: trial for trial in reversed(trials)}.values():
        corpus = trial_inputs.corpus(trial.task)
        if corpus.source == "own":
            drawn = trial_inputs.splits(trial)
            train, valid, evaluation = map(
                len, (drawn.training.train, drawn.training.valid, drawn.evaluation)
            )
            left_out = drawn.left_out if isinstance(drawn, Splits) else ""
            said = (
                f"{trial.task}: {len(corpus.frame):,} rows{left_out}; a trial draws "
                f"{train:,} to train on, {valid:,} to validate and {evaluation:,} to evaluate"
            )
            found[trial.task] = train + valid + evaluation, said
    return found
