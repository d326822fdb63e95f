"""Trees are read as they are written, and what is counted in them agrees with counts by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import UserError
from data.syntax.trees import Leaf, Tree, brackets, depth, read_tree, top_constituents

LABELS = st.sampled_from(["S", "NP", "VP", "PP", "-LRB-", "PRP$"])
WORDS = st.text("abcdé'-.,$", min_size=1, max_size=6)
LEAVES = st.builds(Leaf, LABELS, WORDS)
TREES = st.recursive(
    st.builds(lambda label, leaf: Tree(label, (leaf,)), LABELS, LEAVES),
    lambda below: st.builds(
        lambda label, children: Tree(label, tuple(children)),
        LABELS,
        st.lists(st.one_of(below, LEAVES), min_size=1, max_size=4),
    ),
    max_leaves=12,
)

HAND = "(ROOT (S (NP (DT The) (NN cat)) (VP (VBZ sees) (NP (NP (DT a) (NN dog)))) (. .)))"


@given(TREES)
def test_a_tree_is_read_as_it_was_written(tree: Tree) -> None:
    assert read_tree(tree.bracket()) == tree


@given(TREES)
def test_each_constituent_is_one_bracket(tree: Tree) -> None:
    # One opening parenthesis a constituent and one a word.
    words = len(list(tree.leaves()))
    assert brackets(tree).total() == tree.bracket().count("(") - words
    assert all(0 <= start < end <= words for _, start, end in brackets(tree))
    assert (tree.label, 0, words) in brackets(tree)
    assert 1 <= depth(tree) <= brackets(tree).total()


def test_brackets_by_hand() -> None:
    found = brackets(read_tree(HAND))
    assert dict(found) == {
        ("S", 0, 6): 1,
        ("NP", 0, 2): 1,
        ("VP", 2, 5): 1,
        ("NP", 3, 5): 2,
    }
    assert depth(read_tree(HAND)) == 4
    assert top_constituents(read_tree(HAND)) == "NP VP ."
    assert [leaf.tag for leaf in read_tree(HAND).leaves()] == ["DT", "NN", "VBZ", "DT", "NN", "."]


@pytest.mark.parametrize(
    "text",
    ["", "word", "(S", "(S (NP (NN a))", "(S (NN a)) (S (NN b))", "()", "(S)", "(S a b)", "(NN a)",
     "(S a (NN b))", "(S (NN a)))", "((NN a))"],
)  # fmt: skip
def test_what_is_no_tree_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no bracketed tree"):
        read_tree(text)
