"""English inflection for the words of the generator: plurals, verb forms, the article a or an."""

import re

from data.generator.lexicon import lexicon

_LEXICON = lexicon("inflection")
_PLURALS: dict[str, str] = _LEXICON["plurals"]
_PAST: dict[str, str] = _LEXICON["past"]
_PARTICIPLES: dict[str, str] = _LEXICON["participles"]
_DOUBLED = frozenset(_LEXICON["doubled"])
_PRESENT = {"be": ("is", "are"), "have": ("has", "have"), "do": ("does", "do")}
_DOUBLING = re.compile(r"^[^aeiou]*[aeiou][bdgklmnprt]$")
_AN = re.compile(r"^(?:[aeio]|u(?!ni(?!n)|s[aeiu]|k|tens)|hour|honest|heir|honou?r)")
_A = re.compile(r"^(?:one\b|once\b|eu|ewe)")
_SIBILANT = ("s", "x", "z", "ch", "sh")


def plural(noun: str) -> str:
    """The plural of a noun; of `this`, `that` and `a` the plural determiner."""
    if noun in _PLURALS:
        return _PLURALS[noun]
    for whole in ("man", "wife", "child"):
        if noun.endswith(whole) and noun not in ("human", "german"):
            return noun[: -len(whole)] + _PLURALS[whole]
    return _with_s(noun)


def present(verb: str, *, singular: bool) -> str:
    """The present tense of a verb, third person."""
    if verb in _PRESENT:
        return _PRESENT[verb][0 if singular else 1]
    if not singular:
        return verb
    return verb + "es" if verb.endswith("o") else _with_s(verb)


def past(verb: str, *, singular: bool) -> str:
    """The simple past of a verb, third person."""
    if verb == "be":
        return "was" if singular else "were"
    if verb in _PAST:
        return _PAST[verb]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return _doubled(verb) + "ed"


def participle(verb: str) -> str:
    """The past participle of a verb."""
    return _PARTICIPLES.get(verb) or past(verb, singular=True)


def gerund(verb: str) -> str:
    """The -ing form of a verb."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")) and verb != "be":
        return verb[:-1] + "ing"
    return _doubled(verb) + "ing"


def article(following: str) -> str:
    """`a` or `an`, by the sound that the following word begins with."""
    word = following.lower()
    return "an" if _AN.match(word) and not _A.match(word) else "a"


def _with_s(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(_SIBILANT) else "s")


def _doubled(verb: str) -> str:
    return verb + verb[-1] if _DOUBLING.match(verb) or verb in _DOUBLED else verb
