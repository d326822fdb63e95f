"""Template sentences of known factors: the generated ones, and how both tasks draw."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data import corpora, tasks
from data.corpora.sentences import DSentences
from data.corpus import Corpus
from data.errors import UserError
from data.generator.clauses import FACTORS, clause, clauses
from data.quotas import Sizes
from data.texts import FactorDraw
from harness.evaluation.factors.metrics import entropy, mutual

SEVEN, NINE = "dsentences-factors", "dsentences-nine-factors"


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return corpora.find("dsentences").embedded(3)


def drawn(corpus: Corpus, name: str = SEVEN, seed: int = 1, **sizes: int) -> FactorDraw:
    counts = {"train": 900, "valid": 50, "evaluation_per_cell": 400, **sizes}
    draw = tasks.find(name).draw(corpus, seed=seed, sizes=Sizes(**counts))
    assert isinstance(draw, FactorDraw)
    return draw


@pytest.mark.parametrize(
    ("subject", "question", "negated", "tense", "progressive", "wanted"),
    [
        ("I", False, False, "present", True, "I am finding the doors."),
        ("she", False, False, "present", False, "She finds the doors."),
        ("they", False, False, "past", False, "They found the doors."),
        ("he", True, True, "present", False, "Does he not find the doors?"),
        ("you", True, False, "past", True, "Were you finding the doors?"),
        ("I", True, True, "past", True, "Was I not finding the doors?"),
        ("we", False, True, "future", True, "We will not be finding the doors."),
        ("she", True, False, "future", False, "Will she find the doors?"),
        ("they", False, True, "past", False, "They did not find the doors."),
    ],
)
def test_clauses(subject, question, negated, tense, progressive, wanted) -> None:
    made = clause(
        "find",
        "doors",
        subject,
        question=question,
        negated=negated,
        tense=tense,
        progressive=progressive,
    )
    assert made == wanted


def test_the_corpus_is_the_whole_product(corpus: Corpus, tmp_path: Path) -> None:
    frame = corpus.frame
    assert len(frame) == len(frame[[*FACTORS]].drop_duplicates()) == 12 * 576
    assert frame["text"].nunique() == 12 * 288
    frame.astype(dict.fromkeys(FACTORS, "int16")).to_parquet(tmp_path / "dsentences.parquet")
    stored = corpora.load("dsentences", data_dir=tmp_path)
    assert stored.content_hash == corpus.content_hash
    assert clauses(12, seed=3)["text"].tolist() == frame["text"].tolist()
    assert clauses(12, seed=4)["text"].tolist() != frame["text"].tolist()


def test_seven_factors_are_an_exact_product(corpus: Corpus) -> None:
    draw = drawn(corpus, train=3000, valid=6, evaluation_per_cell=450)
    assert draw.training.values == {
        "verb_object_tuple": 12,
        "object_plural": 2,
        "interrogative": 2,
        "negation": 2,
        "tense_past_present_future": 3,
        "progressive": 2,
        "pronoun": 6,
    }
    parts = [draw.training.train, draw.training.valid, draw.evaluation.texts]
    assert len({text for part in parts for text in part}) == sum(map(len, parts)) == 3456
    for name, values in draw.evaluation.factors.items():
        shares = mutual(values, draw.evaluation.told[name]) / entropy(values)
        assert shares == pytest.approx(1)
    labelled = draw.training.labelled
    assert labelled.train.texts == draw.training.train
    assert {aspect.name for aspect in labelled.aspects} == set(draw.training.values)


def test_every_value_stands_in_training_and_evaluation(corpus: Corpus) -> None:
    draw = drawn(corpus, train=40, valid=5, evaluation_per_cell=36)
    tuples = draw.evaluation.factors["verb_object_tuple"]
    assert (np.bincount(tuples) == 3).all()
    for name, count in draw.training.values.items():
        assert len(np.unique(draw.evaluation.factors[name])) == count
        assert len(np.unique(draw.training.labelled.train.labels[name])) == count
    with pytest.raises(UserError, match="of 12 values of verb_object_tuple are missing among 4"):
        drawn(corpus, train=4)


def test_draws_follow_the_seed(corpus: Corpus) -> None:
    one, same, other = drawn(corpus), drawn(corpus), drawn(corpus, seed=2)
    assert one.evaluation.texts == same.evaluation.texts != other.evaluation.texts
    assert one.training.train == same.training.train != other.training.train


def test_tuples_that_are_not_told_are_left_out(corpus: Corpus) -> None:
    """Of the first tuple the number of the object is not marked; the next two are one verb."""
    frame = corpus.frame.copy()
    number = frame["verb_object_tuple"]
    for tuples in ((0,), (1, 2)):
        chosen = number.isin(tuples).to_numpy()
        forms = [name for name in FACTORS if name not in ("verb_object_tuple", "object_plural")]
        same = frame[chosen].groupby(forms)["text"].transform("first")
        frame.loc[chosen, "text"] = same
    draw = drawn(replace(corpus, frame=frame), train=800)
    assert draw.training.values["verb_object_tuple"] == 9
    whole = drawn(replace(corpus, frame=frame), NINE, train=800)
    assert whole.training.values["verb_object_tuple"] == 12


def test_nine_factors_have_the_ceiling_of_their_corpus(corpus: Corpus) -> None:
    """Gender is told of a third of the third person, the subject's number but for the second."""
    draw = drawn(corpus, NINE, train=200, evaluation_per_cell=3000)
    rows = draw.evaluation
    assert not set(rows.texts) & {*draw.training.train, *draw.training.valid}
    assert len(rows) == pytest.approx(6000, rel=0.03)
    shares = {n: mutual(v, rows.told[n]) / entropy(v) for n, v in rows.factors.items()}
    assert shares.pop("gender") == pytest.approx(1 / 6, abs=0.02)
    assert shares.pop("subject_plural") == pytest.approx(2 / 3, abs=0.02)
    assert list(shares.values()) == pytest.approx([1] * 7)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("x", "'gender' has the wrong type; it must hold int64"),
        (0.5, "'gender' has the wrong type; it must hold int64"),
        (None, "'gender' has no value in row 1"),
    ],
)
def test_a_stored_factor_that_is_no_whole_number_is_refused(
    corpus: Corpus, tmp_path: Path, value: object, complaint: str
) -> None:
    frame = corpus.frame.head(9).astype(dict.fromkeys(FACTORS, "int16"))
    frame.assign(gender=value).to_parquet(tmp_path / "dsentences.parquet")
    with pytest.raises(UserError, match=complaint):
        corpora.load("dsentences", data_dir=tmp_path)


def test_a_factor_that_is_no_number_is_refused(corpus: Corpus) -> None:
    frame = corpus.frame.assign(gender=-1)
    with pytest.raises(UserError, match="gender"):
        DSentences()._validate(frame, "local", "dsentences.parquet")
