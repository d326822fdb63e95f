"""What is measured on a method that labels texts and tags spans of characters in them."""

import time

import numpy as np

from data.errors import UserError
from data.tagging import SORTS, TaggedRows, TaggingDraw
from harness.contract.scores import Score
from harness.evaluation.evaluation import Evaluation, cost_scores
from harness.evaluation.text.tagger import Tagger, label_scores, span_scores
from harness.store.base64_arrays import pack_codes
from harness.system.progress import Progress


def check(draw: TaggingDraw) -> None:
    """Refuse parts without a span, or without a text of either label, with a UserError."""
    training = draw.training
    for rows in (training.train, training.valid, draw.evaluation):
        if not any(rows.spans) or set(rows.labels.tolist()) != {0, 1}:
            raise UserError(
                f"{training.name}: of {len(rows)} texts of a part none has a span, or all have one "
                "label; give more texts"
            )


def evaluate(
    method: Tagger, draw: TaggingDraw, *, seed: int, pictures: bool, progress: Progress
) -> Evaluation:
    """Measure a method that was fitted on `draw.training`; nothing is drawn and no picture kept."""
    started = time.perf_counter()
    rows = draw.evaluation
    found = method.read(rows.texts)
    speed = len(rows) / max(time.perf_counter() - started, 1e-9)
    measured: dict[str, dict[str, float]] = {}
    scores = [Score("encode_texts_per_second", speed)]
    if found.labels is not None:
        measured["label"] = label_scores(found.labels, rows.labels)
    if found.spans is not None:
        measured["span"] = span_scores(found.spans, rows.spans)
        for kind in draw.training.types:
            f1 = span_scores(found.spans, rows.spans, kind)["f1"]
            scores.append(Score("type_f1", f1, factor=kind))
        # Of a label that is read off the spans, whose recall has a limit.
        read_off = np.array([bool(own) for own in found.spans], dtype=np.int64)
        f1 = label_scores(read_off, rows.labels)["f1"]
        scores.append(Score("label_f1_off_spans", f1))
    scores += [Score(f"{of}_{n}", v) for of, values in measured.items() for n, v in values.items()]
    progress(1, 1)
    parts = {"train": draw.training.train, "valid": draw.training.valid, "evaluation": rows}
    return Evaluation(
        scores=(*scores, *cost_scores(method, seconds=time.perf_counter() - started)),
        counts={part: _counts(each) for part, each in parts.items()},
        cells=pack_codes(np.zeros(len(rows), dtype=np.int64)),
    )


def _counts(rows: TaggedRows) -> dict[str, int]:
    positive, without = int(rows.labels.sum()), rows.without_span
    return dict(zip(SORTS, (len(rows) - positive, positive - without, without), strict=True))
