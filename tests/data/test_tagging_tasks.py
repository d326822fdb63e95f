"""Tasks of tagging: what is drawn from generated posts, and from a user's CoNLL file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from data import corpora, tasks
from data.corpora.conll import read_conll
from data.errors import UserError
from data.quotas import Sizes
from data.tagging import Span, TaggingDraw
from harness.cli import main
from harness.evaluation import check


def drawn(seed: int = 0, sizes: Sizes | None = None) -> TaggingDraw:
    task = tasks.find("profner")
    found = task.draw(corpora.find("profner").embedded(1), seed=seed, sizes=sizes)
    assert isinstance(found, TaggingDraw)
    return found


def test_parts_share_no_text_and_evaluation_is_the_validation_part() -> None:
    first, second = drawn(0), drawn(1)
    frame = corpora.find("profner").embedded(1).frame
    held = set(frame["text"][frame["split"] == "valid"])
    for draw in (first, second):
        parts = [draw.training.train.texts, draw.training.valid.texts, draw.evaluation.texts]
        assert len(set().union(*parts)) == sum(map(len, parts)) == len(frame)
        assert set(parts[2]) == held
        check("tagging", draw)
    assert first.evaluation.texts == second.evaluation.texts
    assert first.training.valid.texts != second.training.valid.texts
    few = drawn(0, Sizes(20, 8, 5))
    assert [len(p) for p in (few.training.train, few.training.valid, few.evaluation)] == [20, 8, 5]


def test_two_types_are_scored_and_the_label_holds_for_all() -> None:
    draw = drawn()
    rows = draw.training.train
    assert draw.training.types == ("PROFESION", "SITUACION_LABORAL")
    assert {span.type for own in rows.spans for span in own} == set(draw.training.types)
    alone = [bool(own) for own in rows.spans]
    assert rows.without_span == int(rows.labels.sum()) - sum(alone) > 0
    for text, own in zip(rows.texts, rows.spans, strict=True):
        assert all(text[s.begin : s.end].strip() == text[s.begin : s.end] != "" for s in own)


def test_equal_texts_stay_on_the_side_of_evaluation(tmp_path: Path) -> None:
    entity = [{"type": "PROFESION", "begin": 2, "end": 7, "text": "nurse"}]
    rows = [("train", f"a nurse {i % 40}", "1", entity) for i in range(60)]
    rows += [("valid", f"a nurse {i}", "1", entity) for i in range(35, 45)]
    columns = ["split", "text", "label", "entities"]
    pd.DataFrame(rows, columns=columns).to_parquet(tmp_path / "profner.parquet")
    task = tasks.find("profner")
    found = task.draw(task.load(tmp_path), seed=0, sizes=Sizes(100, 5, None))
    assert len(found.evaluation) == 10
    assert len(found.training.train) + len(found.training.valid) == 35
    with pytest.raises(UserError, match="profner: of 30 texts of a part"):
        check("tagging", found)


def test_a_stored_copy_has_the_hash_of_the_generated_corpus(tmp_path: Path) -> None:
    source = corpora.find("profner")
    made = source.embedded(1)
    source.generate(1).to_parquet(tmp_path / "profner.parquet")
    assert source.local(tmp_path).content_hash == made.content_hash
    frame = source.generate(1)
    frame["entities"] = [[{"type": "PROFESION", "begin": 0, "end": 9_999}]] * len(frame)
    frame.to_parquet(tmp_path / "profner.parquet")
    with pytest.raises(UserError, match="an entity in row 1 lies outside of its text"):
        source.local(tmp_path)


@pytest.mark.parametrize(
    "entities",
    [
        7,
        "none",
        [1, 2],
        [{"begin": 0, "end": 1}],
        [{"begin": None, "end": 1, "type": "PROFESION"}],
        [{"begin": "first", "end": 1, "type": "PROFESION"}],
    ],
)
def test_entities_of_another_form_are_refused(tmp_path: Path, entities: object) -> None:
    source = corpora.find("profner")
    frame = source.generate(1).head(3).assign(entities=pd.Series([entities] * 3))
    frame.to_parquet(tmp_path / "profner.parquet")
    with pytest.raises(UserError, match="column 'entities' has") as caught:
        source.local(tmp_path)
    assert "\n" not in str(caught.value)


CONLL = """-DOCSTART- O

