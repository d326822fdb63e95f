"""The main table: target accuracy and leakage of every method (Zhang et al. 2021, tables 1 to 3).

Runs the trials that are missing; the phases are timed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.conftest import Suite, done
from harness.analysis.scores_csv import write_scores
from harness.outputs.tables import write_tables
from harness.runs import driver


def once(benchmark: Any, phase: Callable[[], Any]) -> Any:
    return benchmark.pedantic(phase, rounds=1, iterations=1)


def test_trials(benchmark: Any, suite: Suite) -> None:
    outcome = once(benchmark, lambda: driver.run(suite.trials, suite.trial_inputs, suite.results))
    assert not outcome.failed, outcome.failed
    assert len(outcome.stored) + len(outcome.done) + len(outcome.skipped) == len(suite.trials)


def test_scores(benchmark: Any, suite: Suite) -> None:
    path = once(benchmark, lambda: write_scores(suite.results, suite.profile))
    assert len(path.read_text(encoding="utf-8").splitlines()) > len(suite.trials)


def test_tables(benchmark: Any, suite: Suite, outputs: list[Path]) -> None:
    written = once(benchmark, lambda: write_tables(suite.results, suite.profile))
    summary = next(path for path in written if path.name == "summary.md")
    # Methods with fewer seeds than others carry the number of a note.
    text = re.sub(r"<sup>.*?</sup>", "", summary.read_text(encoding="utf-8"))
    assert {t.method for t in suite.trials} <= {word.strip("*| ") for word in text.split("|")}


def test_every_representation_is_measured_alike(suite: Suite, outputs: list[Path]) -> None:
    """Each trial has a target accuracy of each aspect and a leakage of each pair, by each probe."""
    measured = suite.measured()
    for condition in measured.conditions:
        aspects = measured.aspects(condition)
        for method_variant in measured.method_variants(condition):
            for record in done(measured, condition, method_variant):
                found = {(s.representation, s.factor, s.probe) for s in record.scores if s.probe}
                pairs = {(a, b, p) for a in aspects for b in aspects for p in ("linear", "mlp")}
                assert pairs <= found
