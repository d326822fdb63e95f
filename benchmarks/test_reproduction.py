"""Tables, figures, report and cards of a profile follow from its trials, number by number."""

from pathlib import Path

import pytest

from benchmarks.checks import CHECKS, Check
from benchmarks.conftest import Suite
from harness.runs.driver import Outcome


def test_every_trial_is_done_or_says_why_not(suite: Suite, outcome: Outcome) -> None:
    assert not outcome.failed, outcome.failed
    ended = len(outcome.stored) + len(outcome.done) + len(outcome.skipped)
    assert ended == len(suite.trials)


def test_tables_figures_report_and_cards_are_made(suite: Suite, outputs: list[Path]) -> None:
    made = {path.relative_to(suite.results / suite.profile).parts[0] for path in outputs}
    assert made == {"scores.csv", "tables", "figures", "report.html", "cards"}
    assert all(path.stat().st_size for path in outputs)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_numbers(check: Check, suite: Suite, outputs: list[Path]) -> None:
    faults = list(check(suite.results, suite.profile))
    assert not faults, "\n".join(faults[:20])
