"""Corpora and tasks of relations: entities at their places, parts apart, relations kept away."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from data import corpora, tasks
from data.errors import UserError
from data.mentions import Mentions, MentionTask
from data.quotas import Sizes

ROWS = Mentions(
    ("Ada saw Rome .", "in Oslo lives Bo", "Cy likes Kyiv"),
    (((0, 3), (8, 12)), ((14, 16), (3, 7)), ((0, 2), (9, 13))),
    (("a", "r"), ("b", "o"), ("c", "k")),
)


def test_rows_keep_their_entities_in_other_sentences() -> None:
    moved = ROWS.in_other_sentences(seed=1)
    assert moved.names == ROWS.names
    assert moved.ids == ROWS.ids
    frames = [(" saw ", " ."), ("in ", " lives "), (" likes ",)]
    for row, text in enumerate(moved.texts):
        assert not all(words in text for words in frames[row]), text
    assert sorted(
        len(t) - sum(map(len, n)) for t, n in zip(moved.texts, moved.names, strict=True)
    ) == sorted(len(t) - sum(map(len, n)) for t, n in zip(ROWS.texts, ROWS.names, strict=True))


def test_sentences_are_exchanged_among_pairs_of_the_same_types_alone() -> None:
    task = tasks.find("relations-generated")
    rows = task.draw(task.load(None), seed=0).evaluation
    typed = Mentions(
        rows.texts, rows.spans, rows.ids, tuple((str(i), "x") for i in range(len(rows)))
    )
    assert typed.in_other_sentences(0).texts == rows.texts
    assert (
        np.mean([a == b for a, b in zip(rows.in_other_sentences(0).texts, rows.texts, strict=True)])
        < 0.01
    )


@pytest.mark.parametrize("name", ["relations-generated", "relations-fewrel", "relations-semeval"])
def test_parts_share_no_sentence_and_methods_see_no_relation(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(corpora.DATA_DIR_VARIABLE, raising=False)
    task = tasks.find(name)
    draw = task.draw(task.load(None), seed=4, sizes=Sizes(200, 40, 100))
    parts = [set(p.texts) for p in (draw.training.train, draw.training.valid, draw.evaluation)]
    assert [len(part) for part in parts] == [200, 40, 100]
    assert len(set.union(*parts)) == 340
    assert {f.name for f in fields(MentionTask)} == {"name", "train", "valid"}
    assert {f.name for f in fields(Mentions)} == {"texts", "spans", "ids", "types"}
    assert len(draw.gold) == 100
    assert set(draw.gold) == set(range(len(draw.relations)))
    assert bool(draw.evaluation.types) == (name == "relations-generated")
    assert all(
        words == ids for words, ids in zip(draw.evaluation.names, draw.evaluation.ids, strict=True)
    )
    again = task.draw(task.load(None), seed=4, sizes=Sizes(200, 40, 100))
    assert again.evaluation == draw.evaluation
    with pytest.raises(UserError, match="different sentences; ask for fewer"):
        task.draw(task.load(None), seed=4, sizes=Sizes(99999, 1, 1))


def test_a_generated_link_tells_the_relation_among_those_of_its_types() -> None:
    frame = corpora.find("facts").embedded(1).frame
    linked = frame.groupby(["head_id", "tail_id"])["relation"].nunique()
    assert linked.max() == 1
    assert frame.groupby(["head_type", "tail_type"])["relation"].nunique().tolist() == [2] * 4
    assert frame["head_id"].value_counts().min() > 5


def test_facts_are_the_same_in_every_folder(tmp_path: Path) -> None:
    found = corpora.load("facts", data_dir=tmp_path)
    assert found.source == "embedded"
    assert found.content_hash == corpora.find("facts").embedded(corpora.EMBEDDED_SEED).content_hash


def test_a_stored_copy_has_the_same_hash_and_an_empty_entity_is_refused(tmp_path: Path) -> None:
    source = corpora.find("fewrel_wiki")
    made = source.embedded(1)
    made.frame.to_parquet(tmp_path / "fewrel_wiki.parquet")
    assert source.local(tmp_path).content_hash == made.content_hash
    frame = made.frame.head(4).copy()
    frame["head_positions"] = frame["head_positions"].where(
        frame.index != 2, frame["head_positions"].map(lambda _: ())
    )
    frame.to_parquet(tmp_path / "fewrel_wiki.parquet")
    with pytest.raises(UserError, match=r"head_positions.*is empty in row 3"):
        source.local(tmp_path)
