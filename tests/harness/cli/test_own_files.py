"""Files of one's own that cannot be used: one line says what is wrong with them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from commands import OWN, SMOKE, balanced, complaint, write_csv


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no rows"),
        ([["a text", "good", "sea"]] * 8, "only the class 'good'"),
        ([*balanced(20), ["", "good", "sea"]], "blank in row 81"),
        ([*balanced(20), ["  \t ", "good", "sea"]], "blank in row 81"),
        ([*balanced(20), ["a text", "", "sea"]], "'mood' is blank in row 81"),
        ([row for row in balanced(20) if row[1] == "good"], "only the class 'good'"),
    ],
)
def test_bad_files(
    rows: list[list[str]], said: str, suite: Callable[..., Result], tmp_path: Path
) -> None:
    write_csv(tmp_path, rows)
    assert said in complaint(suite(*SMOKE, *OWN, "--method", "untuned"))


def test_a_cell_too_small_is_counted(suite: Callable[..., Result], tmp_path: Path) -> None:
    rows = balanced(40)
    write_csv(tmp_path, [row for row in rows if row[1:] != ["good", "hill"]] + rows[1:2])
    line = complaint(suite(*SMOKE, *OWN, "--method", "untuned"))
    assert "has 1 rows" in line


def test_a_missing_column(suite: Callable[..., Result], tmp_path: Path) -> None:
    write_csv(tmp_path, balanced(5))
    line = complaint(
        suite(*SMOKE, "--csv", "own.csv", "--text", "txt", "--aspects", "mood", "topic")
    )
    assert "txt" in line
    assert "text" in line


def test_other_encodings(suite: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_bytes("text,mood,topic\ncaf\xe9,good,sea\n".encode("latin-1"))
    assert "not UTF-8" in complaint(suite(*SMOKE, *OWN))


def test_unreadable_parquet(suite: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "movies.parquet").write_bytes(b"PAR1 and then nothing")
    line = complaint(suite(*SMOKE, "--data-dir", tmp_path, "--method", "untuned"))
    assert "movies.parquet" in line


def test_parquet_with_a_column_of_the_wrong_type(
    suite: Callable[..., Result], tmp_path: Path
) -> None:
    import pandas as pd

    frame = {
        "split": ["train", "test"],
        "id": [1, 2],
        "sentiment": ["neg", "pos"],
        "movie_id": ["tt1", "tt2"],
        "genres": [["Drama"], ["Horror"]],
    }
    pd.DataFrame({**frame, "text": [1.5, 2.5]}).to_parquet(tmp_path / "movies.parquet")
    line = complaint(suite(*SMOKE, "--data-dir", tmp_path, "--method", "untuned"))
    assert "text" in line
    pd.DataFrame(frame).to_parquet(tmp_path / "movies.parquet")
    line = complaint(suite(*SMOKE, "--data-dir", tmp_path, "--method", "untuned"))
    assert "text" in line
