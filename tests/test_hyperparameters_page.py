"""The table of docs/hyperparameters.md is that of the stored tuning runs."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path
from statistics import fmean

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "hyperparameters.md").read_text(encoding="utf-8")
ROW = r"^\| `([a-z-]+)` \|.*\| (\d) \| (\.\d+) \| (\.\d+) \| (\.\d+) \|$"


def stored(method: str) -> list[tuple[float, ...]]:
    """Seeds, target, leakage and score of each setting that was tried."""
    path = ROOT / "results" / "standard" / "tuning" / f"movies-{method}.csv"
    fits = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            fits[row["settings"]].append([float(row[k]) for k in ("target", "leakage", "score")])
    return [(len(rows), *map(fmean, zip(*rows, strict=True))) for rows in fits.values()]


def test_every_row_is_a_stored_one() -> None:
    rows = re.findall(ROW, PAGE, flags=re.MULTILINE)
    assert len(rows) == 14
    for method, *shown in rows:
        numbers = pytest.approx([float(number) for number in shown], abs=0.00051)
        assert any(numbers == fit for fit in stored(method)), (method, shown)
