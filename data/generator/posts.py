"""Short posts with two known factors, toxicity and register: the embedded corpus `tweets`."""

from functools import cache, partial
from typing import Any

import pandas as pd

from data.generator.factors import generator_for, minimal_pairs, other, written_for
from data.generator.grammar import Draws, Grammar, Node, Setting
from data.generator.lexicon import symbols
from data.generator.register import CLASSES, FACTOR, Register, write_register
from data.generator.surface import Text, realise, spans_to_json, unseen

FACTORS = {"toxicity": ("fine", "toxic"), FACTOR: CLASSES}

_LABELS = {"fine": "neither", "toxic": "offensive"}
_SENTENCES = (0.03, 0.18, 0.55, 1.0)
_TYPES = ("remark", "remark_misleading", "filler", "register_misleading")
_TYPE_WEIGHTS = (0.38, 0.45, 0.98, 1.0)
_MOODS = ((0.40, 0.80, 1.0), (0.12, 0.50, 1.0), (0.02, 0.15, 1.0))
_MOOD_WEIGHTS = (0.08, 0.35, 1.0)
_MISLEADING = (0.30, 0.75, 1.0)
_RATES = {"standard": (0.00, 0.02, 0.08), "elided": (0.70, 0.90, 1.00)}
_RATE_WEIGHTS = (0.33, 0.67, 1.0)
_HASHTAG_SHARE = 0.2


@cache
def grammar() -> Grammar:
    """The grammar of short posts; its sentence symbols are `remark`, `filler`, ..."""
    return Grammar(
        *symbols("people", "everyday", "post_words", "post_rules"),
        factors={"toxicity": FACTORS["toxicity"]},
        variables={"t": "toxicity", "u": "toxicity"},
    )


def tweets(rows_per_cell: int, *, seed: int) -> pd.DataFrame:
    """Draw a corpus of short posts.

    Parameters
    ----------
    rows_per_cell : posts in each of the four cells in each of the two splits, 1 or more.
    seed : equal seeds give equal frames.

    Returns
    -------
    8 * rows_per_cell rows with the columns `corpus`, `split`, `idx` (counted in the split),
    `label`, `toxic` (0 or 1), `text`, `register` (`standard` or `elided`) and `spans`, the JSON of
    `data.generator.surface.spans_to_json`. No two texts are equal.

    Raises
    ------
    UserError : `rows_per_cell` is below 1 or `seed` below 0.
    """
    rng = generator_for(rows_per_cell, seed, 2)
    draws = Draws(rng)
    cells = [(t, r) for t in FACTORS["toxicity"] for r in FACTORS[FACTOR]]
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    for split in ("train", "test"):
        order = rng.permutation(4 * rows_per_cell)
        for idx, number in enumerate(order.tolist()):
            toxicity, register = cells[number % 4]
            written = written_for({"toxicity": toxicity, FACTOR: register}, FACTORS, draws)
            text = unseen(partial(compose, draws, written), seen)
            rows.append(
                {
                    "corpus": "embedded",
                    "split": split,
                    "idx": idx,
                    "label": _LABELS[toxicity],
                    "toxic": int(toxicity == "toxic"),
                    "text": text.text,
                    "register": register,
                    "spans": spans_to_json(text.spans),
                }
            )
    return pd.DataFrame(rows)


def post_pairs(per_cell: int, *, seed: int) -> pd.DataFrame:
    """Draw posts, each also with its toxicity or its register flipped.

    See `data.generator.factors.minimal_pairs`. A tree is drawn once. Its cues of toxicity are drawn
    again in the spelling of the post, and the other words keep theirs; or every place for elision
    is spelled again in the other register, and the words stay. Labels have no noise.
    """
    draws = Draws(generator_for(per_cell, seed, 4))
    fine, toxic = FACTORS["toxicity"]
    reverse = {fine: toxic, toxic: fine}

    def write(classes: dict[str, str]) -> list[str]:
        while True:
            rate = draws.weighted(_RATE_WEIGHTS)
            mood = _MOODS[draws.weighted(_MOOD_WEIGHTS)]
            setting = _setting(draws, classes["toxicity"], mood)
            trees = _sentences(draws, setting)
            own, turned = (
                Register(value, _RATES[value][rate])
                for value in (classes[FACTOR], other(FACTORS, FACTOR, classes[FACTOR]))
            )
            versions = [write_register(trees, register, draws) for register in (own, turned)]
            if (spelled := versions[0]) is not None:
                swapped = [grammar().flipped(tree, reverse, draws, setting) for tree in spelled]
                versions.insert(1, write_register(swapped, own, draws))
            if None not in versions:
                return [realise(trees, classes).text for trees in versions if trees]

    return minimal_pairs(per_cell, FACTORS, write)


def compose(draws: Draws, written: dict[str, str]) -> Text:
    """Write one post of the given classes."""
    register = written[FACTOR]
    rate = _RATES[register][draws.weighted(_RATE_WEIGHTS)]
    mood = _MOODS[draws.weighted(_MOOD_WEIGHTS)]
    while True:
        setting = _setting(draws, written["toxicity"], mood)
        sentences = write_register(_sentences(draws, setting), Register(register, rate), draws)
        if sentences is not None:
            return realise(sentences, written)


def _setting(draws: Draws, toxicity: str, mood: tuple[float, ...]) -> Setting:
    return Setting(
        {"t": toxicity, "u": other(FACTORS, "toxicity", toxicity)},
        {"t": mood, "u": _MISLEADING},
        {"handle": _handle(draws)},
    )


def _handle(draws: Draws) -> str:
    first, last = (
        next(grammar().derive(symbol, draws, Setting()).leaves()).text.lower()
        for symbol in ("first_name", "last_name")
    )
    return (f"@{first}_{last}", f"@{first}{1 + draws.below(98)}", f"@{last}")[draws.below(3)]


def _sentences(draws: Draws, setting: Setting) -> list[Node]:
    """One to four trees: a cue of toxicity for certain, and what the type weights add."""
    length = 1 + draws.weighted(_SENTENCES)
    types = ["remark"]
    types += [_TYPES[draws.weighted(_TYPE_WEIGHTS)] for _ in range(length - 1)]
    draws.shuffle(types)
    if draws.uniform() < _HASHTAG_SHARE:
        types.append("ending")
    return [grammar().derive(kind, draws, setting) for kind in types]
