"""Generated corpora of sentences: captions, graded pairs, analysed documents, parts of reviews.

Also questions with all their replies.
"""

import re

import pandas as pd

from data.generator import scenes
from data.generator.factors import generator_for
from data.generator.reviews import movies

CAPTIONS = 5
"""Sentences of each scene in the corpus of captions."""

REVIEWS_PER_CELL = 150
SHORTEST, LONGEST = 3, 20
"""Words of a sentence that is kept."""

_END = re.compile(r"(?<=[.!?])\s+")

_CAPTIONS, _PAIRS, _DOCUMENTS, _TAGGED, _QUESTIONS = range(7001, 7006)


def captions(images: int, *, seed: int) -> pd.DataFrame:
    """Five sentences for each scene, of structures of their own and the same numbers.

    Columns split (of ten scenes eight `train`, one `valid` and one `test`), image, caption, text.
    """
    random = generator_for(images, seed, _CAPTIONS)
    rows = []
    for image in range(images):
        scene = scenes.random_scene(random)
        agents, objects = (random.random(2) < 0.35).tolist()
        split = {8: "valid", 9: "test"}.get(image % 10, "train")
        for caption in range(CAPTIONS):
            structure = scenes.random_structure(random, agents=agents, objects=objects)
            rows.append((split, image, caption, scenes.sentence(scene, structure).text))
    return pd.DataFrame(rows, columns=["split", "image", "caption", "text"])


def graded_pairs(pairs: int, splits: tuple[str, ...], *, seed: int) -> pd.DataFrame:
    """Pairs of sentences with the share of content that they have in common.

    Columns split (in turns), sentence1, sentence2 and shared, from 0 to 1. The structures of a pair
    are independent of each other and of the grade.
    """
    random = generator_for(pairs, seed, _PAIRS)
    rows = []
    for number in range(pairs):
        scene = scenes.random_scene(random)
        changed = scenes.changed_scene(scene, int(random.integers(len(scenes.LEMMAS) + 1)), random)
        both = [scenes.sentence(s, scenes.random_structure(random)).text for s in (scene, changed)]
        split = splits[number % len(splits)]
        rows.append((split, *both, round(scene.shared(changed), 2)))
    return pd.DataFrame(rows, columns=["split", "sentence1", "sentence2", "shared"])


def documents(count: int, length: int, *, seed: int) -> pd.DataFrame:
    """Documents of scenes of one domain, which is their genre, in all structures.

    Columns document, genre, index, text, tree, tokens, xpos, head and deprel.
    """
    random = generator_for(count, seed, _DOCUMENTS)
    rows = []
    for number in range(count):
        domain = list(scenes.DOMAINS)[number % len(scenes.DOMAINS)]
        for index in range(length):
            scene = scenes.random_scene(random, domain)
            one = scenes.sentence(scene, scenes.random_structure(random))
            name = f"{domain}-{number}"
            rows.append((name, domain, index, one.text, one.tree, *one[2:]))
    columns = ["document", "genre", "index", "text", "tree", "tokens", "xpos", "head", "deprel"]
    return pd.DataFrame(rows, columns=columns)


def tagged(sentences: int, *, seed: int) -> pd.DataFrame:
    """Sentences of any scene and structure with their tags.

    Columns split (of ten eight `train`, one `dev` and one `test`), sent_id, genre, text, tokens,
    xpos, head and deprel.
    """
    random = generator_for(sentences, seed, _TAGGED)
    rows = []
    for number in range(sentences):
        scene = scenes.random_scene(random)
        one = scenes.sentence(scene, scenes.random_structure(random))
        split = {8: "dev", 9: "test"}.get(number % 10, "train")
        rows.append((split, f"{scene.domain}-{number}", scene.domain, one.text, *one[2:]))
    columns = ["split", "sent_id", "genre", "text", "tokens", "xpos", "head", "deprel"]
    return pd.DataFrame(rows, columns=columns)


def questions(count: int, *, seed: int) -> pd.DataFrame:
    """Questions who does what, each with one reply for every agent of the scene's domain.

    What is asked says nothing about which agent it is, so that all replies are as likely, and their
    number is known. Columns dialogue, turn, text and references.
    """
    random = generator_for(count, seed, _QUESTIONS)
    rows = []
    for number in range(count):
        scene = scenes.random_scene(random)
        text = f"Who will {scene.verb} the {scene.object} in the {scene.place}?"
        agents = scenes.DOMAINS[scene.domain]["agents"]
        rows.append((number, 0, text, tuple(f"The {agent} will." for agent in agents)))
    return pd.DataFrame(rows, columns=["dialogue", "turn", "text", "references"])


def review_sentences(*, seed: int) -> pd.DataFrame:
    """Distinct sentences with the sentiment of their review.

    Gives columns split (train, valid or test; whole films stay together), sentiment (0 or 1) and
    text.
    """
    frame = movies(REVIEWS_PER_CELL, seed=seed)
    films = {film: number for number, film in enumerate(dict.fromkeys(frame["movie_id"]))}
    rows: dict[str, tuple[str, int]] = {}
    for film, sentiment, text in zip(
        frame["movie_id"], frame["sentiment"], frame["text"], strict=True
    ):
        part = {8: "valid", 9: "test"}.get(films[film] % 10, "train")
        for sentence in _END.split(text):
            if SHORTEST <= len(sentence.split()) <= LONGEST:
                rows.setdefault(sentence, (part, int(sentiment == "pos")))
    return pd.DataFrame(
        [(part, sentiment, text) for text, (part, sentiment) in rows.items()],
        columns=["split", "sentiment", "text"],
    )
