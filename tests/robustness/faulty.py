"""Methods that misbehave, and the command line on a package of them, in processes of its own."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from harness.contract.scores import COST_METRICS
from harness.evaluation import aspects
from harness.runs import deadline
from harness.store.records import Record, read_record

ROOT = Path(__file__).resolve().parents[2]

METHODS = '''
    """Counts of words, in many faulty ways; with FAULTS=off all of them behave."""

    from __future__ import annotations

    import os
    import signal
    import sys
    import time
    from pathlib import Path

    import numpy as np

    from harness.runs import deadline
    from harness.evaluation import aspects
    from harness.contract.heatmap_data import Heatmap
    from harness.contract.method import Method
    from harness.contract.scores import Score

    # Probes and pictures have tests of their own; here they only have to be quick.
    aspects.PROBES = {"linear": aspects.PROBES["linear"]}
    aspects.projected_rows = lambda cells, seed: cells[:0]
    deadline.GRACE_SECONDS = 2.0

    WORDS = ("the", "a", "and", "of", "not", "was", "is")
    OFF = os.environ.get("FAULTS") == "off"
    MARKS = Path(os.environ["MARKS"])


    class Words(Method):
        """Counts of common words. Source: none."""

        name = "words"

        def fit(self, task, backbone, *, seed, progress):
            (MARKS / f"{self.name}-{os.getpid()}").touch()
            progress(1, 1)
            self.noise = np.random.default_rng(seed).normal(size=len(WORDS))
            if not OFF:
                self.misbehave()
            return self

        def misbehave(self):
            pass

        def encode(self, texts, aspect):
            counts = [[text.split().count(word) for word in WORDS] for text in texts]
            return (np.array(counts) + self.noise).astype(np.float32)

        def save(self, folder):
            (folder / "words.json").write_text("{}")

        def load(self, folder, backbone):
            return self

        @property
        def trainable_parameters(self):
            return len(WORDS)


    class Slow(Words):
        """The same, after a while. Source: none."""

        name = "slow"

        def misbehave(self):
            time.sleep(1.5)


    class NotNumbers(Words):
        """Not finite. Source: none."""

        name = "nan"

        def encode(self, texts, aspect):
            found = super().encode(texts, aspect)
            return found if OFF else found * np.float32("nan")


    class WrongShape(Words):
        """One axis too few. Source: none."""

        name = "wrong-shape"

        def encode(self, texts, aspect):
            found = super().encode(texts, aspect)
            return found if OFF else found[:, 0]


    class FewRows(Words):
        """The last row is missing. Source: none."""

        name = "few-rows"

        def encode(self, texts, aspect):
            found = super().encode(texts, aspect)
            return found if OFF else found[:-1]


    class Scalar(Words):
        """A score of a type that JSON does not know. Source: none."""

        name = "scalar"

        def scores(self):
            return () if OFF else (Score("adversary_accuracy", np.float32(0.5)),)


    class ScalarMap(Words):
        """The same in a heat map. Source: none."""

        name = "scalar-map"

        def heatmaps(self):
            values = ((np.float32(0.5),),)
            return () if OFF else (Heatmap("density", ("layer 1",), ("map",), values),)


    class Endless(Words):
        """Never ends. Source: none."""

        name = "endless"

        def misbehave(self):
            while True:
                time.sleep(0.01)


    class Stubborn(Words):
        """Never ends, and will not hear of it. Source: none."""

        name = "stubborn"

        def misbehave(self):
            while True:
                try:
                    time.sleep(0.01)
                except BaseException:
                    pass


    class Chatty(Words):
        """Prints megabytes, by Python and past it. Source: none."""

        name = "chatty"

        def misbehave(self):
            for _ in range(40):
                print("o" * 100_000)
                print("e" * 100_000, file=sys.stderr)
                os.write(1, b"x" * 100_000)
            raise ValueError("m" * 5_000_000)


    class Leaving(Words):
        """Calls sys.exit. Source: none."""

        name = "leaving"

        def misbehave(self):
            sys.exit(3)


    class Dying(Words):
        """Takes its process along. Source: none."""

        name = "dying"

        def misbehave(self):
            os.kill(os.getpid(), signal.SIGKILL)


    class Unlucky(Words):
        """Takes its process along, once. Source: none."""

        name = "unlucky"

        def misbehave(self):
            if len(list(MARKS.glob("unlucky-*"))) == 1:
                os.kill(os.getpid(), signal.SIGKILL)
'''

SCRIPT = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from harness.runs import discovery
discovery.PACKAGES = ("faulty_methods",)
from harness.cli import main
main()
"""


