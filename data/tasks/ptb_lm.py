"""Penn Treebank sentences as a language-modelling task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.corpus import Corpus
from data.tasks.language import LanguageTask, official


class PtbLm(LanguageTask):
    """Language modelling of newspaper sentences; the usual split of the Penn Treebank."""

    name = "ptb-lm"
    corpus = "ptb"

    def pools(self, corpus: Corpus) -> Mapping[str, Sequence[str]]:
        return official(corpus)
