"""Two audits, stored as JSON, against each other."""

from dataclasses import replace
from math import hypot, isnan
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from data.errors import UserError
from harness import Audit, audit
from harness.analysis.statistics import Interval
from harness.cli import main
from harness.outputs.audit.comparison import compared
from harness.outputs.audit.result import read_audit

RANDOM = np.random.default_rng(0)
MOOD, PLACE = RANDOM.integers(0, 2, size=(2, 240))
NOISE = RANDOM.normal(size=(240, 5)).astype(np.float32)


@pytest.fixture(scope="module")
def audits() -> tuple[Audit, Audit]:
    """Vectors that tell both, and the same without the place."""
    labels = {"mood": MOOD, "place": PLACE}
    leaking = NOISE + np.column_stack([3 * MOOD, 3 * PLACE, *np.zeros((3, 240))])
    clean = NOISE + np.column_stack([3 * MOOD, *np.zeros((4, 240))])
    return audit(leaking, labels, against=NOISE), audit(clean, labels, against=NOISE)


def test_what_is_written_is_read(audits: tuple[Audit, Audit], tmp_path: Path) -> None:
    unknown = replace(audits[0].readings[0], accuracy=Interval(0.5), description_length=None)
    first = replace(audits[0], readings=(unknown, *audits[0].readings[1:]))
    (tmp_path / "a.json").write_text(first.to_json())
    read = read_audit(tmp_path / "a.json")
    assert read.to_json() == first.to_json()
    assert isnan(read.readings[0].accuracy.low)
    assert read.readings[1] == first.readings[1]


def test_less_leakage_is_told_apart(audits: tuple[Audit, Audit]) -> None:
    document = compared(*audits, ("leaking", "clean"))
    read, kept = document.tables
    rows = {row.keys: [cell.text for cell in row.cells] for row in read.rows}
    assert rows["vectors", "place", "strongest"][3] == "yes"
    assert rows["vectors", "mood", "strongest"][3] == "no"
    first, second = (found.reading("vectors", "place").accuracy for found in audits)
    (line,) = (row for row in read.rows if row.keys == ("vectors", "place", "strongest"))
    difference = line.cells[2].number
    assert difference.mean == second.mean - first.mean
    assert difference.high - difference.mean == pytest.approx(
        hypot(first.half_width, second.half_width)
    )
    assert {row.keys[1] for row in kept.rows} == {
        "effective rank",
        "neighbours",
        "recovered",
        "CKA",
    }
    same = compared(audits[0], audits[0], ("a", "b"))
    assert {row.cells[3].text for table in same.tables for row in table.rows} == {"no", "—"}


def test_the_command_compares_two_files(audits: tuple[Audit, Audit], tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("leaking.json", "clean.json")]
    for file, found in zip(files, audits, strict=True):
        file.write_text(found.to_json())
    done = CliRunner().invoke(main, ["compare", *map(str, files)])
    assert done.exit_code == 0, done.output
    assert "What is read" in done.stdout
    assert "yes*" in done.stdout


def test_what_cannot_be_compared_is_said(audits: tuple[Audit, Audit], tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(audits[0].to_json())
    (tmp_path / "b.json").write_text('{"rows": 3}')
    for name, complaint in (("b.json", "is no audit"), ("c.json", "No such file")):
        words = ["compare", str(tmp_path / "a.json"), str(tmp_path / name)]
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 1
        assert complaint in done.stderr
        assert done.stderr.count("\n") == 1
    other = replace(audits[1], classes={"mood": ("0", "1", "2"), "place": ("0", "1")})
    with pytest.raises(UserError, match="audit the same labels"):
        compared(audits[0], other, ("a", "b"))
    apart = tuple(replace(each, representation="mood") for each in audits[1].readings)
    with pytest.raises(UserError, match="share no vectors and aspect"):
        compared(audits[0], replace(audits[1], readings=apart), ("a", "b"))
