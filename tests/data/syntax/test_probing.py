"""Labels of probes: read from analyses by hand, balanced, and free of the length of a sentence."""

from dataclasses import replace

import numpy as np
import pytest

from data.syntax.evaluation import OBJECTS, SUBJECTS
from data.syntax.probing import Analysed, depths, number, probe_rows, tense, tops

DOGS_BARKED = Analysed(
    "The dogs saw a cat .",
    "d",
    "g",
    ("DT", "NNS", "VBD", "DT", "NN", "."),
    (2, 3, 0, 5, 3, 3),
    ("det", "nsubj", "root", "det", "obj", "punct"),
    "(ROOT (S (NP (DT The) (NNS dogs)) (VP (VBD saw) (NP (DT a) (NN cat))) (. .)))",
)
SEEN = replace(
    DOGS_BARKED,
    text="The cat is seen .",
    tags=("DT", "NN", "VBZ", "VBN", "."),
    heads=(2, 4, 4, 0, 4),
    relations=("det", "nsubj:pass", "aux:pass", "root", "punct"),
)


def test_labels_by_hand() -> None:
    assert (tense(DOGS_BARKED), tense(SEEN)) == ("past", "present")
    assert (number(DOGS_BARKED, SUBJECTS), number(DOGS_BARKED, OBJECTS)) == ("plural", "singular")
    assert (number(SEEN, SUBJECTS), number(SEEN, OBJECTS)) == ("singular", None)
    nothing = replace(SEEN, tags=("DT", "NN", "MD", "VB", "."))
    assert tense(nothing) is None
    they = replace(DOGS_BARKED, tags=("DT", "PRP", "VBD", "DT", "NN", "."))
    assert number(they, SUBJECTS) is None


def test_depth_is_read_against_sentences_of_the_same_length() -> None:
    flat = replace(DOGS_BARKED, tree="(ROOT (S (A a) (A b) (A c) (A d) (A e) (A f)))")
    deep = replace(flat, tree="(ROOT (S (A a) (B (A b) (B (A c) (B (A d) (A e) (A f))))))")
    long = replace(flat, tags=flat.tags * 3)
    assert depths([flat, DOGS_BARKED, deep, long]) == ["shallow", None, "deep", None]


def test_top_constituents_leave_marks_out() -> None:
    other = replace(DOGS_BARKED, tree="(ROOT (FRAG (NP (NN end)) (. .)))")
    assert tops([DOGS_BARKED, DOGS_BARKED, other], 1) == ["NP VP", "NP VP", None]


def test_probe_rows_are_balanced_without_repeats() -> None:
    sentences = [replace(SEEN, text=f"text {i % 90}", document=f"d{i % 9}") for i in range(120)]
    labels = ["a" if i % 90 < 30 else "b" if i % 90 < 85 else "c" for i in range(120)]
    rows = probe_rows("x", sentences, labels, per_class=50, random=np.random.default_rng(0))
    assert rows is not None
    # The class c has five texts, too few to take part.
    assert rows.aspects[0].classes == ("a", "b")
    assert np.bincount(rows.labels["x"]).tolist() == [30, 30]
    assert len(set(rows.texts)) == 60
    documents = {s.text: s.document for s in sentences[:90]}
    for group in np.unique(rows.groups):
        texts = [t for t, g in zip(rows.texts, rows.groups, strict=True) if g == group]
        assert len({documents[text] for text in texts}) == 1


@pytest.mark.parametrize("labels", [["a"] * 40, ["a"] * 39 + ["b"], [None] * 40])
def test_one_class_gives_no_probe(labels: list[str | None]) -> None:
    sentences = [replace(SEEN, text=str(i)) for i in range(40)]
    random = np.random.default_rng(0)
    assert probe_rows("x", sentences, labels, per_class=50, random=random) is None
