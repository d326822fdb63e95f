"""What an evaluation finds, whatever kind of task it belongs to."""

import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from data.errors import UserError
from data.responses import ResponseDraw
from data.texts import FactorDraw, TextDraw
from harness.contract.heatmap_data import Heatmap
from harness.contract.learner import Learner
from harness.contract.method import Method
from harness.contract.scores import Score
from harness.encoders.hidden_state_cache import without_cache
from harness.store.records import PairRows, Projection
from harness.system.memory import peak_bytes

SAMPLE = 128
"""Texts on which the speed of encoding is measured."""


@dataclass(frozen=True)
class Evaluation:
    """What was measured on one fitted method; empty where none was.

    `counts` are by part (train, valid, evaluation) and cell, `heatmaps` what the method measured on
    itself, `grids` in the record; `harness.store.records.Record` explains the rest. ValueError
    where two scores have the same name: a method measured what its evaluation measures.
    """

    scores: tuple[Score, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chance: Mapping[str, float] = field(default_factory=dict)
    cells: str = ""
    right: Mapping[str, str] = field(default_factory=dict)
    cell_accuracy: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    pairs: PairRows | None = None
    projections: Mapping[str, Projection] = field(default_factory=dict)
    heatmaps: tuple[Heatmap, ...] = ()
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = Counter((s.metric, s.representation, s.factor, s.probe) for s in self.scores)
        if twice := [name for name, count in names.items() if count > 1]:
            raise ValueError(f"{' '.join(filter(None, twice[0]))} is measured twice")


def cost_scores(method: Learner, *, seconds: float) -> tuple[Score, ...]:
    """What every fitted method costs, and what it measured on itself.

    `seconds` are those that the evaluation took.
    """
    return (
        Score("evaluate_seconds", seconds),
        Score("peak_memory_bytes", float(peak_bytes())),
        Score("trainable_parameters", float(method.trainable_parameters)),
        Score("artifact_bytes", float(artifact_bytes(method))),
        *method.scores(),
    )


def check_count(draw: TextDraw | FactorDraw | ResponseDraw, what: str, least: int) -> None:
    """Refuse a draw with fewer evaluation texts, or whatever they are, with a UserError."""
    if (count := len(draw.evaluation)) < least:
        name = draw.training.name
        raise UserError(f"{name} has {count} evaluation {what}; give {least} at least")


def encoding_speed(method: Method, texts: Sequence[str], aspects: Sequence[str]) -> Score:
    """How many texts and aspects a second are encoded by someone who has kept nothing.

    It is measured on the first texts alone, since most of what they take is kept on disk.
    """
    sample = tuple(texts[:SAMPLE])
    begun = time.perf_counter()
    with without_cache():
        for aspect in aspects:
            method.encode(sample, aspect)
    spent = max(time.perf_counter() - begun, 1e-9)
    return Score("encode_texts_per_second", len(sample) * len(aspects) / spent)


def artifact_bytes(method: Learner) -> int:
    """Bytes of all files that the method's `save` writes."""
    with tempfile.TemporaryDirectory() as scratch:
        method.save(Path(scratch))
        return sum(file.stat().st_size for file in Path(scratch).rglob("*") if file.is_file())
