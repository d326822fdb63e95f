"""What is measured on written responses, by hand."""

import pytest

from data.responses import Contexts
from harness.evaluation.text.responses import corpus_bleu, distinct, precision_and_recall

KNOWN = Contexts(
    ("what do you see ?", "where is it ?"),
    (
        ("A dog runs over the wet grass.", "Two men sit on a long bench."),
        ("It is under the old bridge.",),
    ),
)


def test_a_response_is_right_in_any_case_and_by_any_of_its_references() -> None:
    right = ["two men sit on a long bench .", "it is under the old bridge ."]
    assert corpus_bleu(right, KNOWN) == pytest.approx(100)
    # Before: with its case it would have lost what begins a sentence, and another's is wrong.
    assert corpus_bleu(right[::-1], KNOWN) < 10


def test_recall_falls_where_one_reference_is_never_found_and_precision_does_not() -> None:
    one, other, third = (text.lower() for each in KNOWN.references for text in each)
    precision, recall = precision_and_recall([[one, one], [third, third]], KNOWN)
    assert precision == pytest.approx(100)
    assert recall == pytest.approx((50 + 100) / 2, abs=5)
    assert precision_and_recall([[one, other], [third]], KNOWN) == pytest.approx((100, 100))
    # A sample of nothing in particular costs precision and no recall.
    precision, recall = precision_and_recall([[one, other, "zzz"], [third]], KNOWN)
    assert precision == pytest.approx((200 / 3 + 100) / 2, abs=2)
    assert recall == pytest.approx(100)


def test_distinct_counts_n_grams_in_any_case() -> None:
    assert distinct([["a b a", "A c"]], 1) == 3 / 5
    assert distinct([["a b a", "A c"]], 2) == 3 / 3
    assert distinct([["a b", "A B"]], 2) == 1 / 2
    assert distinct([["a"]], 2) == 0
