"""How the harness grows: its own share of a trial, two workers for one, 100,000 stored trials.

Under the profile smoke the numbers of trials are small, and nothing about speed is asserted, since
machines are shared; `docs/scaling.md` says what was measured elsewhere, and where.
"""

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.contract.scores import Score
from harness.store.base64_arrays import pack_bits, pack_codes
from harness.store.records import Record, key_of, read_records, record_path, schema_of
from harness.store.trial import Trial

ROOT = Path(__file__).parents[2]
LARGEST_SHARE = 0.03
SECONDS, BYTES = 60.0, 2 * 2**30
"""What scores.csv and all tables of `TRIALS` records may take."""

TRIALS = 100_000
FEW = 1_000
ROWS = 1_000

GROWN = """
import resource, sys, time
from pathlib import Path
from harness.analysis.scores_csv import write_scores
from harness.outputs.tables import write_tables
begun = time.perf_counter()
results = Path(sys.argv[1])
write_scores(results, "quick")
scored = time.perf_counter() - begun
files = write_tables(results, "quick")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(scored, time.perf_counter() - begun, peak, len(files))
"""


@pytest.fixture
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--profile"))


def fit_seconds(record: Record) -> float:
    return {s.metric: s.value for s in record.scores}["fit_seconds"]


def overhead(record: Record) -> float:
    """Seconds of a trial that are neither the method's nor the evaluation's."""
    spent = {s.metric: s.value for s in record.scores}
    whole = record.provenance["seconds"]
    return float(whole - fit_seconds(record) - spent["evaluate_seconds"])


def test_the_harness_takes_little_of_a_trial(benchmark: Any) -> None:
    """Read from the stored trials of `standard` that one process timed from begin to end.

    A trial that went on from a checkpoint may have been timed as a whole for its fit alone: its
    time is then shorter than its fit. Writing a record comes on top.
    """
    done = [r for r in read_records(ROOT / "results", "standard") if r.status == "done"]
    timed = [r for r in done if any(s.metric == "fit_seconds" for s in r.scores)]
    records = [r for r in timed if fit_seconds(r) < r.provenance["seconds"]]
    stored = benchmark.pedantic(lambda: [r.to_json() for r in records], rounds=1)
    share = sum(map(overhead, records)) / sum(r.provenance["seconds"] for r in records)
    benchmark.extra_info["share"] = share
    benchmark.extra_info["median seconds"] = float(np.median([*map(overhead, records)]))
    benchmark.extra_info["bytes a record"] = float(np.mean([*map(len, stored)]))
    assert 0 < share < LARGEST_SHARE


def test_two_workers(benchmark: Any, tmp_path: Path, profile: str) -> None:
    """Trials an hour, from the first that ended on each worker to the last."""
    if profile == "smoke":
        pytest.skip("workers start for longer than the few trials of smoke take")
    seeds = 24
    rates = {}
    for workers in (1, 2):
        log = tmp_path / f"{workers}.jsonl"
        words = f"run --profile smoke --method untuned --seeds {seeds} --threads 2".split()
        # A time that nothing reaches: it sends the trials of one worker to a process too.
        more = ["--workers", str(workers), "--timeout", "9999", "--log-file", str(log)]
        where = ["--results", str(tmp_path / str(workers))]
        subprocess.run(
            [sys.executable, "-m", "harness", *words, *more, *where],
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
        events = [json.loads(line) for line in log.read_text().splitlines()]
        ends = [np.datetime64(e["time"][:-6]) for e in events if e["event"] == "done"]
        spent = (ends[-1] - ends[workers - 1]) / np.timedelta64(1, "s")
        rates[workers] = 3600 * (len(ends) - workers) / spent
    benchmark.extra_info.update({f"trials an hour, {w}": rate for w, rate in rates.items()})
    benchmark.extra_info["speed-up"] = rates[2] / rates[1]
    benchmark.pedantic(lambda: None, rounds=1)


def simulated(count: int) -> Iterator[Record]:
    """Records of a large sweep: 40 settings, 25 methods in 10 variants, 10 seeds."""
    rng = np.random.default_rng(0)
    packed = [pack_bits(rng.random(ROWS) < level) for level in np.linspace(0.5, 0.95, 200)]
    aspects = {"genre": ("horror", "drama"), "sentiment": ("negative", "positive")}
    cells = pack_codes(np.arange(ROWS) % 4)
    probes = tuple(product(aspects, aspects, ("linear", "mlp")))
    sweep = product(range(10), (0.5, 0.7, 0.85, 0.95), range(10), range(25), range(10))
    for task, rho, seed, method, variant in islice(sweep, count):
        named = "untuned" if method == 0 else f"method-{method}"
        changed = "default" if variant == 0 else f"variant-{variant}"
        trial = Trial(f"task-{task}", rho, "minilm", named, changed, seed)
        inputs = {
            **dataclasses.asdict(trial),
            "schema": schema_of(),
            "task": {"name": trial.task, "options": {}, "sizes": {"train": 1200, "valid": 240}},
            "corpus": {"name": trial.task, "content": "c" * 64},
            "backbone": {"name": "minilm", "weights": "w" * 64},
            "settings": {f"setting-{number}": number / 7 for number in range(25)},
        }
        noise = 0.02 * rng.standard_normal(len(probes) + 2)
        scores = [
            Score(metric, float(0.7 + shift), *names)
            for names, shift in zip(probes, noise, strict=False)
            for metric in (
                "target_accuracy" if names[0] == names[1] else "leakage",
                "description_length",
            )
        ]
        scores += [
            Score(metric, float(0.6 + noise[-1]), aspect, aspect, "classifier")
            for aspect in aspects
            for metric in ("average_accuracy", "worst_group_accuracy")
        ]
        scores += [Score("fit_seconds", 12.5), Score("evaluate_seconds", 4.0)]
        scores += [Score("trainable_parameters", 1e6), Score("artifact_bytes", 3e3)]
        names = [f"{a}/{f}/{p}" for a, f, p in probes]
        names += [f"{a}/{a}/classifier" for a in aspects]
        yield Record(
            schema_of(),
            key_of(inputs),
            "done",
            "",
            trial,
            inputs,
            classes=aspects,
            scores=tuple(scores),
            chance=dict.fromkeys(aspects, 0.5),
            cells=cells,
            right={name: packed[rng.integers(200)] for name in names},
            provenance={"started": f"2026-01-01T00:00:0{seed}+00:00", "seconds": 17.0},
        )


def test_many_stored_trials(benchmark: Any, tmp_path: Path, profile: str) -> None:
    count = FEW if profile == "smoke" else TRIALS
    for record in simulated(count):
        path = record_path(tmp_path, "quick", record)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not as the driver does it, which waits for the disk each time.
        path.write_text(record.to_json(), encoding="utf-8")

    def grown() -> list[float]:
        command = [sys.executable, "-c", GROWN, str(tmp_path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
        return [float(word) for word in done.stdout.split()]

    begun = time.perf_counter()
    scored, spent, peak, files = benchmark.pedantic(grown, rounds=1)
    benchmark.extra_info.update({"scores.csv": scored, "all": spent, "peak bytes": peak})
    assert files > 0
    assert spent <= time.perf_counter() - begun
    lines = (tmp_path / "quick" / "scores.csv").read_text().count("\n")
    assert lines == 1 + count * 24
    if count == TRIALS:
        assert spent < SECONDS
        assert peak < BYTES
