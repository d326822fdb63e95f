"""Penn Treebank sentences as a language-modelling task."""

from __future__ import annotations

from data.tasks.language import LanguageTask


class PtbLm(LanguageTask):
    """Language modelling of newspaper sentences; the usual split of the Penn Treebank."""

    name = "ptb-lm"
    corpus = "ptb"
