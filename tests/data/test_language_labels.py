"""Labels of the evaluation texts of language tasks: a text's own, and unseen by any model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from data import tasks
from data.texts import TextDraw


@pytest.mark.parametrize(("name", "label"), [("yelp-lm", "sentiment"), ("ewt-lm", "genre")])
def test_labels_are_those_of_the_first_row_of_each_text(name: str, label: str) -> None:
    task = tasks.find(name)
    corpus = task.load(None)
    draw = task.draw(corpus, seed=2)
    assert isinstance(draw, TextDraw)
    first = {}
    for text, value in zip(corpus.frame["text"], corpus.frame[label], strict=True):
        first.setdefault(text, value)
    classes = sorted(set(corpus.frame[label]))
    wanted = [classes.index(first[text]) for text in draw.evaluation]
    assert draw.labels[label].tolist() == wanted
    assert len(set(wanted)) > 1
    assert not hasattr(draw.training, "labels")


def test_a_text_with_two_values_has_that_of_its_first_row() -> None:
    task = tasks.find("yelp-lm")
    frame = pd.DataFrame({"text": ["a", "b", "a"], "sentiment": [1, 0, 0]})
    found = task.labels_of(frame, ["b", "a"])  # type: ignore[attr-defined]
    assert np.array_equal(found["sentiment"], [0, 1])


def test_a_task_without_labels_has_none() -> None:
    task = tasks.find("captions-lm")
    assert task.draw(task.load(None), seed=0).labels == {}  # type: ignore[attr-defined]


def test_beginnings_of_reviews_have_their_classes_and_films_stand_in_one_part() -> None:
    task, movies = tasks.find("movies-lm"), tasks.find("movies")
    corpus = task.load(None)
    rows = movies.pool(corpus).rows  # type: ignore[attr-defined]
    draw = task.draw(corpus, seed=1)
    assert isinstance(draw, TextDraw)
    film, classes = {}, {}
    for i, text in enumerate(rows.texts):
        start = " ".join(text.split()[:30])
        film.setdefault(start, rows.groups[i])
        classes.setdefault(start, tuple(rows.labels[a.name][i] for a in rows.aspects))
    parts = (draw.training.train, draw.training.valid, draw.evaluation)
    films = [{film[text] for text in part} for part in parts]
    assert all(films)
    assert not films[0] & films[1]
    assert not films[0] & films[2]
    assert not films[1] & films[2]
    names = {a.name: np.array(a.classes) for a in rows.aspects}
    for place, text in enumerate(draw.evaluation):
        for column, (name, known) in enumerate(names.items()):
            wanted = known[classes[text][column]]
            assert np.unique(known)[draw.labels[name][place]] == wanted
    assert draw.groups is not None
    assert draw.groups.tolist() == [film[text] for text in draw.evaluation]


def test_sentences_of_one_document_have_one_group() -> None:
    task = tasks.find("ewt-lm")
    corpus = task.load(None)
    draw = task.draw(corpus, seed=0)
    assert isinstance(draw, TextDraw)
    first = corpus.frame.drop_duplicates("text").set_index("text")["sent_id"]
    documents = [first[text].rsplit("-", 1)[0] for text in draw.evaluation]
    assert draw.groups is not None
    pairs = set(zip(documents, draw.groups.tolist(), strict=True))
    assert len(pairs) == len(set(documents)) == len(set(draw.groups.tolist()))
    yelp = tasks.find("yelp-lm")
    assert yelp.draw(yelp.load(None), seed=0).groups is None  # type: ignore[attr-defined]


def test_the_first_evaluation_texts_are_of_all_classes_where_the_corpus_is_sorted() -> None:
    """Training texts keep the corpus' order, as a control: theirs are of one class."""
    task = tasks.find("yelp-lm")
    corpus = task.load(None)
    by_class = replace(corpus, frame=corpus.frame.sort_values("sentiment", kind="stable"))
    draw = task.draw(by_class, seed=0)
    assert isinstance(draw, TextDraw)
    few = len(draw.evaluation) // 5
    assert 0.2 < draw.labels["sentiment"][:few].mean() < 0.8
    assert draw.train_labels["sentiment"][:few].mean() == 0
