"""Words and sentence patterns of the generated scenes: who does what to what, and where."""

from __future__ import annotations

from typing import NamedTuple


class Domain(NamedTuple):
    """What scenes of one domain are about: nouns in the singular."""

    agents: tuple[str, ...]
    objects: tuple[str, ...]
    places: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


DOMAINS = {
    "farm": Domain(
        _words("farmer shepherd goat rooster donkey beekeeper calf milkmaid"),
        _words("basket fence pumpkin bucket ladder shovel wagon turnip"),
        _words("barn orchard meadow stable pasture henhouse"),
    ),
    "harbour": Domain(
        _words("sailor captain seagull diver pirate fisherman smuggler penguin"),
        _words("anchor lantern barrel rope oyster compass sail chest"),
        _words("lagoon bay lighthouse cabin canal shipyard"),
    ),
    "school": Domain(
        _words("teacher pupil janitor librarian principal student professor tutor"),
        _words("notebook globe ruler poster dictionary microscope pencil violin"),
        _words("classroom gymnasium library corridor laboratory auditorium"),
    ),
    "kitchen": Domain(
        _words("cook waiter baker butcher chef guest maid apprentice"),
        _words("teapot pancake onion kettle sausage napkin bottle melon"),
        _words("pantry cellar bakery restaurant cafeteria tavern"),
    ),
    "castle": Domain(
        _words("king queen knight wizard dragon jester soldier princess"),
        _words("sword crown shield mirror candle banner goblet trumpet"),
        _words("tower dungeon courtyard chapel hall gatehouse"),
    ),
}

TRAITS = _words(
    "old young tall clever lazy angry happy quiet proud hungry brave clumsy gentle nervous polite "
    "sleepy cheerful greedy famous lonely"
)

VERBS = _words(
    "carry hold find steal paint clean break hide wash throw buy sell draw repair lift push "
    "admire drop kick examine forget polish borrow inspect"
)

PATTERNS = (
    "(S (NP (DTa the) (JJ TRAIT) (NNa AGENT/nsubj)) (VP (VFa VERB/root) (NP (DTo a) "
    "(NNo OBJECT/obj)) (PP (IN in) (NP (DT the) (NN PLACE/obl)))) (. .))",
    "(S (NP (DTa a) (JJ TRAIT) (NNa AGENT/nsubj)) (VP (BEa be/aux) (VP (VBG VERB/root) (NP "
    "(DTo a) (NNo OBJECT/obj)) (PP (IN in) (NP (DT the) (NN PLACE/obl))))) (. .))",
    "(S (NP (DTo the) (NNo OBJECT/nsubj:pass)) (VP (BEo be/aux:pass) (VP (VBN VERB/root) (PP "
    "(IN by) (NP (DTa a) (JJ TRAIT) (NNa AGENT/obl:agent))) (PP (IN in) (NP (DT the) "
    "(NN PLACE/obl))))) (. .))",
    "(S (PP (IN in) (NP (DT the) (NN PLACE/obl))) (, ,) (NP (DTa the) (JJ TRAIT) "
    "(NNa AGENT/nsubj)) (VP (VFa VERB/root) (NP (DTo the) (NNo OBJECT/obj))) (. .))",
    "(S (NP (EX there/expl)) (VP (BEa be/root) (NP (NP (DTa a) (JJ TRAIT) (NNa AGENT/nsubj)) "
    "(SBAR (WHNP (WP who)) (S (VP (VFa VERB/acl:relcl@AGENT) (NP (DTo a) (NNo OBJECT/obj@VERB))"
    ")))) (PP (IN in) (NP (DT the) (NN PLACE/obl)))) (. .))",
    "(NP (NP (DTa a) (JJ TRAIT) (NNa AGENT/root)) (VP (VBG VERB/acl) (NP (DTo a) "
    "(NNo OBJECT/obj@VERB)) (PP (IN in) (NP (DT a) (NN PLACE/obl@VERB)))) (. .))",
    "(S (NP (NP (DTa the) (NNa AGENT/nsubj)) (SBAR (WHNP (WP who)) (S (VP "
    "(VFa VERB/acl:relcl@AGENT) (NP (DTo the) (NNo OBJECT/obj@VERB)))))) (VP (BEa be/cop) "
    "(ADJP (JJ TRAIT/root)) (PP (IN in) (NP (DT the) (NN PLACE/obl)))) (. .))",
    "(S (NP (PRP it/nsubj)) (VP (BEs be/cop) (NP (DTa the) (JJ TRAIT) (NNa AGENT/root)) (SBAR "
    "(WHNP (WP who)) (S (VP (VFa VERB/acl:relcl) (NP (DTo a) (NNo OBJECT/obj@VERB)) (PP (IN in) "
    "(NP (DT the) (NN PLACE/obl@VERB))))))) (. .))",
    "(SQ (DOa do/aux) (NP (DTa the) (JJ TRAIT) (NNa AGENT/nsubj)) (VP (VB VERB/root) (NP (DTo a) "
    "(NNo OBJECT/obj)) (PP (IN in) (NP (DT the) (NN PLACE/obl)))) (. ?))",
    "(S (NP (DTa the) (JJ TRAIT) (NNa AGENT/nsubj)) (VP (MD will/aux) (VP (VB VERB/root) (NP "
    "(DTo a) (NNo OBJECT/obj)) (PP (IN in) (NP (DT the) (NN PLACE/obl))))) (. .))",
    "(S (NP (DTa the) (JJ TRAIT) (NNa AGENT/nsubj)) (VP (DOa do/aux) (RB not/advmod) (VP "
    "(VB VERB/root) (NP (DTo the) (NNo OBJECT/obj)) (PP (IN in) (NP (DT the) (NN PLACE/obl))))) "
    "(. .))",
    "(S (S (VP (VBG VERB/advcl) (NP (DTo a) (NNo OBJECT/obj@VERB)))) (, ,) (NP (DTa the) "
    "(JJ TRAIT) (NNa AGENT/nsubj)) (VP (VFa stay/root) (PP (IN in) (NP (DT the) (NN PLACE/obl))))"
    " (. .))",
    "(S (NP (NP (DTo the) (NNo OBJECT/nsubj)) (SBAR (WHNP (WDT that)) (S (NP (DTa the) "
    "(JJ TRAIT) (NNa AGENT/nsubj@VERB)) (VP (VFa VERB/acl:relcl@OBJECT))))) (VP (BEo be/cop) "
    "(PP (IN in) (NP (DT the) (NN PLACE/root)))) (. .))",
    "(S (NP (DTa the) (NNa AGENT/nsubj)) (VP (BEa be/cop) (ADJP (JJ TRAIT/root)) (SBAR "
    "(IN because/mark@VERB) (S (NP (PRPa they/nsubj@VERB)) (VP (VFa VERB/advcl) "
    "(NP (DTo a) (NNo OBJECT/obj@VERB)) (PP (IN in) (NP (DT the) (NN PLACE/obl@VERB))))))) (. .))",
)
"""Trees whose leaves are words, or what a scene gives; `data.generator.scenes` says how they read.

Labels that end in a, o or s stand for tags in the number of the agent, of the object, or in the
singular. A leaf may name its relation, and its head where that is not the root: `OBJECT/obj@VERB`.
"""
