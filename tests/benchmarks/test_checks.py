"""A wrong number, wherever it is planted, is found by the checks of the benchmark suite."""

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.checks import CHECKS
from harness.analysis.condition_scores import ConditionScores
from harness.analysis.scores_csv import write_scores
from harness.analysis.statistics import Interval
from harness.outputs.report import write_report
from harness.outputs.report.cards import write_cards
from harness.outputs.tables import write_tables
from harness.store.records import schema_of

STORED = Path(__file__).parents[2] / "results" / "quick" / "records" / "movies"
METHODS = ("untuned", "leace", "masked-weights")
SLUG = "movies-rho0.85-minilm"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some stored trials with all that follows from them but figures."""
    results = tmp_path_factory.mktemp("results")
    for method in METHODS:
        shutil.copytree(STORED / method, results / "quick" / "records" / "movies" / method)
    for write in (write_scores, write_tables, write_report, write_cards):
        write(results, "quick")
    return results


@pytest.fixture
def results(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "results"))


def red(results: Path) -> set[str]:
    """The checks that find a fault."""
    return {check.__name__ for check in CHECKS if list(check(results, "quick"))}


def in_text(path: str, old: str, new: str) -> Callable[[Path], None]:
    """A plant that replaces what stands first in a file."""

    def plant(folder: Path) -> None:
        text = (folder / path).read_text(encoding="utf-8")
        assert old in text
        (folder / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return plant


def in_page(path: str, table: str, around: str) -> Callable[[Path], None]:
    """A plant in what a page says of the leakage of `leace`, wherever it says so."""

    def plant(folder: Path) -> None:
        with (folder / "tables" / f"{SLUG}.csv").open(encoding="utf-8", newline="") as stream:
            cells = [
                (row["table"], row["row"], row["column"], row) for row in csv.DictReader(stream)
            ]
        (cell,) = (c for *names, c in cells if names == [table, "leace", "leakage, linear ↓"])
        old, new = around.format(cell["shown"]), around.format(f".1{cell['shown'][2:]}")
        text = (folder / path).read_text(encoding="utf-8")
        assert old in text
        (folder / path).write_text(text.replace(old, new), encoding="utf-8")

    return plant


def in_record(method: str, metric: str, value: float) -> Callable[[Path], None]:
    """A plant in the first number of that name, from which all that follows is made again."""

    def plant(folder: Path) -> None:
        stored = {
            path: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted((folder / "records" / "movies" / method).iterdir())
        }
        # Records of an older measure lie beside those that count.
        current = ((p, held) for p, held in stored.items() if held["schema"] == schema_of())
        path, content = next(current)
        next(s for s in content["scores"] if s["metric"] == metric)["value"] = value
        path.write_text(json.dumps(content), encoding="utf-8")
        for write in (write_scores, write_tables, write_report, write_cards):
            write(folder.parent, folder.name)

    return plant


def test_what_is_stored_passes(results: Path) -> None:
    assert red(results) == set()


@pytest.mark.parametrize(
    ("plant", "found_by"),
    [
        (in_text("scores.csv", "leakage,0.", "leakage,0.9"), "scores_follow_from_records"),
        (in_record("leace", "target_accuracy", 0.987), "accuracies_follow_from_rows"),
        (in_record("leace", "worst_group_accuracy", 0.987), "accuracies_follow_from_rows"),
        (in_record("leace", "leakage", 1.5), "numbers_are_possible"),
        (in_record("leace", "fit_seconds", -1.0), "numbers_are_possible"),
        (in_record("untuned", "leakage", 0.5), "untuned_separates_nothing"),
        (
            in_text(f"tables/{SLUG}.csv", '"leakage, linear ↓",0.', '"leakage, linear ↓",0.9'),
            "tables_follow_from_records",
        ),
        (in_text(f"tables/{SLUG}.csv", ".830 ±", ".803 ±"), "tables_follow_from_records"),
        (in_page("report.html", "Summary", ">{}<"), "pages_follow_from_records"),
        (
            in_page("cards/movies/leace.md", "genre representation", "| {} |"),
            "pages_follow_from_records",
        ),
    ],
)
def test_a_planted_wrong_number_is_found(
    plant: Callable[[Path], None], found_by: str, results: Path
) -> None:
    plant(results / "quick")
    assert found_by in red(results)


def test_a_wrong_interval_is_found(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one seed it follows from rows alone: the fault is in what makes it."""
    honest = ConditionScores.interval

    def shifted(*given: Any) -> Interval | None:
        found = honest(*given)
        return found and replace(found, mean=found.mean + 0.01)

    monkeypatch.setattr(ConditionScores, "interval", shifted)
    assert "intervals_follow_from_records" in red(results)
