"""An orthographic register: the same sentence with its elidable words in full, or elided.

The register acts on the leaves of a tree after it is drawn, as spelling does on a sentence that is
already thought of; the structure of the sentence stays as it was. The elisions are common relaxed
spellings of everyday English.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from data.generator.grammar import Cue, Draws, Leaf, Node

FACTOR = "register"
CLASSES = ("standard", "elided")
QUOTATION = "other_register"

_ELISIONS: dict[str, tuple[str, int]] = {
    "going_to": ("gonna", 3), "want_to": ("wanna", 3), "got_to": ("gotta", 3),
    "have_to": ("hafta", 3), "because": ("'cause", 3), "kind_of": ("kinda", 3),
    "out_of": ("outta", 3), "a_lot_of": ("a_lotta", 3), "let_me": ("lemme", 3),
    "give_me": ("gimme", 3), "do_not_know": ("dunno", 3), "them": ("'em", 3), "about": ("'bout", 3),
    "about_right": ("'bout_right", 3), "should_have": ("shoulda", 3), "could_have": ("coulda", 3),
    "must_have": ("musta", 3), "supposed_to": ("s'posed_to", 2), "suppose": ("s'pose", 2),
    "remember": ("'member", 2), "what_are_you": ("whatcha", 3), "come_on": ("c'mon", 2),
    "used_to": ("useta", 3), "until": ("'til", 2), "around": ("'round", 2), "except": ("'cept", 2),
    "enough": ("'nough", 2), "probably": ("prob'ly", 2), "and": ("'n'", 3), "of": ("o'", 3),
    "i_am": ("I'm", 1), "you_are": ("you're", 1), "we_are": ("we're", 1),
    "they_are": ("they're", 1), "it_is": ("it's", 1), "that_is": ("that's", 1),
    "do_not": ("don't", 1), "cannot": ("can't", 1), "i_have": ("I've", 1), "i_will": ("I'll", 1),
}  # fmt: skip
_ING = re.compile(r"^[a-z]*[aeiouy][a-z]*ing$")
# Contractions are frequent in any register, and little words are seldom elided in any, so that
# their full form is a weak cue.
_CONTRACTED_AT_LEAST = 0.08
_SELDOM = {"and": 0.5, "of": 0.5}


@dataclass(frozen=True)
class Register:
    """The class of a text and the chance that a place for elision is elided."""

    value: str
    rate: float


def write_register(
    sentences: Sequence[Node], register: Register, draws: Draws
) -> tuple[Node, ...] | None:
    """Choose the spelling of every place for elision.

    Each place becomes a node with a cue for the register it is written in. Inside a node called
    `QUOTATION` the other register speaks.

    Returns
    -------
    The trees rewritten, or None where only contractions show the text's register.
    """
    marked = tuple(_rewrite(node, register, draws) for node in sentences)
    for sentence in marked:
        for node in sentence.nodes():
            cue = node.cue
            if cue and cue.factor == FACTOR and cue.value == register.value and cue.strength > 1:
                return marked
    return None


def _rewrite(node: Node, register: Register, draws: Draws) -> Node:
    if node.symbol == QUOTATION:
        other = CLASSES[1 - CLASSES.index(register.value)]
        register = Register(other, 1 - register.rate)
    children = tuple(
        _spell(child, register, draws) if isinstance(child, Leaf)
        else _rewrite(child, register, draws)
        for child in node.children
    )  # fmt: skip
    return Node(node.symbol, children, node.cue)


def _spell(leaf: Leaf, register: Register, draws: Draws) -> Node | Leaf:
    if entry := _ELISIONS.get(leaf.text.lower()):
        elided, strength = entry
    elif _ING.match(leaf.text):
        elided, strength = leaf.text[:-1] + "'", 2
    else:
        return leaf
    rate = register.rate * _SELDOM.get(leaf.text, 1.0)
    if strength == 1:
        rate = max(rate, _CONTRACTED_AT_LEAST)
    is_elided = draws.uniform() < rate
    if leaf.text in _SELDOM and not is_elided:
        strength = 1
    spelling = Leaf(elided) if is_elided else leaf
    return Node(FACTOR, (spelling,), Cue(FACTOR, CLASSES[is_elided], strength))
