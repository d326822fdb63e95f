"""The benchmark suite: options, the trials of a profile, what follows from them, a closing table.

`pytest benchmarks/` reproduces tables and figures in a temporary folder: it copies the stored
records there, so that nothing that is stored runs again, and touches no file of the project. With
`--results` it works in that folder instead. What has to train to be measured is in
`benchmarks/speed` and runs where that folder is named.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.errors import UserError
from harness.cli.options import use_threads
from harness.cli.running import carried_out
from harness.outputs.report import write_report
from harness.outputs.report.cards import write_cards
from harness.outputs.tables import render_summary
from harness.outputs.write import write_outputs
from harness.runs.driver import Outcome
from harness.runs.request import Request, plan_request
from harness.runs.trial_inputs import TrialInputs
from harness.store.trial import Trial

STORED = Path(__file__).parent.parent / "results"
RESULTS = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("disentangle-bench")
    group.addoption("--profile", default="quick", help="how much runs (default: quick)")
    group.addoption("--data-dir", type=Path, help="folder of real corpora")
    group.addoption("--tasks", nargs="+", default=[], help="tasks (default: the profile's)")
    group.addoption("--methods", nargs="+", default=[], help="methods (default: all)")
    group.addoption("--seeds", type=int, help="trials of each (default: the profile's)")
    group.addoption("--backbone", help="built-in name, folder or hub name")
    group.addoption("--workers", type=int, help="trials at a time (default: one, or one a GPU)")
    group.addoption(
        "--results",
        type=Path,
        help="folder of records and all that follows from them (default: a temporary copy)",
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what measures, unless it is named."""
    named = any("speed" in Path(argument.split("::")[0]).parts for argument in config.args)
    return True if collection_path.name == "speed" and not named else None


@dataclass(frozen=True)
class Suite:
    """What a session of benchmarks works on."""

    trials: tuple[Trial, ...]
    trial_inputs: TrialInputs
    results: Path

    @property
    def profile(self) -> str:
        return self.trial_inputs.profile.name


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Suite:
    option = request.config.getoption
    use_threads(None)
    asked = Request(
        profile=option("--profile"),
        tasks=option("--tasks"),
        methods=option("--methods"),
        seeds=option("--seeds"),
        backbone=option("--backbone"),
        data_dir=option("--data-dir"),
    )
    try:
        trials, trial_inputs = plan_request(asked)
    except UserError as error:
        pytest.exit(str(error), returncode=1)
    results = option("--results")
    if results is None:
        results = tmp_path_factory.mktemp("results")
        stored = STORED / trial_inputs.profile.name / "records"
        if stored.is_dir():
            shutil.copytree(stored, results / trial_inputs.profile.name / "records")
    request.config.stash[RESULTS] = results
    return Suite(trials, trial_inputs, results)


@pytest.fixture(scope="session")
def outcome(suite: Suite, request: pytest.FixtureRequest) -> Outcome:
    """The trials, of which those without a record have run."""
    workers = request.config.getoption("--workers")
    return carried_out(
        suite.trials, suite.trial_inputs, suite.results, workers=workers, threads=None
    )


@pytest.fixture(scope="session")
def outputs(suite: Suite, outcome: Outcome) -> list[Path]:
    """scores.csv, tables, figures, the report and the cards, made again from what is stored."""
    where = (suite.results, suite.profile)
    return [*write_outputs(*where), write_report(*where), *write_cards(*where)]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    results, profile = config.stash.get(RESULTS, None), config.getoption("--profile")
    if results is not None and (results / profile / "scores.csv").exists():
        terminalreporter.section(f"results in {results}")
        terminalreporter.write_line(render_summary(results, profile))
