"""Flips are minimal: what does not carry the factor is the same tree, and the corpora stay."""

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.generator import movies, post_pairs, posts, review_pairs, reviews, tweets
from data.generator.grammar import Draws, Leaf, Node
from data.generator.register import FACTOR, Register, write_register

CORPORA = {
    movies: "5847793946e20fd19b1759586b49a4778925227e3bb70aa24314547254f1eb33",
    tweets: "585531754cb4e0b0cb541623fcc1702c730dad01feac1e6215ba60745c7cc84d",
}
WAYS = {"sentiment": {"neg": "pos", "pos": "neg"}, "genre": {"drama": "horror", "horror": "drama"}}


def skeleton(node: Node | Leaf, factor: str) -> object:
    """A tree with a mark, its strength and its form in the place of each cue of a factor."""
    if isinstance(node, Leaf):
        return node.text
    if node.cue is not None and node.cue.factor == factor:
        return node.cue.strength, node.form, node.number
    return node.symbol, tuple(skeleton(child, factor) for child in node.children)


def cues(node: Node, factor: str) -> list[str]:
    return [n.cue.value for n in node.nodes() if n.cue is not None and n.cue.factor == factor]


def review_trees(seed: int) -> Iterator[tuple[Node, dict[str, Node]]]:
    draws = Draws(np.random.default_rng(seed))
    words = {"title": "The Gate", "director": "Ann Lee", "lead": "Jo Day"}
    setting = reviews._setting(draws, {"sentiment": "neg", "genre": "horror"}, words)
    for tree in reviews._sentences(draws, setting):
        flips = {
            factor: reviews.grammar().flipped(tree, classes, draws, setting)
            for factor, classes in WAYS.items()
        }
        yield tree, flips


@given(st.integers(0, 10**6))
def test_a_flip_changes_the_cues_of_its_factor_and_nothing_else(seed: int) -> None:
    for tree, flips in review_trees(seed):
        for factor, flipped in flips.items():
            assert skeleton(flipped, factor) == skeleton(tree, factor)
            assert cues(flipped, factor) == [WAYS[factor][c] for c in cues(tree, factor)]
            if not cues(tree, factor):
                assert flipped == tree


def test_before_a_tree_drawn_again_is_another_one() -> None:
    """The control: without keeping the tree hardly anything stays."""
    first, second = ([tree for tree, _ in review_trees(seed)] for seed in (1, 2))
    assert [skeleton(tree, "genre") for tree in first] != [skeleton(t, "genre") for t in second]


def unspelled(node: Node | Leaf) -> object:
    """A tree with a mark in the place of every elision."""
    if isinstance(node, Leaf):
        return node.text
    return FACTOR if node.symbol == FACTOR else (node.symbol, *map(unspelled, node.children))


@given(st.integers(0, 10**6))
def test_flips_of_posts_keep_the_spelling_or_the_words(seed: int) -> None:
    draws = Draws(np.random.default_rng(seed))
    setting = posts._setting(draws, "toxic", posts._MOODS[1])
    trees = posts._sentences(draws, setting)
    elided, full = (
        write_register(trees, Register(*which), draws)
        for which in (("elided", 0.9), ("standard", 0.02))
    )
    if elided is None or full is None:
        return
    assert list(map(unspelled, elided)) == list(map(unspelled, full))
    turned = {"fine": "toxic", "toxic": "fine"}
    swapped = [posts.grammar().flipped(tree, turned, draws, setting) for tree in elided]
    again = write_register(swapped, Register("elided", 0.9), draws)
    for before, after in zip(elided, again or (), strict=again is not None):
        # What is spelled outside the cues is spelled as it was.
        assert skeleton(after, "toxicity") == skeleton(before, "toxicity")


@pytest.mark.parametrize(
    ("make", "factors"),
    [(review_pairs, ("sentiment", "genre")), (post_pairs, ("toxicity", "register"))],
)
def test_frames_of_pairs(make: object, factors: tuple[str, str]) -> None:
    frame = make(12, seed=3)  # type: ignore[operator]
    assert len(frame) == 12 * 4 * 3
    assert frame["text"].is_unique
    for _, rows in frame.groupby("pair"):
        origin, *flips = rows.to_dict("records")
        changed = [{f for f in factors if flip[f] != origin[f]} for flip in flips]
        assert changed == [{factor} for factor in factors]
    assert set(frame.groupby("pair").first().groupby(list(factors)).size()) == {12}
    assert frame.equals(make(12, seed=3))  # type: ignore[operator]


@pytest.mark.parametrize("make", CORPORA)
def test_the_corpora_themselves_stay_as_they_were(make: object) -> None:
    """Keys of stored records hold their content."""
    text = make(40, seed=20240).to_json()  # type: ignore[operator]
    assert hashlib.sha256(text.encode()).hexdigest() == CORPORA[make]
