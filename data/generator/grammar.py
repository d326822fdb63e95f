"""A probabilistic context-free grammar with agreement and cues: symbols are drawn into trees.

Notation. A grammar is a mapping from symbols to alternatives. An alternative is a row of items
divided by blanks: words, punctuation, and slots in braces; `3> ` before it is its weight.

`{noun}`        expand the symbol `noun`
`{noun:sg}`     in the singular; likewise `pl`, and for verbs `base`, `ing`
`{noun:n}`      a noun in the number of the clause, drawn where it is still open
`{verb:v}`      a verb in the present tense, in the number of the clause; `{verb:p}` in the past
`{adj.$s}`      the symbol `adj.pos` where the variable `s` stands for `pos`
`{adj.$s.?}`    a strength from 1 to 3 is drawn too: `adj.pos.2`
`{=title}`      a constant of the text

In a row of words alone the form falls on the last word of a noun and the first of a verb;
a star marks another head (`trip* to the sea`). `gore!` has no plural, `effects+` no singular.
A symbol whose name ends in a class and a strength (`adj.pos.2`) is a cue for that class.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from data.generator.morphology import gerund, past, plural, present

STRENGTHS = (1, 2, 3)
_FORMS = ("", "sg", "pl", "base", "ing", "n", "v", "p")
_SLOT = re.compile(r"^\{(?P<prefix>[a-z_.0-9]+?)(?:\.\$(?P<variable>[a-z]))?(?P<graded>\.\?)?"
                   r"(?::(?P<form>[a-z]+))?\}$")  # fmt: skip
_ATTEMPTS, _FRESH_ATTEMPTS = 200, 4
_WEIGHT = re.compile(r"^(\d+)> ")


class Cue(NamedTuple):
    """What a stretch of text suggests: a class of a factor, weakly (1) to strongly (3)."""

    factor: str
    value: str
    strength: int


class Leaf(NamedTuple):
    """A word or mark of the text; an underscore joins words that stand as one item."""

    text: str


class Node(NamedTuple):
    """A symbol and what it was expanded to, in a form and in a number of the clause."""

    symbol: str
    children: tuple[Node | Leaf, ...]
    cue: Cue | None = None
    form: str = ""
    number: str = ""

    def leaves(self) -> Iterator[Leaf]:
        """The words in order."""
        for child in self.children:
            if isinstance(child, Leaf):
                yield child
            else:
                yield from child.leaves()

    def nodes(self) -> Iterator[Node]:
        """This node and all below it, from the top down and left to right."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.nodes()


class Draws:
    """Uniform numbers of a generator, taken in blocks because single draws are slow."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._block: Iterator[float] = iter(())

    def uniform(self) -> float:
        """A number in [0, 1)."""
        for value in self._block:
            return value
        self._block = iter(self._rng.random(4096).tolist())
        return next(self._block)

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        return int(self.uniform() * n)

    def weighted(self, cumulative: tuple[float, ...]) -> int:
        """A position, by cumulative weights."""
        return bisect_right(cumulative, self.uniform() * cumulative[-1])

    def shuffle(self, items: list[str]) -> None:
        """Permute in place."""
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]


@dataclass(frozen=True)
class Setting:
    """What is fixed while one text is drawn.

    Attributes
    ----------
    variables : the class for which each variable stands.
    strengths : for each variable, the cumulative weights of the strengths 1, 2 and 3.
    constants : the words for each `{=name}`.
    used : alternatives that the text has already taken; drawn again only where the rest is few.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    strengths: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    used: set[tuple[str, int]] = field(default_factory=set)


class _Slot(NamedTuple):
    prefix: str
    variable: str
    graded: bool
    form: str
    constant: bool


class _Alternative(NamedTuple):
    items: tuple[_Slot | Leaf, ...]
    noun_head: int
    verb_head: int
    number: str


class _Symbol(NamedTuple):
    alternatives: tuple[_Alternative, ...]
    cumulative: tuple[float, ...]
    cue: Cue | None


