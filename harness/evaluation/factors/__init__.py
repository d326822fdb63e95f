"""How far a code of texts keeps known factors apart, beside what chance and ideal codes get."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from data.rows import IntArray
from data.texts import FactorDraw, FactorRows, FactorTask, TextDraw
from harness.contract.heatmap_data import Heatmap
from harness.contract.learner import Learner
from harness.contract.scores import Score
from harness.evaluation import language
from harness.evaluation.evaluation import Evaluation, check_count, cost_scores
from harness.evaluation.factors import metrics
from harness.evaluation.factors.codes import Codes, FloatArray
from harness.evaluation.factors.metrics import Factors
from harness.evaluation.text.model import LanguageModel
from harness.store.base64_arrays import pack_codes
from harness.system.progress import Progress, silent

MANY = 20
"""Values above which a factor enters its own gap alone: a classifier for each of a thousand values
would see four texts of it, and what is counted by chance would pass for a factor that is told."""

LENGTHS = ("warm_up_epochs", "epochs", "steps")
"""Settings that say how long a method learns."""

HEATMAP = "share of each factor that a variable tells"
SHOWN = 16
"""Variables in the heat map, those that tell most."""

FLOORS = ("permuted", "untrained")
"""Behind the name of each metric: of the same code with permuted factors, and of the code of the
same method untrained."""


def check(draw: FactorDraw) -> None:
    """Refuse fewer than twenty evaluation texts with a UserError."""
    check_count(draw, "texts", 20)


def evaluate(
    method: Learner, draw: FactorDraw, *, seed: int, pictures: bool, progress: Progress
) -> Evaluation:
    """Measure a model of texts, or the representations of a method side by side.

    A model of texts is measured as those of the kind `language` are, too. `seed` is of all that is
    drawn; `pictures` has no meaning here.
    """
    from threadpoolctl import threadpool_limits

    started = time.perf_counter()
    rows = draw.evaluation
    if isinstance(method, LanguageModel):
        texts = TextDraw(draw.training, rows.texts)
        found = language.evaluate(method, texts, seed=seed, pictures=False, progress=progress)
    else:
        found = Evaluation(
            scores=cost_scores(method, seconds=0.0),
            cells=pack_codes(np.zeros(len(rows), dtype=np.int64)),
        )
    codes = Codes.of(*code_of(method, draw.training, rows.texts))
    fresh = untrained(method, draw.training, seed=seed)
    start = Codes.of(*code_of(fresh, draw.training, rows.texts), dead=0.0)
    mixed = np.random.default_rng([seed, 7]).permutation(len(rows))
    permuted = {name: values[mixed] for name, values in rows.factors.items()}
    # One thread, so that sums stay in one order, byte for byte.
    with threadpool_limits(limits=1):
        scores = [
            *measured(codes, rows.factors, seed=seed),
            *measured(codes, permuted, seed=seed, control=FLOORS[0]),
            *measured(start, rows.factors, seed=seed, control=FLOORS[1]),
            *ceiling(rows, seed=seed),
        ]
    scores += above_floors(scores)
    seconds = Score("evaluate_seconds", time.perf_counter() - started)
    kept = [score for score in found.scores if score.metric != seconds.metric]
    live = Score("live_variables", float(len(codes.names) if codes.columns.any() else 0))
    grid = heatmap(codes, rows.factors)
    return replace(found, scores=(*kept, seconds, live, *scores), heatmaps=(grid,))


def code_of(
    method: Any, task: FactorTask, texts: tuple[str, ...]
) -> tuple[FloatArray, tuple[int, ...]]:
    """The code of texts, [n, width], and the widths of its variables.

    Means of the posterior, or all representations side by side, each column a variable.
    """
    if isinstance(method, LanguageModel):
        posterior = method.posterior(texts)
        return posterior.mean, posterior.blocks
    vectors = [method.encode(texts, aspect.name) for aspect in task.labelled.aspects]
    code = np.hstack(vectors).astype(np.float64)
    return code, (1,) * code.shape[1]


def untrained(method: Any, task: FactorTask, *, seed: int) -> Any:
    """The same method after no step of training."""
    none = {name: 0 for name in LENGTHS if hasattr(method.settings, name)}
    fresh = type(method)(replace(method.settings, **none))
    return fresh.fit(task, method.backbone, seed=seed, progress=silent)


def measured(codes: Codes, factors: Factors, *, seed: int, control: str = "") -> list[Score]:
    """All metrics of a code, and the gap of each factor; `control` is added to their names."""
    random = np.random.default_rng([seed, 8])
    few = _few(factors)
    told = metrics.information(codes, factors)
    gaps = metrics.gaps(told, factors)
    values = {
        "z_diff": metrics.z_diff(codes, few, random),
        "z_min_var": metrics.z_min_var(codes, few, random),
        "mig": float(gaps.mean()),
        "sap": metrics.separated(codes, few),
        "modularity": metrics.modularity(metrics.information(codes, few)),
        "explicitness": metrics.explicitness(codes, few),
        **metrics.dci(codes, few, seed),
    }
    behind = f"_{control}" if control else ""
    return [
        *(Score(f"{name}{behind}", value) for name, value in values.items()),
        *(Score(f"mig{behind}", float(g), factor=f) for f, g in zip(factors, gaps, strict=True)),
    ]


def above_floors(scores: Sequence[Score]) -> list[Score]:
    """Each metric less the higher of its two floors, as `<metric>_above_floors`."""
    found = {score.metric: score.value for score in scores if not score.factor}
    return [
        Score(f"{name}_above_floors", value - max(found[f"{name}_{floor}"] for floor in FLOORS))
        for name, value in found.items()
        if f"{name}_{FLOORS[0]}" in found
    ]


def ceiling(rows: FactorRows, *, seed: int) -> list[Score]:
    """The metrics of a code with a variable for each factor, which is what the text tells of it.

    The gap is the share of the factor that the text tells, which none can exceed. Where texts tell
    factors in part, variables of such a code tell of each other's.
    """
    few = list(_few(rows.factors))
    blocks = [np.eye(rows.told[name].max() + 1)[rows.told[name]] for name in few]
    codes = Codes.of(np.hstack(blocks), [block.shape[1] for block in blocks])
    factors = {name: rows.factors[name] for name in few}
    found = measured(codes, factors, seed=seed, control="ceiling")
    shares = {
        name: metrics.mutual(rows.told[name], factor) / metrics.entropy(factor)
        for name, factor in rows.factors.items()
    }
    return [
        *(score for score in found if score.metric != "mig_ceiling"),
        Score("mig_ceiling", float(np.mean(list(shares.values())))),
        *(Score("mig_ceiling", share, factor=name) for name, share in shares.items()),
    ]


def heatmap(codes: Codes, factors: Factors) -> Heatmap:
    """The share of each factor that a variable tells, of those variables that tell most."""
    told = metrics.information(codes, factors)
    shares = told / [metrics.entropy(factor) for factor in factors.values()]
    shown = np.sort(np.argsort(-shares.max(1), kind="stable")[:SHOWN])
    values = tuple(tuple(float(v) for v in line) for line in shares[shown].T)
    return Heatmap(HEATMAP, tuple(factors), tuple(codes.names[i] for i in shown), values)


def _few(factors: Factors) -> dict[str, IntArray]:
    return {name: values for name, values in factors.items() if values.max() < MANY}
