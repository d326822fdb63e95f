"""What the benchmarks of speed measure: the suite beside a reference, in one file for each."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isnan, nan
from pathlib import Path

import pandas as pd
import pytest

from harness.system.storage import write_atomically

RATES = ("texts a second", "sentences a second")
LESS_IS_BETTER = ("s", "MiB")


@dataclass
class Line:
    """One metric of both; nan is not measured.

    Attributes
    ----------
    alone : whether it is worth storing without a reference.
    """

    unit: str
    reference: float = nan
    suite: float = nan
    alone: bool = False

    @property
    def complete(self) -> bool:
        """Whether both were measured, or the suite where that is enough."""
        return not isnan(self.suite) and (self.alone or not isnan(self.reference))

    @property
    def ratio(self) -> str:
        """How many times better the suite is, in time, memory or rate; empty for other units."""
        if self.unit in RATES:
            return f"{self.suite / self.reference:.3g}"
        if self.unit in LESS_IS_BETTER:
            return f"{self.reference / self.suite:.3g}"
        return ""


@dataclass
class Speeds:
    """The lines of one run.

    Attributes
    ----------
    column, value : under what they were measured, such as a precision. Lines under another value,
        of another processor say, stay beside these in the file.
    lines : by what is measured.
    """

    column: str
    value: str
    lines: dict[str, Line] = field(default_factory=dict)

    def line(self, what: str, unit: str, *, alone: bool = False) -> Line:
        """The line of that name, to be filled."""
        return self.lines.setdefault(what, Line(unit, alone=alone))

    def table(self) -> pd.DataFrame:
        """The complete lines: half of a comparison takes the place of no whole one."""
        rows = [
            (what, self.value, _number(line.reference), _number(line.suite), line.ratio, line.unit)
            for what, line in self.lines.items()
            if line.complete
        ]
        columns = ["what", self.column, "reference", "suite", "ratio", "unit"]
        return pd.DataFrame(rows, columns=columns, dtype=str)

    def beside(self, path: Path) -> pd.DataFrame:
        """What the file holds, with what was measured now in the place of the same lines."""
        new = self.table()
        if not path.exists():
            return new
        stored = pd.read_csv(path, dtype=str, keep_default_na=False)
        return (
            pd.concat([stored, new])
            .drop_duplicates(["what", self.column], keep="last")
            .sort_values(self.column, kind="stable")
        )


def _number(value: float) -> str:
    return "" if isnan(value) else f"{value:.4g}"


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def kept(name: str, column: str, value: str, config: pytest.Config) -> Iterator[Speeds]:
    """Speeds that are shown at the end, and stored under that name where `--results` is given."""
    speeds = Speeds(column, value)
    yield speeds
    table = speeds.table()
    if not table.empty:
        with config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print("\n" + table.to_csv(index=False))
        results = config.getoption("--results")
        if results is not None:
            path = results / config.getoption("--profile") / "speed" / f"{name}.csv"
            write_atomically(path, speeds.beside(path).to_csv(index=False))
