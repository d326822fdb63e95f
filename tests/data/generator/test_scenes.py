"""Generated sentences of known content and structure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.generator.scenes import PATTERNS, Structure, changed_scene, random_scene, sentence
from data.generator.sentences import captions, documents, graded_pairs, tagged
from data.syntax.trees import read_tree

STRUCTURES = st.builds(
    Structure, st.integers(0, len(PATTERNS) - 1), st.booleans(), st.booleans(), st.booleans()
)
SEEDS = st.integers(0, 10_000)


@given(STRUCTURES, SEEDS, SEEDS)
def test_one_structure_has_one_analysis_whatever_the_words(
    structure: Structure, one: int, other: int
) -> None:
    scenes = (random_scene(np.random.default_rng(seed)) for seed in (one, other))
    first, second = (sentence(scene, structure) for scene in scenes)
    assert first.tags == second.tags
    assert first.heads == second.heads
    assert first.relations == second.relations
    labels = [[leaf.tag for leaf in read_tree(s.tree).leaves()] for s in (first, second)]
    assert labels[0] == labels[1] == list(first.tags)


@given(STRUCTURES, STRUCTURES, SEEDS)
def test_one_scene_keeps_its_content_in_every_structure(
    first: Structure, second: Structure, seed: int
) -> None:
    scene = random_scene(np.random.default_rng(seed))
    for structure in (first, second):
        told = sentence(scene, structure).text.lower()
        assert scene.place in told
        assert scene.trait in told
        assert scene.agent[:3] in told
        assert scene.object[:3] in told


@given(STRUCTURES, SEEDS)
def test_tree_tokens_and_heads_fit_together(structure: Structure, seed: int) -> None:
    made = sentence(random_scene(np.random.default_rng(seed)), structure)
    assert tuple(leaf.word for leaf in read_tree(made.tree).leaves()) == made.tokens
    assert len(made.tokens) == len(made.tags) == len(made.heads) == len(made.relations)
    assert made.heads.count(0) == made.relations.count("root") == 1
    assert all(0 <= head <= len(made.tokens) for head in made.heads)
    assert made.text[0].isupper()
    assert made.text.replace(",", " ,").rstrip(".?").split() == list(made.tokens[:-1])


@given(SEEDS, st.integers(0, 5))
def test_a_changed_scene_shares_what_was_left(seed: int, lemmas: int) -> None:
    random = np.random.default_rng(seed)
    scene = random_scene(random)
    assert scene.shared(changed_scene(scene, lemmas, random)) == pytest.approx(1 - lemmas / 5)


def test_corpora_are_deterministic_and_parted() -> None:
    made = captions(40, seed=3)
    assert made.equals(captions(40, seed=3))
    assert not made.equals(captions(40, seed=4))
    assert made.groupby("image")["split"].nunique().max() == 1
    assert made["split"].value_counts().to_dict() == {"train": 160, "valid": 20, "test": 20}
    assert graded_pairs(60, ("train", "test"), seed=3)["shared"].nunique() == 6
    assert documents(10, 4, seed=3).groupby("document")["genre"].nunique().max() == 1
    assert set(tagged(40, seed=3)["split"]) == {"train", "dev", "test"}