# text = The bus driver sleeps
The O
bus B-job
driver I-job
sleeps O

Ana I-name
Lu B-name
waits O
# O

"""


def written(folder: Path, content: str, name: str = "mine.conll") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return path


def test_a_conll_file_is_words_spans_and_a_label(tmp_path: Path) -> None:
    tagged = read_conll(written(tmp_path, f"{CONLL}so O\nit O\n"), None).frame
    assert tagged["text"].tolist() == ["The bus driver sleeps", "Ana Lu waits #", "so it"]
    assert tagged["label"].tolist() == ["1", "1", "0"]
    assert tagged["entities"].tolist() == [
        ((4, 14, "job"),),
        ((0, 3, "name"), (4, 6, "name")),
        (),
    ]
    lines = "The\tyes\tx\tO\r\ncook\tyes\ty\tB-job\r\n\r\nwe\tno\tz\tB-job\r\n"
    first = "yes The O\nyes cook B-job\n\nno we B-job"
    for content, label in ((lines, 2), (first, 1)):
        labelled = read_conll(written(tmp_path, content, "own.bio"), label).frame
        assert labelled["label"].tolist() == ["1", "0"]
        assert labelled["text"].tolist() == ["The cook", "we"]
        assert labelled["entities"].tolist() == [((4, 8, "job"),), ((0, 2, "job"),)]


@pytest.mark.parametrize(
    ("content", "label", "complaint"),
    [
        ("a O\nb\n", None, "line 2 has 1 columns and the first line of its text 2"),
        ("a O\nb X-job\n", None, "line 2 has the tag 'X-job'; write O"),
        ("a\nb\n", None, "line 1 has 1 columns; a word, a tag"),
        ("a O\n", 2, "line 1 has 2 columns; a word, a tag and the column that --label names"),
        ("a x O\n", 4, "line 1 has 3 columns"),
        ("a x O\n\nb y O\n", 0, "line 1 has 3 columns"),
        ("a x O\nb y O\n", 2, "from line 1 on has several labels"),
        ("a O\n\nb O\n", None, "has 1 labels and needs two"),
        ("", None, "has 0 labels and needs two"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, content: str, label: int | None, complaint: str
) -> None:
    with pytest.raises(UserError, match=complaint) as caught:
        read_conll(written(tmp_path, content), label)
    assert "\n" not in str(caught.value)


def many(count: int) -> str:
    texts = (f"the O\n{'cook B-job' if i % 2 else 'cat O'}\nnumber{i} O\n\n" for i in range(count))
    return "".join(texts)


def test_a_users_file_is_a_task_whose_draw_follows_from_its_content(tmp_path: Path) -> None:
    draws = []
    for name in ("mine.conll", "other name.conll"):
        task = tasks.find("tagged-data", data=written(tmp_path, many(60), name))
        corpus = task.load(None)
        draws.append((task.draw(corpus, seed=3), task.identity(corpus), task.name))
    (first, identity, name), (second, same, other) = draws
    assert first.training.train.texts == second.training.train.texts
    assert identity == same
    assert (name, other) == ("tagged-mine", "tagged-other-name")
    labelled = {tasks.find("tagged-data", data="mine.conll", label=n).name for n in (1, 2)}
    assert labelled == {"tagged-mine-label-1", "tagged-mine-label-2"}
    parts = first.training.train, first.training.valid, first.evaluation
    assert [len(part) for part in parts] == [42, 6, 12]
    assert Span(4, 8, "job") in {span for own in first.training.train.spans for span in own}
    np.testing.assert_array_equal(
        first.evaluation.labels, [bool(s) for s in first.evaluation.spans]
    )
    with pytest.raises(UserError, match="needs a file that ends in"):
        tasks.find("tagged-data", data="mine.csv")


def test_the_command_line_knows_such_a_file_by_its_ending(tmp_path: Path) -> None:
    file = str(written(tmp_path, many(60)))
    words = ["plan", "--data", file, "--method", "joint-rnn", "--backbone", "random-bert"]
    words += ["--profile", "smoke", "--results", str(tmp_path / "results")]
    said = CliRunner().invoke(main, words)
    assert said.exit_code == 0, said.output
    assert "tagged-mine" in said.output
    refused = CliRunner().invoke(main, [*words, "--text", "body"])
    assert refused.exit_code == 1
    assert "'tagged-data' has no option 'text'" in refused.stderr