@dataclass(frozen=True)
class Bench:
    """A folder with the package of faulty methods, a cache, and results.

    Attributes
    ----------
    folder : of this test alone.
    """

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> Bench:
        """A new one."""
        package = folder / "packages" / "faulty_methods"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text('"""Methods of a test."""\n')
        (package / "methods.py").write_text(dedent(METHODS).lstrip())
        (folder / "marks").mkdir()
        return cls(folder)

    def join(self, patch: pytest.MonkeyPatch) -> None:
        """Make the package one of this process; what it changes ends with the test."""
        patch.syspath_prepend(self.folder / "packages")
        for name, value in self.environment().items():
            patch.setenv(name, value)
        for name in ("faulty_methods", "faulty_methods.methods"):
            patch.delitem(sys.modules, name, raising=False)
        patch.setattr(aspects, "PROBES", {"linear": aspects.PROBES["linear"]})
        patch.setattr(aspects, "projected_rows", aspects.projected_rows)
        patch.setattr(deadline, "GRACE_SECONDS", deadline.GRACE_SECONDS)

    @property
    def results(self) -> Path:
        return self.folder / "results"

    @property
    def marks(self) -> Path:
        return self.folder / "marks"

    def command(self, *words: object, results: Path | None = None) -> list[str]:
        """`python -m harness run` on the package, under the profile smoke."""
        options = ("run", "--profile", "smoke", "--results", results or self.results)
        packages = str(self.folder / "packages")
        return [sys.executable, "-c", SCRIPT, packages, *map(str, (*options, *words))]

    def environment(self, **more: str) -> dict[str, str]:
        cache = str(self.folder / "cache")
        return {**os.environ, "DISENTANGLE_CACHE": cache, "MARKS": str(self.marks), **more}

    def start(self, *words: object, **more: Any) -> subprocess.Popen[str]:
        """A run in the background."""
        return subprocess.Popen(
            self.command(*words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=self.environment(**more),
        )

    def run(
        self, *words: object, results: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """A run to its end."""
        return subprocess.run(
            self.command(*words, results=results),
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=self.environment(**more),
            timeout=800,
        )

    def paths(self, results: Path | None = None) -> list[Path]:
        """Files of records."""
        return sorted(((results or self.results) / "smoke").glob("records/*/*/*.json"))

    def records(self) -> dict[tuple[str, int], Record]:
        """All records by method and seed, read strictly."""
        found = (read_record(path) for path in self.paths())
        return {(record.trial.method, record.trial.seed): record for record in found}

    def finished(self) -> dict[Path, bytes]:
        """Content of the records that are done."""
        return {p: p.read_bytes() for p in self.paths() if read_record(p).status == "done"}

    def scores(self, results: Path | None = None) -> list[list[str]]:
        """Rows of scores.csv but for the timing rows."""
        path = (results or self.results) / "smoke" / "scores.csv"
        with path.open(newline="") as stream:
            return [row for row in csv.reader(stream) if row[9] not in COST_METRICS]


def last_line(stderr: str) -> str:
    """The one line that an error is: nothing but events stands before it."""
    lines = stderr.splitlines()
    errors = [line for line in lines if line.startswith("error: ")]
    assert len(errors) == 1, stderr
    assert lines[-1] == errors[0]
    assert "Traceback" not in stderr
    return errors[0]


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Wait for something to happen while a process runs."""
    latest = time.monotonic() + 900
    while not true():
        assert time.monotonic() < latest
        if process is not None and process.poll() is not None:
            raise AssertionError(process.communicate())
        time.sleep(0.02)


def alive(pids: Sequence[int]) -> list[int]:
    """Those of the processes that still run; one that nobody has waited for does not."""
    found = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.append(pid)
    return found
