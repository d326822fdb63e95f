"""Captions of photographs as a language-modelling task."""

from __future__ import annotations

from data.tasks.language import LanguageTask


class CaptionsLm(LanguageTask):
    """Language modelling of captions; the official split, no photograph in two parts."""

    name = "captions-lm"
    corpus = "captions"
