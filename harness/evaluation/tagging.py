"""What is measured on a method that labels texts and tags spans of characters in them."""

from __future__ import annotations

import time

import numpy as np

from data.errors import UserError
from data.tagging import TaggedRows, TaggingDraw
from harness.contract.scores import Score
from harness.evaluation.evaluation import Evaluation, cost_scores
from harness.evaluation.text.tagger import Counts, Tagger, label_counts, span_counts
from harness.store.base64_arrays import pack_codes
from harness.system.progress import Progress

SORTS = ("negative", "positive with a span", "positive without")
"""Of texts, as records count them; the label of the last is explained by no scored span."""


def check(draw: TaggingDraw) -> None:
    """Refuse parts without a span, or without a text of either label, with a UserError."""
    training = draw.training
    parts = {"training": training.train, "validation": training.valid, "evaluation": draw.evaluation}
    for part, rows in parts.items():
        if not any(rows.spans) or set(rows.labels.tolist()) != {0, 1}:
            raise UserError(
                f"{training.name} has {len(rows)} {part} texts; give enough for texts of both "
                "labels and a span among them"
            )


def evaluate(
    method: Tagger, draw: TaggingDraw, *, seed: int, pictures: bool, progress: Progress
) -> Evaluation:
    """Measure a method that was fitted on `draw.training`; nothing is drawn and no picture kept."""
    started = time.perf_counter()
    rows = draw.evaluation
    found = method.read(rows.texts)
    speed = len(rows) / max(time.perf_counter() - started, 1e-9)
    scores = [Score("encode_texts_per_second", speed)]
    if found.labels is not None:
        scores += _scores("label", label_counts(found.labels, rows.labels))
    if found.spans is not None:
        scores += _scores("span", span_counts(found.spans, rows.spans))
        for kind in draw.training.types:
            f1 = span_counts(found.spans, rows.spans, kind).f1
            scores.append(Score("type_f1", f1, factor=kind))
        # Of a label that is read off the spans, whose recall has a limit.
        read_off = np.array([bool(own) for own in found.spans], dtype=np.int64)
        scores.append(Score("label_f1_off_spans", label_counts(read_off, rows.labels).f1))
    progress(1, 1)
    parts = {"train": draw.training.train, "valid": draw.training.valid, "evaluation": rows}
    return Evaluation(
        scores=(*scores, *cost_scores(method, seconds=time.perf_counter() - started)),
        counts={part: _counts(each) for part, each in parts.items()},
        cells=pack_codes(np.zeros(len(rows), dtype=np.int64)),
    )


def _scores(of: str, counts: Counts) -> list[Score]:
    return [Score(f"{of}_{name}", getattr(counts, name)) for name in ("precision", "recall", "f1")]


def _counts(rows: TaggedRows) -> dict[str, int]:
    positive, without = int(rows.labels.sum()), rows.without_span
    return dict(zip(SORTS, (len(rows) - positive, positive - without, without), strict=True))
