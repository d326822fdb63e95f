"""Records made by hand: rows correct with a known probability, written as the suite does."""

import zlib
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from harness.analysis.scores_csv import write_scores
from harness.contract.scores import Score
from harness.store.base64_arrays import pack_bits, pack_codes, pack_points
from harness.store.records import Projection, Record, key_of, schema_of, write_record
from harness.store.trial import Trial

PROBES = ("linear", "mlp", "kernel", "neighbours", "forest", "strongest")
TWO = {"genre": ("drama", "horror"), "sentiment": ("negative", "positive")}
THREE = {
    "size": ("small", "large"),
    "colour": ("red", "blue", "green"),
    "animal": ("cat", "dog", "owl", "newt"),
}


def made_record(
    method: str,
    *,
    seed: int = 0,
    target: float = 0.8,
    leakage: float = 0.6,
    status: str = "done",
    reason: str = "",
    task: str = "movies",
    correlation: float = 0.85,
    variant: str = "default",
    backbone: str = "minilm",
    aspects: Mapping[str, Sequence[str]] = TWO,
    rows: int = 400,
    own: Sequence[Score] = (),
    pictures: bool = False,
    balanced: bool = False,
    kept: float | None = 0.5,
    control: bool = False,
) -> Record:
    """A record whose probes are right with probability `target` or `leakage`, row by row.

    `balanced` makes it the record of an upper bound, `control` that of a control. `kept` is what it
    keeps of the untuned encoder, near one number where it is near 0; None leaves retention out.
    """
    trial = Trial(task, correlation, backbone, method, variant, seed)
    inputs = {"trial": [task, correlation, backbone, method, variant, seed], "schema": schema_of()}
    if balanced:
        inputs["balanced_training"] = True
    if control:
        inputs["control"] = True
    common = {"schema": schema_of(), "key": key_of(inputs), "trial": trial, "inputs": inputs}
    if status != "done":
        return Record(**common, status=status, reason=reason)
    rng = np.random.default_rng(zlib.crc32(repr(inputs).encode()))
    names = ["-".join(classes) for classes in product(*aspects.values())]
    cells = np.arange(rows) % len(names)
    scores, right = [], {}
    for representation, factor, probe in product(aspects, aspects, PROBES):
        own_factor = representation == factor
        told = rng.random(rows) < (target if own_factor else leakage)
        metric = "target_accuracy" if own_factor else "leakage"
        where = (representation, factor, probe)
        scores.append(Score(metric, float(told.mean()), *where))
        scores.append(Score("usable_bits", max(0.0, float(told.mean()) - 0.5), *where))
        if probe in ("linear", "mlp"):
            scores.append(Score("description_length", 1.2 - float(told.mean()), *where))
        if probe == "linear":
            for share in (25, 50):
                fewer = told[: rows * share // 100]
                scores.append(Score(f"{metric}_{share}_percent", float(fewer.mean()), *where))
        right["/".join(where)] = pack_bits(told)
    for aspect in aspects:
        for metric, value in (("average_accuracy", target), ("worst_group_accuracy", leakage)):
            noisy = value + 0.01 * float(rng.standard_normal())
            scores.append(Score(metric, noisy, aspect, aspect, "classifier"))
    for aspect in aspects if kept is not None else ():
        shaken = kept if kept == 1 else kept * (1 + 0.02 * float(rng.standard_normal()))
        for metric, value in (
            ("neighbours_kept", shaken),
            ("recovered", shaken),
            ("effective_rank", 1 + 170 * shaken),
            ("linear_cka", 0.5),
        ):
            scores.append(Score(metric, value, aspect))
        for factor in ("", "length", "topic"):
            scores.append(Score("other_factors", shaken, aspect, factor))
    if kept is not None:
        scores.append(Score("neighbours_chance", 0.01))
    costs = {
        "fit_seconds": 12.5 + seed,
        "encode_texts_per_second": 310.0,
        "evaluate_seconds": 4.0,
        "peak_memory_bytes": 1.5 * 2**30,
        "trainable_parameters": 1_234_567.0,
        "artifact_bytes": 3000.0,
    }
    scores += [Score(name, value) for name, value in costs.items()]
    picked = np.arange(min(rows, 400))
    plane = rng.standard_normal((len(picked), 2)) + (cells[picked] % 2)[:, None] * 2
    shown = {a: Projection(pack_points(plane), pack_codes(picked)) for a in aspects}
    return Record(
        **common,
        status="done",
        reason="",
        counts={"evaluation": {n: int(c) for n, c in zip(names, np.bincount(cells), strict=True)}},
        classes={name: tuple(classes) for name, classes in aspects.items()},
        scores=(*scores, *own),
        chance={name: 1 / len(classes) for name, classes in aspects.items()},
        cells=pack_codes(cells),
        right=right,
        projections=shown if pictures else {},
        provenance={"started": f"2026-01-01T00:00:0{seed}+00:00"},
    )


def stored(results: Path, records: Sequence[Record], profile: str = "quick") -> Path:
    """Write records and their scores.csv below `results`."""
    for record in records:
        write_record(results, profile, record)
    write_scores(results, profile)
    return results


def usual_records(seeds: int = 3, **changes: object) -> list[Record]:
    """Three methods of which one leaks least, on two aspects."""
    levels = {
        "untuned": {"target": 0.75, "leakage": 0.75, "kept": 1.0},
        "adversarial": {"target": 0.80, "leakage": 0.70, "kept": 0.3},
        "masked-weights": {"target": 0.81, "leakage": 0.60, "kept": 0.004},
    }
    return [
        made_record(method, seed=seed, **{**level, **changes})
        for method, level in levels.items()
        for seed in range(seeds)
    ]
