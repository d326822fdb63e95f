"""The task of semantics and syntax: what is drawn, from whom, and what methods never see."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data import tasks
from data.corpus import SeveralCorpora
from data.errors import UserError
from data.quotas import Sizes
from data.syntax.triplets import plain
from data.tasks.syntax import Syntax, SyntaxDraw

SMALL = Sizes(train=60, valid=20, evaluation_per_cell=80)


@pytest.fixture(scope="module")
def corpora_of_task() -> SeveralCorpora:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DISENTANGLE_DATA", raising=False)
        return Syntax().load(None)


@pytest.fixture(scope="module")
def draw(corpora_of_task: SeveralCorpora) -> SyntaxDraw:
    return Syntax().draw(corpora_of_task, seed=1, sizes=SMALL)


def test_draws_follow_the_seed(corpora_of_task: SeveralCorpora, draw: SyntaxDraw) -> None:
    again = Syntax().draw(corpora_of_task, seed=1, sizes=SMALL)
    other = Syntax().draw(corpora_of_task, seed=2, sizes=SMALL)
    assert again.training.train.triplets == draw.training.train.triplets
    assert other.training.train.triplets != draw.training.train.triplets
    assert [rows.texts for rows in again.evaluation.probes] == [
        rows.texts for rows in draw.evaluation.probes
    ]


def test_parts_share_no_image(corpora_of_task: SeveralCorpora, draw: SyntaxDraw) -> None:
    frame = corpora_of_task.parts["captions"].frame
    images = {
        part: set(frame.loc[frame["text"].isin([t for x in rows.triplets for t in x[:2]])]
                  .query("split == @part")["image"])
        for part, rows in (
            ("train", draw.training.train),
            ("valid", draw.training.valid),
            ("test", draw.evaluation.triplets),
        )
    }  # fmt: skip
    assert all(images.values())
    assert not images["train"] & images["valid"] | images["train"] & images["test"]
    assert len(draw.training.train) == 60
    assert len(draw.training.valid) == 20


def test_x1_is_of_the_same_scene_and_x2_of_the_same_tags(
    corpora_of_task: SeveralCorpora, draw: SyntaxDraw
) -> None:
    frame = corpora_of_task.parts["captions"].frame
    image = dict(zip(frame["text"], frame["image"], strict=True))
    for first, second, third in draw.training.train.triplets:
        assert first != second
        assert image[first] == image[second]
        assert len(first.split()) == len(third.split())
        shared = set(first.lower().split()) & set(third.lower().split())
        assert len(shared) < len(first.split())


def test_aspects_have_no_classes_and_proxies_fit_the_texts(draw: SyntaxDraw) -> None:
    task = draw.training
    assert [(a.name, a.classes) for a in task.aspects] == [("semantics", ()), ("syntax", ())]
    assert len(task.train.texts) == 3 * len(task.train)
    assert task.train.texts[:60] == tuple(t[0] for t in task.train.triplets)
    assert task.train.texts[120:] == tuple(t[2] for t in task.train.triplets)
    for proxy in task.train.proxies.values():
        assert proxy.shape[0] == 180
        assert (np.ptp(proxy, axis=0) > 0).all()
    # x2 has the tags of x0 and none of its content words.
    syntax, semantics = task.train.proxies["syntax"], task.train.proxies["semantics"]
    assert np.array_equal(syntax[:60], syntax[120:])
    assert not (semantics[:60] * semantics[120:]).any()
    assert (semantics[:60] * semantics[60:120]).any()


def test_sizes_of_evaluation_count_all_rows(draw: SyntaxDraw) -> None:
    assert {name: len(pairs) for name, pairs in draw.evaluation.pairs.items()} == {
        "stsb": 80,
        "sick": 80,
    }
    assert len(draw.evaluation.sentences) == 80


def test_no_pair_with_an_evaluated_text_is_learned_from(
    corpora_of_task: SeveralCorpora, draw: SyntaxDraw
) -> None:
    texts = [t for triplet in draw.training.train.triplets for t in triplet[:2]]
    pairs = corpora_of_task.parts["stsb"].frame.copy()
    test = pairs.index[pairs["split"] == "test"]
    # Without its full stop and in capitals, as another corpus may write it.
    pairs.loc[test[: len(texts)], "sentence1"] = [t.rstrip(".").upper() for t in texts[: len(test)]]
    seen = replace(corpora_of_task.parts["stsb"], frame=pairs)
    planted = replace(corpora_of_task, parts={**corpora_of_task.parts, "stsb": seen})
    sizes = Sizes(train=60, valid=20, evaluation_per_cell=500)
    again = Syntax().draw(planted, seed=1, sizes=sizes)
    barred = {plain(t) for t in texts[: len(test)]}
    assert barred & {plain(t) for triplet in draw.training.train.triplets for t in triplet[:2]}
    assert not barred & {plain(t) for x in again.training.train.triplets for t in x[:2]}


def pairs_file(folder: Path, corpus: SeveralCorpora, count: int) -> Path:
    frame = corpus.parts["captions"].frame
    texts = frame["text"].tolist()
    file = folder / "my pairs.tsv"
    pairs = [f"{texts[5 * i]}\t{texts[5 * i + 1]}\t0.7" for i in range(count)]
    file.write_text("\n".join(pairs) + "\n", encoding="utf-8")
    return file


def test_a_file_of_pairs_takes_the_place_of_captions(
    tmp_path: Path, corpora_of_task: SeveralCorpora
) -> None:
    file = pairs_file(tmp_path, corpora_of_task, 200)
    task = tasks.find("syntax", paraphrases=file)
    assert task.name == "syntax-my-pairs"
    assert task.settings != Syntax().settings
    renamed = tasks.find("syntax", paraphrases=file.rename(tmp_path / "another name.tsv"))
    assert renamed.identity(corpora_of_task) == task.identity(corpora_of_task)
    file = tmp_path / "another name.tsv"
    draw = task.draw(corpora_of_task, seed=1, sizes=SMALL)
    lines = [tuple(line.split("\t")[:2]) for line in file.read_text("utf-8").splitlines()]
    ways = {*lines, *(pair[::-1] for pair in lines)}
    parts = [draw.training.train, draw.training.valid, draw.evaluation.triplets]
    used = [{frozenset(t[:2]) for t in rows.triplets} for rows in parts]
    assert all(t[:2] in ways for rows in parts for t in rows.triplets)
    assert not used[0] & used[1] | used[0] & used[2] | used[1] & used[2]


def test_a_sentence_of_several_pairs_serves_one_part(
    tmp_path: Path, corpora_of_task: SeveralCorpora
) -> None:
    frame = corpora_of_task.parts["captions"].frame
    texts = frame["text"].tolist()
    # Each first caption with all the others of its image, in turns over the parts.
    lines = [f"{texts[5 * i]}\t{texts[5 * i + k]}" for i in range(200) for k in range(1, 5)]
    file = tmp_path / "repeated.tsv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    task = tasks.find("syntax", paraphrases=file)
    draw = task.draw(corpora_of_task, seed=1, sizes=Sizes(train=60, valid=20))
    rows = (draw.training.train, draw.training.valid, draw.evaluation.triplets)
    train, valid, test = ({plain(t) for x in part.triplets for t in x[:2]} for part in rows)
    assert not train & valid | train & test | valid & test
    assert len(draw.evaluation.triplets) > 10


def test_too_few_pairs_say_how_many_there_are(
    tmp_path: Path, corpora_of_task: SeveralCorpora
) -> None:
    task = tasks.find("syntax", paraphrases=pairs_file(tmp_path, corpora_of_task, 20))
    with pytest.raises(UserError, match=r"give 1\d triplets for train, and 60 are asked"):
        task.draw(corpora_of_task, seed=1, sizes=SMALL)


def test_a_correlation_is_refused_where_there_are_no_cells(
    corpora_of_task: SeveralCorpora,
) -> None:
    with pytest.raises(UserError, match="no correlation; leave --correlation out"):
        tasks.find("syntax").draw(corpora_of_task, correlation=0.9, seed=0)
