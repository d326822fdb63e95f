"""Each check of methods that tag texts catches its fault."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from baselines.two_tasks.recurrent import JointRnn
from data.tagging import Span
from harness.conformance import benches
from harness.conformance.checks import ConformanceError, check_refusals
from harness.conformance.tagged_texts import (
    TaggingBench,
    check_found,
)
from harness.encoders.backbones import Backbone
from harness.evaluation.text.tagger import Found, Tagger


@pytest.fixture(scope="module")
def bench(backbone: Backbone) -> TaggingBench:
    return benches.tagging(backbone)


def changed(change: Callable[[Found, int], Found]) -> type[Tagger]:
    """A method whose finds are changed, by what was found and the number of texts."""

    class Changed(JointRnn):
        def fit(self, *of, **more):  # type: ignore[no-untyped-def]
            return self

        def read(self, texts):  # type: ignore[no-untyped-def]
            labels = np.array([len(text) % 2 for text in texts])
            spans = tuple((Span(0, 1, "PROFESION"),) for _ in texts)
            return change(Found(labels, spans), len(texts))

    return Changed


def spans(*found: Span) -> Callable[[Found, int], Found]:
    return lambda all_, count: replace(all_, spans=(found,) * count)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda found, _: Found(None, None), "neither labels nor spans"),
        (lambda found, _: replace(found, labels=found.labels * 2), "neither 0 nor 1"),
        (lambda found, _: replace(found, labels=found.labels * 1.0), "float64 instead of int64"),
        (lambda found, _: replace(found, spans=found.spans[1:]), "leaves texts out"),
        (spans(Span(0, 3, "PROFESION"), Span(2, 4, "PROFESION")), "overlap"),
        (spans(Span(0, 9_999, "PROFESION")), "outside of their text"),
        (spans(Span(1, 1, "PROFESION")), "a span is empty"),
        (spans(Span(0, 1, "GUESS")), "a type is unknown"),
        (lambda found, n: replace(found, labels=np.arange(n) % 2), "depends on the other texts"),
    ],
)
def test_each_fault_is_caught(
    change: Callable[[Found, int], Found], complaint: str, bench: TaggingBench
) -> None:
    with pytest.raises(ConformanceError, match=complaint):
        check_found(changed(change), bench)


def test_an_honest_one_passes_and_an_answer_before_fit_is_caught(bench: TaggingBench) -> None:
    honest = changed(lambda found, _: found)
    check_found(honest, bench)
    with pytest.raises(ConformanceError, match="before fit is not refused"):
        check_refusals(honest, bench)
