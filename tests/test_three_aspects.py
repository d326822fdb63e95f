"""A user's own file with three aspects of two, three and four classes, through every method."""

from __future__ import annotations

import csv
import itertools
import random

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.runs import discovery

CLASSES = {
    "mood": ("glad", "sad"),
    "topic": ("bread", "chess", "rain"),
    "place": ("home", "office", "train", "garden"),
}
METHODS = tuple(n for n in discovery.methods() if "aspects" in discovery.load(n).kinds)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The scores of one run over all methods."""
    folder = tmp_path_factory.mktemp("own")
    words = random.Random(0)
    with (folder / "own.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["text", *CLASSES])
        for number, cell in enumerate(list(itertools.product(*CLASSES.values())) * 20):
            fillers = " ".join(words.choices(["so", "then", "and", "well", "now"], k=3))
            table.writerow([f"{number} {fillers} {' '.join(cell)}", *cell])
    asked = ["--data", folder / "own.csv", "--text", "text", "--aspects", *CLASSES]
    limits = ["--profile", "smoke", "--threads", "1", "--correlation", "0.3", "--results", folder]
    words_ = ["run", *asked, *limits, "--method", *METHODS]
    done = CliRunner().invoke(main, [str(word) for word in words_])
    assert done.exit_code == 0, done.output
    with (folder / "smoke" / "scores.csv").open(encoding="utf-8") as stream:
        scores = list(csv.DictReader(stream))
    matrix = next((folder / "smoke" / "tables").glob("data-own-*matrix*.md"))
    assert all(aspect in matrix.read_text(encoding="utf-8") for aspect in CLASSES)
    return scores


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_three_by_three_matrix(
    method: str, rows: list[dict[str, str]]
) -> None:
    for probe in ("linear", "mlp"):
        found = {
            (row["representation"], row["factor"]): float(row["value"])
            for row in rows
            if row["method"] == method
            and row["probe"] == probe
            and row["metric"] in ("target_accuracy", "leakage")
        }
        assert set(found) == set(itertools.product(CLASSES, CLASSES))
        assert all(0 <= value <= 1 for value in found.values())


def test_the_representation_that_keeps_everything_shows_all_aspects_above_chance(
    rows: list[dict[str, str]],
) -> None:
    untuned = {
        row["factor"]: float(row["value"])
        for row in rows
        if (row["method"], row["probe"], row["metric"]) == ("untuned", "linear", "target_accuracy")
    }
    for aspect, classes in CLASSES.items():
        assert untuned[aspect] > 1 / len(classes) + 0.1
