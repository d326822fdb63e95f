"""Words of commands, files of one's own to run them on, and what an error looks like."""

import csv
from collections.abc import Sequence
from pathlib import Path

from click.testing import Result

SMOKE = ("run", "--profile", "smoke", "--threads", "1")
OWN = ("--data", "own.csv", "--text", "text", "--aspects", "mood", "topic")


def complaint(result: Result, status: int = 1) -> str:
    """The one line of an error: nothing else stands on stderr but events, and no traceback."""
    assert result.exit_code == status, result.output
    lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert result.stderr.splitlines()[-1] == lines[0]
    assert "Traceback" not in result.output
    return lines[0]


def write_csv(folder: Path, rows: Sequence[Sequence[str]], header: str = "text,mood,topic") -> Path:
    file = folder / "own.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        stream.write(f"{header}\n")
        csv.writer(stream).writerows(rows)
    return file


def balanced(per_cell: int) -> list[list[str]]:
    return [
        [f"text number {i} {mood} {topic}", mood, topic]
        for i in range(per_cell)
        for mood in ("good", "bad")
        for topic in ("sea", "hill")
    ]
