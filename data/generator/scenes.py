"""Sentences of known content and known structure: scenes put into patterns of trees.

A scene says who does what to what, and where: the content. A structure is a pattern with the number
of agent and object and a tense: the syntax. Any scene fits into any structure, so sentences of one
scene are paraphrases of each other, and sentences of one structure have one tree and one row of
tags, whatever their words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from data.generator.lexicon import lexicon
from data.generator.morphology import article, gerund, participle, past, plural, present
from data.syntax.trees import ROOT, Leaf, Tree, read_tree

_LEXICON = lexicon("scenes")

DOMAINS: dict[str, dict[str, list[str]]] = {
    domain: {role: words.split() for role, words in roles.items()}
    for domain, roles in _LEXICON["domains"].items()
}
"""Nouns in the singular for the agents, objects and places of each domain."""

TRAITS: list[str] = _LEXICON["traits"].split()
VERBS: list[str] = _LEXICON["verbs"].split()

PATTERNS: list[str] = _LEXICON["patterns"]
"""Trees whose leaves are words, or what a scene gives.

Labels that end in a, o or s stand for tags in the number of the agent, of the object, or in the
singular. A leaf may name its relation, and its head where that is not the root: `OBJECT/obj@VERB`.
"""

_WORD = re.compile(r"(?<= )[^ ()]+(?=\))")
"""A word in a bracketed tree."""

NOUNS = ("NN", "NNS")
MODIFIERS = {"DT": "det", "JJ": "amod", "IN": "case"}
"""Tags of words that belong to the next noun, and their relation to it."""


@dataclass(frozen=True)
class Scene:
    """The content: lemmas of one domain."""

    domain: str
    agent: str
    trait: str
    verb: str
    object: str
    place: str

    def shared(self, other: Scene) -> float:
        """Share of the five lemmas that two scenes have in common, from 0 to 1."""
        alike = [getattr(self, name) == getattr(other, name) for name in LEMMAS]
        return alike.count(True) / len(alike)


LEMMAS = ("agent", "trait", "verb", "object", "place")
"""What of a scene can change between two sentences of a graded pair."""


@dataclass(frozen=True)
class Structure:
    """The syntax: a pattern, by its position, with numbers and tense."""

    pattern: int
    agents: bool
    objects: bool
    past: bool


class Sentence(NamedTuple):
    """A sentence with its analysis.

    Attributes
    ----------
    text : as written.
    tree : in bracket notation.
    tokens, tags : words and Penn Treebank tags.
    heads : for each word the position of its head, counted from 1; 0 for the root.
    relations : of each word to its head, as in Universal Dependencies.
    """

    text: str
    tree: str
    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    heads: tuple[int, ...]
    relations: tuple[str, ...]


def random_scene(random: np.random.Generator, domain: str | None = None) -> Scene:
    """A scene of a domain, or of any."""
    name = domain or str(random.choice(list(DOMAINS)))
    words = DOMAINS[name]
    pools = (words["agents"], TRAITS, VERBS, words["objects"], words["places"])
    return Scene(name, *(pool[int(random.integers(len(pool)))] for pool in pools))


def changed_scene(scene: Scene, lemmas: int, random: np.random.Generator) -> Scene:
    """The scene with that many of its five lemmas replaced by others of its domain."""
    values = asdict(scene)
    for name in random.choice(LEMMAS, size=lemmas, replace=False):
        while values[name] == getattr(scene, name):
            values[name] = getattr(random_scene(random, scene.domain), name)
    return Scene(**values)


def random_structure(
    random: np.random.Generator, *, agents: bool | None = None, objects: bool | None = None
) -> Structure:
    """A structure, in the numbers given or in any."""
    many = (random.random(3) < (0.35, 0.35, 0.5)).tolist()
    return Structure(
        int(random.integers(len(PATTERNS))),
        many[0] if agents is None else agents,
        many[1] if objects is None else objects,
        many[2],
    )


def sentence(scene: Scene, structure: Structure) -> Sentence:
    """The scene in the structure."""
    leaves: list[_Written] = []
    tree = _written(_pattern(structure.pattern), scene, structure, leaves)
    words = [leaf.word for leaf in leaves]
    for position, leaf in enumerate(leaves[:-1]):
        if leaf.word == "a":
            words[position] = article(words[position + 1])
    words[0] = words[0][0].upper() + words[0][1:]
    heads, relations = _attached(leaves)
    following = iter(words)
    text = " ".join(words[:-1]).replace(" ,", ",") + words[-1]
    return Sentence(
        text,
        _WORD.sub(lambda _: next(following), Tree(ROOT, (tree,)).bracket()),
        tuple(words),
        tuple(leaf.tag for leaf in leaves),
        heads,
        relations,
    )


class _Written(NamedTuple):
    word: str
    tag: str
    slot: str
    relation: str
    head: str


@lru_cache(maxsize=len(PATTERNS))
def _pattern(position: int) -> Tree:
    return read_tree(PATTERNS[position])


def _written(tree: Tree, scene: Scene, structure: Structure, leaves: list[_Written]) -> Tree:
    """The tree with its leaves in place; what stands below each is added to `leaves`."""
    children: list[Tree | Leaf] = []
    for child in tree.children:
        if isinstance(child, Tree):
            children.append(_written(child, scene, structure, leaves))
            continue
        slot, _, relation = child.word.partition("/")
        relation, _, head = relation.partition("@")
        lemma = getattr(scene, slot.lower()) if slot.isupper() else slot
        tag, word = _inflected(child.tag, lemma, structure)
        if word:
            leaves.append(_Written(word, tag, slot, relation, head))
            children.append(Leaf(tag, word))
    return Tree(tree.label, tuple(children))


def _inflected(label: str, lemma: str, structure: Structure) -> tuple[str, str]:
    """Tag and word; no word where a plural has no article."""
    whose = label[-1] if label[-1] in "aos" else ""
    many = {"a": structure.agents, "o": structure.objects}.get(whose, False)
    kind = label.removesuffix(whose) if whose else label
    if kind == "DT":
        return "DT", "some" if lemma == "a" and many else lemma
    if kind == "NN" and whose:
        return ("NNS", plural(lemma)) if many else ("NN", lemma)
    if kind == "PRP" and whose:
        return "PRP", "they" if many else "he"
    if kind in ("VF", "BE", "DO"):
        if structure.past:
            return "VBD", past(lemma, singular=not many)
        return ("VBP" if many else "VBZ"), present(lemma, singular=not many)
    if label == "VBG":
        return label, gerund(lemma)
    if label == "VBN":
        return label, participle(lemma)
    return label, lemma


def _attached(leaves: Sequence[_Written]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Heads and relations: the pattern's, modifiers to the next noun, the rest to the root."""
    at = {leaf.slot: position for position, leaf in enumerate(leaves, start=1)}
    root = next(at[leaf.slot] for leaf in leaves if leaf.relation == "root")
    heads, relations = [], []
    for position, leaf in enumerate(leaves, start=1):
        nouns = (n for n, other in enumerate(leaves, start=1) if other.tag in NOUNS)
        noun = next((n for n in nouns if n > position), 0)
        if leaf.relation == "root":
            head, relation = 0, "root"
        elif leaf.relation:
            head, relation = at[leaf.head] if leaf.head else root, leaf.relation
        elif leaf.tag in MODIFIERS and noun:
            head, relation = noun, MODIFIERS[leaf.tag]
        else:
            head, relation = root, "punct" if leaf.tag in (".", ",") else "dep"
        heads.append(head)
        relations.append(relation)
    return tuple(heads), tuple(relations)
