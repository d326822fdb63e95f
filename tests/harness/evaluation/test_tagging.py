"""F1 of labels and of spans: by hand, and as the reference libraries give them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from baselines.two_tasks.words import spans_of, tags_of
from data import tasks
from data.quotas import Sizes
from data.tagging import Span, TaggedRows, TaggingDraw, TaggingTask
from disentangle_bench import run
from harness.evaluation import check, evaluate
from harness.evaluation.text.tagger import Found, Tagger, label_scores, span_scores
from harness.outputs.report import write_report
from harness.outputs.write import write_outputs
from harness.system.progress import silent

JOB, STATUS = "job", "status"


class Told(Tagger):
    """Says what it was told."""

    name = "told"
    trainable_parameters = 0

    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found

    def fit(self, task: Any, backbone: Any, *, seed: int, progress: Any) -> Told:
        return self

    def save(self, folder: Path) -> None:
        pass

    def load(self, folder: Path, backbone: Any) -> Told:
        return self

    def read(self, texts: Any) -> Found:
        return self.found


GOLD = TaggedRows(
    ("a cook and a nurse", "retired", "a gardener of words", "rain"),
    np.array([1, 1, 1, 0]),
    ((Span(2, 6, JOB), Span(13, 18, JOB)), (Span(0, 7, STATUS),), (), ()),
)
DRAW = TaggingDraw(TaggingTask("toy", (JOB, STATUS), GOLD, GOLD), GOLD)


def measured(found: Found) -> dict[tuple[str, str], float]:
    made = evaluate("tagging", Told(found), DRAW, seed=0, pictures=False, progress=silent)
    return {(score.metric, score.factor): score.value for score in made.scores}


def test_a_case_by_hand() -> None:
    """Of three spans one is right, one of the wrong type, one too long, and one is invented."""
    spans = (
        (Span(2, 6, JOB), Span(11, 18, JOB)),
        (Span(0, 7, JOB),),
        (),
        (Span(0, 4, STATUS),),
    )
    scores = measured(Found(np.array([1, 0, 1, 1]), spans))
    assert scores["span_precision", ""] == 1 / 4
    assert scores["span_recall", ""] == 1 / 3
    assert scores["span_f1", ""] == pytest.approx(2 / 7)
    assert scores["type_f1", JOB] == pytest.approx(2 / 5)
    assert scores["type_f1", STATUS] == 0
    assert scores["label_precision", ""] == scores["label_recall", ""] == 2 / 3
    # Texts 0, 1 and 3 have a span: two of three are of class 1, and one of class 1 has none.
    assert scores["label_f1_off_spans", ""] == pytest.approx(2 / 3)


def test_what_is_right_has_one_and_the_gap_is_counted() -> None:
    scores = measured(Found(GOLD.labels, GOLD.spans))
    assert scores["label_f1", ""] == scores["span_f1", ""] == scores["type_f1", STATUS] == 1
    # Text 2 names an occupation of a type that is not scored.
    assert scores["label_f1_off_spans", ""] == pytest.approx(4 / 5)
    made = evaluate(
        "tagging", Told(Found(None, None)), DRAW, seed=0, pictures=False, progress=silent
    )
    assert made.counts["evaluation"] == {
        "negative": 1,
        "positive with a span": 2,
        "positive without": 1,
    }
    assert not {s.metric for s in made.scores} & {"label_f1", "span_f1", "type_f1"}


def made_found(seed: int) -> tuple[TaggedRows, Found]:
    """Evaluation rows of the generated task, and wrong tags of a tenth of their words."""
    from baselines.two_tasks.words import words_of

    task = tasks.find("profner")
    draw = task.draw(task.load(None), seed=seed, sizes=Sizes(20, 10, 60))
    rows, types, random = draw.evaluation, draw.training.types, np.random.default_rng(seed)
    spans = []
    for text, own in zip(rows.texts, rows.spans, strict=True):
        words = words_of(text)
        tags = [
            t if random.random() > 0.1 else 2 * int(random.integers(2)) + 1
            for t in tags_of(words, own, types)
        ]
        # Legal: what continues another type or nothing begins.
        kept = [
            t - 1 if t and t % 2 == 0 and before not in (t - 1, t) else t
            for before, t in zip([0, *tags], tags, strict=False)
        ]
        spans.append(spans_of(words, kept, types))
    labels = np.where(random.random(len(rows)) < 0.2, 1 - rows.labels, rows.labels)
    return rows, Found(labels, tuple(spans))


def test_labels_are_scored_as_scikit_learn_does() -> None:
    rows, found = made_found(1)
    assert found.labels is not None
    ours = label_scores(found.labels, rows.labels)
    theirs = precision_recall_fscore_support(rows.labels, found.labels, average="binary")
    assert tuple(ours.values()) == pytest.approx(theirs[:3])


def test_spans_are_scored_as_seqeval_does() -> None:
    seqeval = pytest.importorskip("seqeval.metrics", reason="seqeval is not installed")
    from seqeval.scheme import IOB2

    from baselines.two_tasks.words import words_of

    rows, found = made_found(2)
    assert found.spans is not None
    types = ("PROFESION", "SITUACION_LABORAL")
    names = ["O", *(f"{letter}-{kind}" for kind in types for letter in "BI")]
    gold, said = (
        [
            [names[tag] for tag in tags_of(words_of(text), own, types)]
            for text, own in zip(rows.texts, of, strict=True)
        ]
        for of in (rows.spans, found.spans)
    )
    ours = span_scores(found.spans, rows.spans)
    assert 0.2 < ours["f1"] < 0.95
    strict = {"mode": "strict", "scheme": IOB2}
    assert ours["precision"] == pytest.approx(seqeval.precision_score(gold, said, **strict))
    assert ours["recall"] == pytest.approx(seqeval.recall_score(gold, said, **strict))
    assert ours["f1"] == pytest.approx(seqeval.f1_score(gold, said, **strict))


def test_too_little_is_refused() -> None:
    from data.errors import UserError

    bare = replace(GOLD, spans=((),) * 4)
    with pytest.raises(UserError, match="toy: of 4 texts of a part none has a span"):
        check("tagging", replace(DRAW, evaluation=bare))


def test_a_users_file_runs_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    texts = (f"the O\n{'cook B-job' if i % 2 else 'cat O'}\nnumber{i} O\n\n" for i in range(60))
    (tmp_path / "mine.conll").write_text("".join(texts), encoding="utf-8")
    scores = run(
        ["joint-rnn"],
        ["tagged-data"],
        options={"tagged-data": {"data": "mine.conll"}},
        profile="smoke",
        results="made",
    )
    assert set(scores["variant"]) == {"default", "label-only", "tags-only"}
    assert set(scores["task"]) == {"tagged-mine"}
    made = {path.name for path in write_outputs(Path("made"), "smoke")}
    assert {"tagged-mine-random-bert.md", "tagged-mine-random-bert-cost.csv"} <= made
    table = (tmp_path / "made/smoke/tables/summary.md").read_text(encoding="utf-8")
    assert "joint-rnn (label-only)" in table
    assert "of 30 texts of class 1 0 have no span of a scored type" in table
    write_report(Path("made"), "smoke")
    assert "A label and spans" in (tmp_path / "made/smoke/report.html").read_text(encoding="utf-8")
