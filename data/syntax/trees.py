"""Constituency trees in bracket notation: reading them, and what can be counted in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from data.errors import UserError

ROOT = "ROOT"
"""The label above the sentence, which says nothing of it."""

_PARTS = re.compile(r"\(\s*([^\s()]+)\s+([^\s()]+)\s*\)|\(\s*([^\s()]+)|(\))|\S")
"""A tag and its word, the label of a constituent, a closing bracket, or what is none of them."""


class Leaf(NamedTuple):
    """A word under its part of speech."""

    tag: str
    word: str


class Tree(NamedTuple):
    """A constituent: its label and what it is made of."""

    label: str
    children: tuple[Tree | Leaf, ...]

    def leaves(self) -> Iterator[Leaf]:
        """The words in order."""
        for child in self.children:
            if isinstance(child, Leaf):
                yield child
            else:
                yield from child.leaves()

    def bracket(self) -> str:
        """The tree as `read_tree` reads it."""
        inner = (
            f"({child.tag} {child.word})" if isinstance(child, Leaf) else child.bracket()
            for child in self.children
        )
        return f"({self.label} {' '.join(inner)})"


def read_tree(text: str) -> Tree:
    """The tree in a text such as `(ROOT (NP (DT the) (NN end)))`.

    UserError where brackets do not match, or a constituent has no label or nothing in it.
    """
    # Beside each constituent that is open what it has so far; the first one is the text itself.
    stack: list[tuple[str, list[Tree | Leaf]]] = [("", [])]
    for tag, word, label, closing in _PARTS.findall(text):
        if word:
            stack[-1][1].append(Leaf(tag, word))
        elif label:
            stack.append((label, []))
        elif closing and len(stack) > 1 and stack[-1][1]:
            ended, children = stack.pop()
            stack[-1][1].append(Tree(ended, tuple(children)))
        else:
            raise _unreadable(text)
    (_, found), *unclosed = stack
    if unclosed or len(found) != 1 or isinstance(found[0], Leaf):
        raise _unreadable(text)
    return found[0]


def _unreadable(text: str) -> UserError:
    shown = text if len(text) <= 60 else text[:59] + "…"
    return UserError(f"{shown!r} is no bracketed tree; write the corpus again")


Bracket = tuple[str, int, int]
"""A label and the words [start, end) that it stands above."""


def brackets(tree: Tree) -> Counter[Bracket]:
    """The labelled brackets of a tree, each as often as it stands there.

    Parts of speech are none, and neither is the root above the sentence.
    """
    found: Counter[Bracket] = Counter()
    _collect(tree, 0, found)
    return found


def _collect(tree: Tree, start: int, found: Counter[Bracket]) -> int:
    end = start
    for child in tree.children:
        end = end + 1 if isinstance(child, Leaf) else _collect(child, end, found)
    if tree.label != ROOT:
        found[tree.label, start, end] += 1
    return end


def depth(tree: Tree) -> int:
    """The most constituents above one word, without the root."""
    below = [depth(child) for child in tree.children if isinstance(child, Tree)]
    return max(below, default=0) + (tree.label != ROOT)


def top_constituents(tree: Tree) -> str:
    """The labels right below the sentence, such as `NP VP .` (Conneau et al. 2018, TopConst)."""
    while len(tree.children) == 1 and isinstance(tree.children[0], Tree):
        tree = tree.children[0]
    return " ".join(
        child.tag if isinstance(child, Leaf) else child.label for child in tree.children
    )
