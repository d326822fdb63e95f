"""Captions of photographs as a language-modelling task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.corpus import Corpus
from data.tasks.language import LanguageTask, official


class CaptionsLm(LanguageTask):
    """Language modelling of captions; the official split, no photograph in two parts."""

    name = "captions-lm"
    corpus = "captions"

    def pools(self, corpus: Corpus) -> Mapping[str, Sequence[str]]:
        return official(corpus)
