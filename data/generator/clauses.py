"""Short clauses that are the full product of nine factors, as those of dSentences are."""

from itertools import product

import pandas as pd

from data.generator import scenes
from data.generator.factors import generator_for
from data.generator.morphology import gerund, past, plural, present

TENSES = ("past", "present", "future")

PRONOUNS = (
    (("I", "I"), ("we", "we")),
    (("you", "you"), ("you", "you")),
    (("he", "she"), ("they", "they")),
)
"""By person, number and gender: twelve combinations have six forms."""

FACTORS = (
    "verb_object_tuple",
    "object_plural",
    "interrogative",
    "gender",
    "subject_plural",
    "person",
    "negation",
    "tense_past_present_future",
    "progressive",
)
"""Names of the factors, as dSentences has them."""

_CLAUSES = 7005


def clauses(tuples: int, *, seed: int) -> pd.DataFrame:
    """All clauses of so many pairs of a verb and an object, a row for each combination of factors.

    Columns text and the nine of `FACTORS`, numbered from 0.
    """
    random = generator_for(tuples, seed, _CLAUSES)
    objects = [word for words in scenes.DOMAINS.values() for word in words["objects"]]
    pairs = list(product(scenes.VERBS, dict.fromkeys(objects)))
    rows = []
    for number, pair in enumerate(random.permutation(len(pairs))[:tuples]):
        verb, thing = pairs[pair]
        for many, question, gender, subjects, person, negated, tense, going in product(
            *map(range, (2, 2, 2, 2, 3, 2, 3, 2))
        ):
            text = clause(
                verb,
                plural(thing) if many else thing,
                PRONOUNS[person][subjects][gender],
                question=bool(question),
                negated=bool(negated),
                tense=TENSES[tense],
                progressive=bool(going),
            )
            values = (number, many, question, gender, subjects, person, negated, tense, going)
            rows.append((text, *values))
    return pd.DataFrame(rows, columns=["text", *FACTORS])


def clause(
    verb: str,
    thing: str,
    subject: str,
    *,
    question: bool,
    negated: bool,
    tense: str,
    progressive: bool,
) -> str:
    """One clause, such as `Will she not be painting the doors?`."""
    third = subject in ("he", "she")
    words = [gerund(verb)] if progressive else [verb]
    if tense == "future":
        auxiliary, words = "will", ["be", *words] if progressive else words
    elif progressive:
        auxiliary = past("be", singular=third) if tense == "past" else present("be", singular=third)
        if subject == "I":
            auxiliary = "was" if tense == "past" else "am"
    elif question or negated:
        auxiliary = "did" if tense == "past" else present("do", singular=third)
    else:
        auxiliary = ""
        words = [past(verb, singular=third) if tense == "past" else present(verb, singular=third)]
    opening = [auxiliary, subject] if question else [subject, auxiliary]
    said = " ".join(filter(None, [*opening, "not" if negated else "", *words, "the", thing]))
    return said[0].upper() + said[1:] + ("?" if question else ".")