class Grammar:
    """Rules compiled for drawing.

    Parameters
    ----------
    rules : for each symbol its alternatives, one a line.
    words : for each symbol its alternatives, divided by commas.
    factors : the classes of each factor.
    variables : the factor over whose classes each variable ranges.

    Raises
    ------
    ValueError : a slot that cannot be read, or names a symbol that is not there.
    """

    def __init__(
        self,
        rules: Mapping[str, str],
        words: Mapping[str, str],
        *,
        factors: Mapping[str, tuple[str, ...]],
        variables: Mapping[str, str],
    ) -> None:
        self._factor_of = {value: name for name, values in factors.items() for value in values}
        lines = {symbol: text.splitlines() for symbol, text in rules.items()}
        if twice := lines.keys() & words.keys():
            raise ValueError(f"symbols defined twice: {', '.join(sorted(twice))}")
        lines |= {symbol: text.replace("\n", " ").split(",") for symbol, text in words.items()}
        self._symbols = {symbol: self._compile(symbol, rows) for symbol, rows in lines.items()}
        domains = {name: factors[factor] for name, factor in variables.items()}
        for symbol, compiled in self._symbols.items():
            for alternative in compiled.alternatives:
                self._check(symbol, alternative, domains)

    def derive(self, symbol: str, draws: Draws, setting: Setting) -> Node:
        """Draw a tree from the symbol."""
        return self._expand(symbol, "", [""], draws, setting)

    def flipped(
        self, node: Node, classes: Mapping[str, str], draws: Draws, setting: Setting
    ) -> Node:
        """The tree with the cues of some classes expanded again, each for another class.

        Strengths, forms and numbers stay, and so does everything that is no such cue.

        `classes`: a class to the one in its place.
        """
        if node.cue is not None and node.cue.value in classes:
            head, value, strength = node.symbol.rsplit(".", 2)
            name = f"{head}.{classes[value]}.{strength}"
            return self._expand(name, node.form, [node.number], draws, setting)
        children = (
            child if isinstance(child, Leaf) else self.flipped(child, classes, draws, setting)
            for child in node.children
        )
        return node._replace(children=tuple(children))

    def _compile(self, symbol: str, rows: list[str]) -> _Symbol:
        alternatives, weights = [], []
        for row in filter(None, map(str.strip, rows)):
            weight = _WEIGHT.match(row)
            weights.append(float(weight[1]) if weight else 1.0)
            alternatives.append(_parse(row[weight.end() :] if weight else row))
        if not alternatives:
            raise ValueError(f"symbol {symbol} has no alternatives")
        *_, value, strength = ("", "", *symbol.split("."))
        factor = self._factor_of.get(value)
        cue = Cue(factor, value, int(strength)) if factor and strength.isdigit() else None
        return _Symbol(tuple(alternatives), tuple(accumulate(weights)), cue)

    def _check(
        self, symbol: str, alternative: _Alternative, domains: Mapping[str, tuple[str, ...]]
    ) -> None:
        for slot in alternative.items:
            if isinstance(slot, Leaf) or slot.constant:
                continue
            values = [f".{v}" for v in domains[slot.variable]] if slot.variable else [""]
            grades = [f".{k}" for k in STRENGTHS] if slot.graded else [""]
            for name in (slot.prefix + value + grade for value in values for grade in grades):
                if name not in self._symbols:
                    raise ValueError(f"symbol {symbol} asks for {name}, which is not there")

    def _expand(
        self, name: str, form: str, clause: list[str], draws: Draws, setting: Setting
    ) -> Node:
        symbol = self._symbols[name]
        choice = _choose(name, symbol, clause[0] if form == "n" else form, draws, setting)
        if form == "n" and choice.number:
            clause[0] = choice.number
        children: list[Node | Leaf] = []
        for position, item in enumerate(choice.items):
            if isinstance(item, Leaf):
                if form and position in (choice.noun_head, choice.verb_head):
                    word = _inflect(item.text, position, choice, form, clause, draws)
                    children.append(Leaf(word))
                else:
                    children.append(item)
            elif item.constant:
                words = setting.constants[item.prefix].split(" ")
                children.append(Node(item.prefix, tuple(Leaf(word) for word in words)))
            else:
                target = item.prefix
                if item.variable:
                    target += "." + setting.variables[item.variable]
                if item.graded:
                    target += f".{1 + draws.weighted(setting.strengths[item.variable])}"
                inner = clause if item.form in ("n", "v", "p") else [""]
                children.append(self._expand(target, item.form, inner, draws, setting))
        number = clause[0] if form in ("n", "v", "p") else ""
        return Node(name, tuple(children), symbol.cue, form, number)


def _choose(
    name: str, symbol: _Symbol, number: str, draws: Draws, setting: Setting
) -> _Alternative:
    refused = {"sg": "pl", "pl": "sg"}.get(number, "none")
    for attempt in range(_ATTEMPTS):
        position = draws.weighted(symbol.cumulative)
        choice = symbol.alternatives[position]
        fresh = (name, position) not in setting.used or attempt >= _FRESH_ATTEMPTS
        if fresh and choice.number != refused:
            setting.used.add((name, position))
            return choice
    raise ValueError(f"symbol {name} has no word in the number {number!r}")


def _parse(row: str) -> _Alternative:
    items: list[_Slot | Leaf] = []
    head, number = -1, ""
    for position, token in enumerate(row.split()):
        if token.startswith("{"):
            items.append(_slot(token))
            continue
        if len(token) > 1 and token[-1] in "*!+" and token[-2].isalpha():
            head = position if token[-1] == "*" else head
            number = {"!": "sg", "+": "pl", "*": number}[token[-1]]
            token = token[:-1]
        items.append(Leaf(token))
    plain = all(isinstance(item, Leaf) for item in items)
    noun = head if head >= 0 else len(items) - 1 if plain else -1
    verb = head if head >= 0 else 0 if plain else -1
    return _Alternative(tuple(items), noun, verb, number)


def _slot(token: str) -> _Slot:
    if token.startswith("{=") and token.endswith("}"):
        return _Slot(token[2:-1], "", False, "", True)
    match = _SLOT.match(token)
    form = match["form"] or "" if match else None
    if match is None or form not in _FORMS:
        raise ValueError(f"cannot read the slot {token!r}")
    return _Slot(match["prefix"], match["variable"] or "", bool(match["graded"]), form, False)


def _inflect(
    word: str, position: int, choice: _Alternative, form: str, clause: list[str], draws: Draws
) -> str:
    """The noun or verb at the head of an alternative, in the form that its slot asks for."""
    if form in ("n", "v", "p") and not clause[0]:
        clause[0] = "pl" if draws.uniform() < 0.35 else "sg"
    if form in ("n", "sg", "pl"):
        number = clause[0] if form == "n" else form
        same = position != choice.noun_head or number == "sg" or choice.number == "pl"
        return word if same else plural(word)
    if position != choice.verb_head or form == "base":
        return word
    if form == "ing":
        return gerund(word)
    return (present if form == "v" else past)(word, singular=clause[0] == "sg")
