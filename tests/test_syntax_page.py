"""The page about the task `syntax` shows what the task draws, and nothing of a real corpus."""

import re
from pathlib import Path

import pytest

from data.corpora import DATA_DIR_VARIABLE
from data.syntax.proxies import CONTENT_WORDS
from data.tasks.syntax import Syntax

PAGE = (Path(__file__).parent.parent / "docs" / "syntax.md").read_text(encoding="utf-8")


def test_the_twenty_triplets_are_the_first_of_the_generated_corpus(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(DATA_DIR_VARIABLE, raising=False)
    task = Syntax()
    corpus = task.load(None)
    assert corpus.source == "embedded"
    drawn = task.draw(corpus, seed=0).training.train.triplets
    shown = re.search(r"\| x0 \|.*?\n\|[ :|-]+\n(.*?)\n\n", PAGE, re.DOTALL)
    assert shown is not None
    rows = [tuple(line.strip("| ").split(" | ")) for line in shown[1].splitlines()]
    assert rows == list(drawn[:20])


def test_the_page_says_how_many_words_the_proxy_counts() -> None:
    assert f"which of the {CONTENT_WORDS} most" in " ".join(PAGE.split())
