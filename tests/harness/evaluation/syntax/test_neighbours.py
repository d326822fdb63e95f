"""Copied analyses: bracket scoring by hand and against an independent one, exact search, bounds."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from data import corpora
from data.syntax.evaluation import analysed_documents
from data.syntax.probing import Analysed
from harness.evaluation.syntax.neighbours import Neighbourhood


def sentence(tree: str, document: str, text: str) -> Analysed:
    tags = tuple(part.split()[0] for part in tree.split("(") if part.rstrip(" )").count(" ") == 1)
    words = len(tags)
    return Analysed(text, document, "g", tags, (0,) * words, ("root",) * words, tree)


FIRST = sentence("(ROOT (S (NP (DT a) (NN b)) (VP (VBZ c) (NP (NN d)))))", "one", "a b c d")
SECOND = sentence("(ROOT (S (NP (NN e)) (VP (VBZ f) (NP (DT g) (NN h)))))", "two", "e f g h")
THIRD = sentence("(ROOT (NP (NP (DT i) (NN j)) (PP (IN k) (NP (NN l)))))", "two", "i j k l")


def independent(gold: str, proposed: str) -> tuple[int, int, int]:
    """Matched, gold and proposed brackets, counted straight from the characters of two trees."""

    def read(tree: str) -> list[tuple[str, int, int]]:
        found, opened, words, position = [], [], 0, 0
        while position < len(tree):
            if tree[position] == "(":
                end = min(tree.find(" ", position), len(tree))
                opened.append((tree[position + 1 : end], words))
                position = end + 1
                if tree[position] != "(":
                    # A word: its label is no bracket.
                    opened.pop()
                    words += 1
                    position = tree.find(")", position) + 1
            elif tree[position] == ")":
                label, start = opened.pop()
                if label != "ROOT":
                    found.append((label, start, words))
                position += 1
            else:
                position += 1
        return found

    left, right = read(gold), read(proposed)
    rest, matched = list(right), 0
    for bracket in left:
        if bracket in rest:
            rest.remove(bracket)
            matched += 1
    return matched, len(left), len(right)


def toward(neighbours: list[int]) -> np.ndarray:
    """Vectors whose nearest other is as listed: each points halfway to its neighbour."""
    vectors = np.eye(len(neighbours), dtype=np.float32)
    return vectors + 0.5 * np.eye(len(neighbours), dtype=np.float32)[neighbours]


def test_brackets_by_hand() -> None:
    # S and VP are shared by the first two, an NP above "a b" and one above the end by neither.
    neighbourhood = Neighbourhood([FIRST, SECOND])
    (group,) = neighbourhood.groups
    assert group.sizes.tolist() == [4, 4]
    # S(0,4) is shared; VP(2,4) against VP(1,4), NP(0,2) against NP(0,1), NP(3,4) against NP(2,4).
    assert group.common.tolist() == [[4, 1], [1, 4]]
    assert group.equal.tolist() == [[4, 1], [1, 4]]
    copied = neighbourhood.nearest(np.ones((2, 3), dtype=np.float32))
    assert copied.bracket_f1 == pytest.approx(2 * 2 / 16)
    assert copied.tag_accuracy == pytest.approx(2 / 8)
    assert independent(FIRST.tree, SECOND.tree) == (1, 4, 4)


def test_a_bracket_that_stands_twice_counts_twice() -> None:
    twice = sentence("(ROOT (NP (NP (NN a) (NN b))))", "one", "a b")
    once = sentence("(ROOT (S (NP (NN c) (NN d))))", "two", "c d")
    again = sentence("(ROOT (NP (NP (NN e) (NN f))))", "three", "e f")
    (group,) = Neighbourhood([twice, once, again]).groups
    assert group.common.tolist() == [[2, 1, 2], [1, 2, 1], [2, 1, 2]]
    assert independent(twice.tree, again.tree) == (2, 2, 2)
    assert independent(twice.tree, once.tree) == (1, 2, 2)


def test_no_neighbour_is_taken_from_the_same_document() -> None:
    neighbourhood = Neighbourhood([FIRST, SECOND, THIRD])
    # The third points to the second, of its own document, and has to make do with the first.
    (group,) = neighbourhood.groups
    assert group.candidates.tolist() == [
        [False, True, True],
        [True, False, False],
        [True, False, False],
    ]
    found = neighbourhood.nearest(toward([2, 2, 1]))
    matched = [independent(a.tree, b.tree) for a, b in
               ((FIRST, THIRD), (SECOND, FIRST), (THIRD, FIRST))]  # fmt: skip
    total = np.sum(matched, axis=0)
    assert found.bracket_f1 == pytest.approx(2 * total[0] / (total[1] + total[2]))


def test_copies_of_a_text_take_part_once() -> None:
    copy = Analysed(FIRST.text.upper(), "three", "g", *vars_of(FIRST))
    assert Neighbourhood([FIRST, SECOND, copy]).texts == (FIRST.text, SECOND.text)


def vars_of(one: Analysed) -> tuple[object, ...]:
    return one.tags, one.heads, one.relations, one.tree


@pytest.fixture(scope="module")
def generated() -> Neighbourhood:
    return Neighbourhood(analysed_documents(corpora.find("gum").embedded(1).frame))


def test_all_pairs_agree_with_the_independent_count(generated: Neighbourhood) -> None:
    random = np.random.default_rng(0)
    for group in generated.groups:
        for _ in range(60):
            i, j = random.integers(len(group.rows), size=2)
            trees = [generated.sentences[group.rows[k]].tree for k in (i, j)]
            matched, gold, proposed = independent(*trees)
            assert group.common[i, j] == matched
            assert (group.sizes[i], group.sizes[j]) == (gold, proposed)
            tags = [generated.sentences[group.rows[k]].tags for k in (i, j)]
            assert group.equal[i, j] == sum(a == b for a, b in zip(*tags, strict=True))


def test_the_search_is_exact(generated: Neighbourhood) -> None:
    vectors = np.random.default_rng(1).normal(size=(len(generated), 16)).astype(np.float32)
    equal = words = 0
    for one, vector in zip(generated.sentences, vectors, strict=True):
        best, found = -2.0, None
        for other, theirs in zip(generated.sentences, vectors, strict=True):
            if len(other.tags) != len(one.tags) or other.document == one.document:
                continue
            cosine = float(np.dot(vector, theirs) / np.linalg.norm(vector) / np.linalg.norm(theirs))
            if cosine > best:
                best, found = cosine, other
        if found is not None:
            equal += sum(a == b for a, b in zip(one.tags, found.tags, strict=True))
            words += len(one.tags)
    assert generated.nearest(vectors).tag_accuracy == pytest.approx(equal / words)


def test_levels_enclose_what_representations_reach(generated: Neighbourhood) -> None:
    chance, bound = generated.chance(), generated.bound()
    tags = sorted({tag for one in generated.sentences for tag in one.tags})
    longest = max(len(one.tags) for one in generated.sentences)
    knowing = np.zeros((len(generated), longest * len(tags)), dtype=np.float32)
    for row, one in enumerate(generated.sentences):
        for place, tag in enumerate(one.tags):
            knowing[row, place * len(tags) + tags.index(tag)] = 1
    told = generated.nearest(knowing)
    assert told.tag_accuracy == pytest.approx(bound.tag_accuracy)
    assert chance.bracket_f1 + 0.2 < told.bracket_f1 <= bound.bracket_f1 + 1e-9
    random = [
        generated.nearest(np.random.default_rng(k).normal(size=(len(generated), 8)).astype("f4"))
        for k in range(10)
    ]
    assert np.mean([c.bracket_f1 for c in random]) == pytest.approx(chance.bracket_f1, abs=0.01)
    assert np.mean([c.tag_accuracy for c in random]) == pytest.approx(chance.tag_accuracy, abs=0.01)


def test_a_lonely_length_has_no_query() -> None:
    short = sentence("(ROOT (NP (NN a)))", "one", "a")
    neighbourhood = Neighbourhood([FIRST, SECOND, short])
    assert len(neighbourhood) == 3
    assert neighbourhood.queries == 2


@pytest.mark.slow
def test_all_of_gum_is_searched_in_seconds() -> None:
    folder = os.environ.get(corpora.DATA_DIR_VARIABLE)
    if not folder or not (Path(folder) / "gum.parquet").exists():
        pytest.skip(f"{corpora.DATA_DIR_VARIABLE} names no folder with gum.parquet")
    frame = corpora.load("gum", data_dir=Path(folder)).frame
    neighbourhood = Neighbourhood(analysed_documents(frame))
    vectors = np.random.default_rng(0).normal(size=(len(neighbourhood), 384)).astype(np.float32)
    begun = time.process_time()
    found = neighbourhood.nearest(vectors)
    assert time.process_time() - begun < 5
    assert found.bracket_f1 == pytest.approx(neighbourhood.chance().bracket_f1, abs=0.01)
