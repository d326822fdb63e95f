"""The grammar engine: notation, agreement, surface forms and spans."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.generator.grammar import Cue, Draws, Grammar, Leaf, Node, Setting
from data.generator.morphology import article, gerund, participle, past, plural, present
from data.generator.register import Register, write_register
from data.generator.surface import Span, realise, spans_to_json

FACTORS = {"mood": ("sad", "glad")}
VARIABLES = {"m": "mood"}
EVEN = {"m": (1.0, 2.0, 3.0)}


def make(rules: dict[str, str], words: dict[str, str] | None = None) -> Grammar:
    return Grammar(rules, words or {}, factors=FACTORS, variables=VARIABLES)


def draw(grammar: Grammar, symbol: str = "s", *, seed: int = 0, mood: str = "glad") -> Node:
    setting = Setting({"m": mood}, EVEN, {"name": "Ida Frost"})
    return grammar.derive(symbol, Draws(np.random.default_rng(seed)), setting)


def write(*sentences: Node, mood: str = "glad") -> str:
    return realise(sentences, {"mood": mood}).text


@pytest.mark.parametrize(
    ("noun", "expected"),
    [("key", "keys"), ("story", "stories"), ("witch", "witches"), ("postman", "postmen"),
     ("stepchild", "stepchildren"), ("knife", "knives"), ("this", "these"), ("mess", "messes")],
)  # fmt: skip
def test_plural(noun: str, expected: str) -> None:
    assert plural(noun) == expected


@pytest.mark.parametrize(
    ("verb", "third", "simple_past", "ing"),
    [("walk", "walks", "walked", "walking"), ("carry", "carries", "carried", "carrying"),
     ("drop", "drops", "dropped", "dropping"), ("bake", "bakes", "baked", "baking"),
     ("go", "goes", "went", "going"), ("be", "is", "was", "being"),
     ("mow", "mows", "mowed", "mowing"),
     ("miss", "misses", "missed", "missing"), ("travel", "travels", "travelled", "travelling")],
)  # fmt: skip
def test_verb_forms(verb: str, third: str, simple_past: str, ing: str) -> None:
    assert present(verb, singular=True) == third
    assert past(verb, singular=True) == simple_past
    assert gerund(verb) == ing


def test_a_participle_is_the_past_where_no_other_is_known() -> None:
    assert [participle(verb) for verb in ("steal", "hold", "paint")] == [
        "stolen",
        "held",
        "painted",
    ]


@pytest.mark.parametrize("word", ["apple", "hour", "uneven", "unintended", "heir", "usher", "Eel"])
def test_an(word: str) -> None:
    assert article(word) == "an"


@pytest.mark.parametrize("word", ["pear", "university", "one", "useful", "European", "house"])
def test_a(word: str) -> None:
    assert article(word) == "a"


@given(st.integers(0, 10_000))
def test_subject_and_verb_agree(seed: int) -> None:
    grammar = make(
        {"s": "The {noun:n} {be:v} here ."}, {"noun": "cat, effects+, gore!", "be": "be"}
    )
    assert write(draw(grammar, seed=seed)) in {
        "The cat is here.", "The cats are here.", "The effects are here.", "The gore is here.",
    }  # fmt: skip


def test_singular_slot_never_takes_a_plural_noun() -> None:
    grammar = make({"s": "a {noun:sg}"}, {"noun": "cat, effects+"})
    assert {write(draw(grammar, seed=seed)) for seed in range(50)} == {"A cat"}


def test_the_starred_head_is_inflected() -> None:
    grammar = make(
        {"s": "two {noun:pl} and {verb:ing}", "thing": "boat"},
        {"noun": "trip* to the sea", "verb": "paint* the {thing}"},
    )
    assert write(draw(grammar)) == "Two trips to the sea and painting the boat"


def test_weights() -> None:
    grammar = make({"s": "9> often\nseldom"})
    draws = Draws(np.random.default_rng(0))
    often = sum(write(grammar.derive("s", draws, Setting())) == "Often" for _ in range(1_000))
    assert 870 < often < 930


def test_alternatives_are_not_repeated_within_a_text_while_others_are_left() -> None:
    grammar = make({"s": "{w} {w}"}, {"w": ", ".join(f"w{chr(97 + i)}" for i in range(20))})
    first_equals_second = 0
    for seed in range(200):
        first, second = write(draw(grammar, seed=seed)).lower().split()
        first_equals_second += first == second
    assert first_equals_second == 0


def test_variables_strengths_and_constants() -> None:
    words = {
        f"adj.{mood}.{k}": f"{mood}{'abc'[k - 1]}" for mood in FACTORS["mood"] for k in (1, 2, 3)
    }
    grammar = make({"s": "{=name} is {adj.$m.?} ."}, words)
    seen = {write(draw(grammar, seed=seed, mood="sad"), mood="sad") for seed in range(60)}
    assert seen == {f"Ida Frost is sad{letter}." for letter in "abc"}


def test_a_cue_is_read_from_the_name_of_its_symbol() -> None:
    grammar = make({"s": "{adj.glad.2}", "adj.glad.2": "merry", "adj.glad": "merry"})
    cues = {symbol: draw(grammar, symbol).cue for symbol in ("s", "adj.glad.2", "adj.glad")}
    assert cues == {"s": None, "adj.glad.2": Cue("mood", "glad", 2), "adj.glad": None}


def test_a_tree_keeps_the_structure() -> None:
    grammar = make({"s": "The {noun} sleeps .", "noun": "cat"})
    the, noun, *rest = draw(grammar).children
    assert noun == Node("noun", (Leaf("cat"),))
    assert (the, *rest) == (Leaf("The"), Leaf("sleeps"), Leaf("."))


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"s": "{nothere}"}, "symbol s asks for nothere, which is not there"),
        ({"s": "{adj.$m}", "adj.sad": "low"}, "asks for adj.glad"),
        ({"s": "{adj.$m.?}", "adj.sad.1": "low"}, "asks for adj.sad.2"),
        ({"s": "{s:perfect}"}, "cannot read the slot"),
        ({"s": "{s"}, "cannot read the slot"),
        ({"s": " \n "}, "symbol s has no alternatives"),
    ],
)
def test_a_faulty_grammar_is_refused(rules: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(rules)


def test_a_symbol_defined_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="defined twice: s"):
        make({"s": "one"}, {"s": "two"})


def test_surface_spacing_quotes_capitals_articles() -> None:
    row = "a << odd >> thing , says Ida 's aunt : an_awl is a ounce . A owl . what ?"
    assert write(Node("s", tuple(map(Leaf, row.split(" "))))) == (
        'A "odd" thing, says Ida\'s aunt: an awl is an ounce. An owl. What?'
    )


def test_spans_cover_the_cue_alone() -> None:
    cue = Node("adj", (Leaf("very"), Leaf("merry")), Cue("mood", "glad", 3))
    sentence = Node("s", (Leaf("we"), Leaf("are"), cue, Leaf(".")))
    plain = Node("s", (Leaf("yes"), Leaf(".")))
    text = realise([plain, sentence], {"mood": "glad"})
    (span,) = text.spans
    assert text.text[span.start : span.end] == "very merry"
    assert span[2:] == ("mood", "glad", 3, False)
    assert realise([sentence], {"mood": "sad"}).spans[0].misleading
    assert [Span(*fields) for fields in json.loads(spans_to_json(text.spans))] == [span]


def spell(rate: float, *words: str, value: str = "elided") -> str | None:
    tree = Node("s", tuple(map(Leaf, words)))
    marked = write_register([tree], Register(value, rate), Draws(np.random.default_rng(0)))
    return None if marked is None else realise(marked, {"register": value}).text


def test_the_register_spells_places_for_elision() -> None:
    words = ("I_am", "going_to", "go", "walking", "because", "things", "bring", "joy", ".")
    assert spell(1.0, *words) == "I'm gonna go walkin' 'cause things bring joy."
    assert spell(0.0, *words[1:], value="standard") == (
        "Going to go walking because things bring joy."
    )


def test_the_register_of_a_text_without_places_is_not_told() -> None:
    assert spell(1.0, "I_am", "here", ".") is None
    assert spell(1.0, "we", "walk", ".") is None


def test_a_quotation_speaks_the_other_register() -> None:
    quote = Node("other_register", (Leaf("want_to"), Leaf("go")))
    tree = Node("s", (Leaf("because"), Leaf("she"), Leaf("says"), quote))
    draws = Draws(np.random.default_rng(0))
    marked = write_register([tree], Register("elided", 1.0), draws)
    assert marked is not None
    text = realise(marked, {"register": "elided"})
    assert text.text == "'Cause she says want to go"
    assert [span.misleading for span in text.spans] == [False, True]
