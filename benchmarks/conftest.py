"""The benchmark suite: options, the trials of a profile, and the table at the end.

`pytest benchmarks/` runs the trials that are missing in the results folder, makes the tables and
figures again, and prints the summary. Nothing that is stored runs again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.errors import UserError
from harness.analysis.metrics import Condition, MethodVariant
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.tables import render_summary
from harness.outputs.write import write_outputs
from harness.runs.request import Request, plan_request
from harness.runs.trial_inputs import TrialInputs
from harness.store.records import Record
from harness.store.trial import Trial

ROOT = Path(__file__).parent.parent
FIRST = "test_table_leakage.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("disentangle-bench")
    group.addoption("--profile", default="quick", help="how much runs (default: quick)")
    group.addoption("--data-dir", type=Path, help="folder of real corpora")
    group.addoption("--tasks", nargs="+", default=[], help="tasks (default: the profile's)")
    group.addoption("--methods", nargs="+", default=[], help="methods (default: all)")
    group.addoption("--seeds", type=int, help="trials of each (default: the profile's)")
    group.addoption("--backbone", help="built-in name, folder or hub name")
    group.addoption(
        "--results", type=Path, default=ROOT / "results", help="where records and tables lie"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that runs the trials goes first: the others read what it leaves."""
    items.sort(key=lambda item: item.path.name != FIRST)


@dataclass(frozen=True)
class Suite:
    """What a session of benchmarks works on."""

    trials: tuple[Trial, ...]
    trial_inputs: TrialInputs
    results: Path

    @property
    def profile(self) -> str:
        return self.trial_inputs.profile.name

    @property
    def figures(self) -> Path:
        return self.results / self.profile / "figures"

    def measured(self) -> ProfileScores:
        """All that is stored."""
        return ProfileScores.read(self.results, self.profile)


def done(
    measured: ProfileScores, condition: Condition, method_variant: MethodVariant
) -> list[Record]:
    """The records of a method's trials that gave numbers."""
    records = measured.trials.get(condition, {}).get(method_variant, {}).values()
    return [record for record in records if record.status == "done"]


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest) -> Suite:
    import torch

    option = request.config.getoption
    torch.set_num_threads(os.cpu_count() or 1)
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
    return Suite(trials, trial_inputs, option("--results"))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    results, profile = config.getoption("--results"), config.getoption("--profile")
    if (results / profile / "scores.csv").exists():
        terminalreporter.section("results")
        terminalreporter.write_line(render_summary(results, profile))


@pytest.fixture(scope="session")
def outputs(suite: Suite) -> list[Path]:
    """scores.csv, tables and figures, made again from what is stored."""
    if not any((suite.results / suite.profile / "records").glob("*/*/*.json")):
        pytest.skip(f"nothing is stored yet; run all of benchmarks/, {FIRST} goes first")
    return write_outputs(suite.results, suite.profile)
