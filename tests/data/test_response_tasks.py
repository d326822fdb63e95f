"""Tasks of one-to-many text: who stands in which part, and what is known of the generated one."""

from pathlib import Path

import pandas as pd
import pytest

from data import corpora, tasks
from data.errors import UserError
from data.generator.scenes import DOMAINS
from data.responses import ResponseDraw


@pytest.mark.parametrize("name", ["captions-responses", "dialogue"])
def test_no_context_or_response_stands_in_two_parts(name: str) -> None:
    task = tasks.find(name)
    draw = task.draw(task.load(None), seed=0)
    assert isinstance(draw, ResponseDraw)
    parts = (draw.training.train, draw.training.valid, draw.evaluation)
    texts = [set(part.texts) for part in parts]
    if name == "captions-responses":
        texts = [{text for reply in part.replies() for text in reply} for part in parts]
    assert not texts[0] & texts[2]
    assert not texts[1] & texts[2]
    assert all(len(set(each)) == len(each) >= 1 for part in parts for each in part.references)
    assert draw == task.draw(task.load(None), seed=0)
    assert draw != task.draw(task.load(None), seed=1)


def test_a_generated_question_has_one_reply_for_each_agent_and_its_text_names_none() -> None:
    frame = corpora.find("dailydialog_multiref").embedded(1).frame
    agents = {domain: words["agents"] for domain, words in DOMAINS.items()}
    for text, replies in zip(frame["text"], frame["references"], strict=True):
        assert {r.removeprefix("The ").removesuffix(" will.") for r in replies} in [
            set(names) for names in agents.values()
        ]
        assert not any(f" {name} " in text for names in agents.values() for name in names)


def test_replies_that_are_no_texts_are_refused(tmp_path: Path) -> None:
    source = corpora.find("dailydialog_multiref")
    frame = source.embedded(1).frame.head(3).copy()
    frame["references"] = pd.Series([("a", " "), ("b", None), ()], dtype=object)
    frame.to_parquet(tmp_path / "dailydialog_multiref.parquet")
    with pytest.raises(UserError, match=r"references.*row 2.*a list of replies"):
        source.local(tmp_path)
    frame["references"] = pd.Series([("a", " "), ("b",), ()], dtype=object)
    frame.to_parquet(tmp_path / "dailydialog_multiref.parquet")
    assert source.local(tmp_path).frame["references"].tolist() == [("a",), ("b",), ()]
