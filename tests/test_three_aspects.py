"""A user's own file with three aspects of two, three and four classes."""

import csv
import itertools
import math
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from data.quotas import Sizes
from data.rows import Splits
from data.tasks.own import Own
from harness.cli import main
from harness.conformance.checks import check_saved
from harness.conformance.representations import Bench, check_representation
from harness.encoders.backbones import Backbone
from harness.runs import discovery

CLASSES = {
    "mood": ("glad", "sad"),
    "type": ("bread", "chess", "rain"),
    "a.b": ("home", "office", "train", "garden"),
}
"""Two have names that no part of a torch module may have."""

METHODS = tuple(n for n in discovery.methods() if "aspects" in discovery.load(n).kinds)
MEASURED = ("untuned", "masked-weights")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, which has twelve rows of each cell."""
    path = tmp_path_factory.mktemp("own") / "own.csv"
    words = random.Random(0)
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["text", *CLASSES])
        for number, cell in enumerate(list(itertools.product(*CLASSES.values())) * 12):
            fillers = " ".join(words.choices(["so", "then", "and", "well", "now"], k=3))
            table.writerow([f"{number} {fillers} {' '.join(cell)}", *cell])
    return path


@pytest.fixture(scope="module")
def bench(own: Path, backbone: Backbone) -> Bench:
    task = Own(Own.Options(own, "text", tuple(CLASSES)))
    splits = task.draw(task.load(None), correlation=0.3, seed=0, sizes=Sizes(96, 32, 1))
    assert isinstance(splits, Splits)
    return Bench(splits.training, splits.evaluation.texts[:12], backbone)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_represents_each_of_them(method: str, bench: Bench) -> None:
    """All that an evaluation asks of a method, which then knows no difference between them."""
    assert bench.aspects == tuple(CLASSES)
    found = discovery.load(method)
    check_representation(found, bench)
    check_saved(found, bench)
    assert all(math.isfinite(score.value) for score in bench.fitted(found).scores())


@pytest.fixture(scope="module")
def rows(own: Path) -> list[dict[str, str]]:
    """The scores of one run."""
    folder = own.parent
    asked = ["--data", own, "--text", "text", "--aspects", *CLASSES]
    limits = ["--profile", "smoke", "--threads", "1", "--correlation", "0.3", "--results", folder]
    words = ["run", *asked, *limits, "--method", *MEASURED]
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    with (folder / "smoke" / "scores.csv").open(encoding="utf-8") as stream:
        scores = list(csv.DictReader(stream))
    matrix = next((folder / "smoke" / "tables").glob("data-own-*matrix*.md"))
    assert all(aspect in matrix.read_text(encoding="utf-8") for aspect in CLASSES)
    return scores


@pytest.mark.parametrize("method", MEASURED)
def test_a_method_gives_a_three_by_three_matrix(method: str, rows: list[dict[str, str]]) -> None:
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
