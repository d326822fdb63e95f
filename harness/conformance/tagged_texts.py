"""What every method that tags texts must do, beside `harness.conformance.checks`."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.tagging import TaggingTask
from harness.conformance import checks
from harness.conformance.checks import require
from harness.evaluation.text.tagger import Tagger


@dataclass(frozen=True)
class TaggingBench(checks.Bench):
    """What the checks run on."""

    kind = "tagging"
    training: TaggingTask

    def answers(self, fitted: Tagger) -> list[NDArray[Any]]:
        found = fitted.read(self.texts)
        spans = [(i, *span) for i, own in enumerate(found.spans or ()) for span in own]
        return [np.array([] if found.labels is None else found.labels), np.array(spans)]


def check_found(method: type[Tagger], bench: TaggingBench) -> None:
    """Labels 1 or 0, and spans of known types within their text, whatever stands beside it."""
    for variant in ("default", *method.variants):
        fitted, texts = bench.fitted(method, variant=variant), bench.texts
        found, turned, one = (fitted.read(some) for some in (texts, texts[::-1], texts[3:4]))
        parts = [(f.labels, f.spans) for f in (found, turned, one)]
        known = [p for p in zip(*parts, strict=True) if all(each is not None for each in p)]
        require(bool(known), "read gives neither labels nor spans")
        for whole, back, single in known:
            require(len(whole) == len(texts), "read leaves texts out")
            alone = [*whole] == [*back][::-1] and [*whole][3:4] == [*single]
            require(alone, "what is found in a text depends on the other texts")
        if (labels := found.labels) is not None:
            require(labels.dtype == np.int64, f"labels are {labels.dtype} instead of int64")
            require(set(labels.tolist()) <= {0, 1}, "a label is neither 0 nor 1")
        for text, spans in zip(texts, found.spans or (), strict=False):
            ends = [0, *(place for span in spans for place in span[:2]), len(text)]
            inside = all(first <= second for first, second in pairwise(ends))
            require(inside, "spans overlap, or lie outside of their text")
            require(all(s.begin < s.end for s in spans), "a span is empty")
            require({s.type for s in spans} <= {*bench.training.types}, "a type is unknown")
