"""What every method that tags texts must do, beside `harness.conformance.checks`."""

from __future__ import annotations

from collections.abc import Callable
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

    training: TaggingTask

    @property
    def kind(self) -> str:
        return "tagging"

    def answers(self, fitted: Tagger) -> list[NDArray[Any]]:
        found = fitted.read(self.texts)
        spans = [(i, *span) for i, own in enumerate(found.spans or ()) for span in own]
        return [np.array([] if found.labels is None else found.labels), np.array(spans)]


TaggingCheck = Callable[[type[Tagger], TaggingBench], None]


def check_found(method: type[Tagger], bench: TaggingBench) -> None:
    """Labels 1 or 0, and spans of known types within their text, whatever stands beside it."""
    for variant in ("default", *method.variants):
        fitted, texts = bench.fitted(method, variant=variant), bench.texts
        found = fitted.read(texts)
        something = found.labels is not None or found.spans is not None
        require(something, "read gives neither labels nor spans")
        if (labels := found.labels) is not None:
            require(
                labels.shape == (len(texts),) and labels.dtype == np.int64, "labels' shape or type"
            )
            require(set(labels.tolist()) <= {0, 1}, "a label is neither 0 nor 1")
        if found.spans is not None:
            require(len(found.spans) == len(texts), "read leaves texts out")
            for text, spans in zip(texts, found.spans, strict=True):
                ends = [0, *(place for span in spans for place in span[:2]), len(text)]
                apart = all(first <= second for first, second in pairwise(ends))
                require(apart, "spans overlap, or lie outside of their text")
                require(all(s.begin < s.end for s in spans), "a span is empty")
                require({s.type for s in spans} <= {*bench.training.types}, "a type is unknown")
        turned, one = fitted.read(texts[::-1]), fitted.read(texts[3:4])
        for whole, back, single in (
            (found.labels, turned.labels, one.labels),
            (found.spans, turned.spans, one.spans),
        ):
            if whole is not None and back is not None and single is not None:
                alone = list(back)[::-1] == list(whole) and list(whole)[3:4] == list(single)
                require(alone, "what is found in a text depends on the other texts")


TAGGING_CHECKS: tuple[TaggingCheck, ...] = (
    checks.check_declarations,
    check_found,
    checks.check_deterministic,
    checks.check_saved,
    checks.check_refusals,
    checks.check_backbone_untouched,
)
