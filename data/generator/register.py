"""An orthographic register: the same sentence with its elidable words in full, or elided.

The register acts on the leaves of a tree after it is drawn, as spelling does on a sentence that is
already thought of; the structure of the sentence stays as it was. The elisions are common relaxed
spellings of everyday English.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from data.generator.grammar import Cue, Draws, Leaf, Node
from data.generator.lexicon import lexicon

FACTOR = "register"
CLASSES = ("standard", "elided")
QUOTATION = "other_register"

_ELISIONS: dict[str, tuple[str, int]] = lexicon("elisions")
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

    Each place becomes a node with a cue for the register it is written in, and such a node stays as
    it is. Inside a node called `QUOTATION` the other register speaks.

    Gives the trees rewritten, or None where only contractions show the text's register.
    """
    marked = tuple(_rewrite(node, register, draws) for node in sentences)
    for sentence in marked:
        for node in sentence.nodes():
            cue = node.cue
            if cue and cue.factor == FACTOR and cue.value == register.value and cue.strength > 1:
                return marked
    return None


def _rewrite(node: Node, register: Register, draws: Draws) -> Node:
    if node.symbol == FACTOR:
        return node
    if node.symbol == QUOTATION:
        other = CLASSES[1 - CLASSES.index(register.value)]
        register = Register(other, 1 - register.rate)
    children = tuple(
        _spell(child, register, draws) if isinstance(child, Leaf)
        else _rewrite(child, register, draws)
        for child in node.children
    )  # fmt: skip
    return node._replace(children=children)


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
