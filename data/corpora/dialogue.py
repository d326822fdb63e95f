"""Turns of conversations, each with the replies that several people gave it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from data.corpora.source import NUMBER, TEXT, CorpusSource, Rule, must_be

EMBEDDED_TURNS = 400


def _texts(lists: pd.Series[Any]) -> pd.Series[bool]:
    return lists.map(lambda row: all(isinstance(text, str) for text in row))


class DailyDialog(CorpusSource):
    """Turns of everyday conversations with several replies each: DailyDialog's test part."""

    name = "dailydialog_multiref"
    licence = "CC BY-NC-SA 4.0: non-commercial"
    citation = (
        "Li et al. 2017, DailyDialog: a manually labelled multi-turn dialogue dataset, IJCNLP; "
        "Gupta et al. 2019, Investigating evaluation of open-domain dialogue systems with human "
        "generated multiple references, SIGDIAL"
    )
    columns = {
        "dialogue": NUMBER,
        "turn": NUMBER,
        "text": TEXT,
        "references": Rule(object, _texts, must_be("a list of replies; the last turn has none")),
    }
    unique = ("dialogue", "turn")

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Replies as tuples, so that equal rows have equal content hashes; blank ones left out."""
        listed = "references" in frame and frame["references"].map(pd.api.types.is_list_like).all()
        if not listed:
            return frame
        rows = (tuple(r for r in row if r is None or str(r).strip()) for row in frame["references"])
        replies = pd.Series(list(rows), frame.index, object)
        return frame.assign(references=replies)

    def generate(self, seed: int) -> pd.DataFrame:
        """Generated questions, each with all replies that are valid."""
        from data.generator import sentences

        return sentences.questions(EMBEDDED_TURNS, seed=seed)
