"""Bags of content words: which pieces they hold, and what share each has in a text."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from torch import Tensor

from baselines.drlst.vocabulary import Vocabulary
from data.rows import Rows
from data.triplets import TripletRows
from harness.encoders.encoding import Tokens

APOSTROPHES = (
    *("s", "t", "d", "ll", "ve", "m", "re", "don", "doesn", "didn", "isn", "wasn", "aren", "weren"),
    *("hasn", "haven", "hadn", "won", "wouldn", "couldn", "shouldn", "ain"),
)
"""What is left of function words where a tokenizer splits at apostrophes."""

STOP_WORDS = ENGLISH_STOP_WORDS | set(APOSTROPHES)
"""Words that say nothing of what a text is about."""

TYPICAL = 3.0
"""Standard errors between classes beyond which a word is typical of one: about one in 400 words
passes by chance."""


def content_words(
    vocabulary: Vocabulary, tokens: Tokens, rows: Rows | TripletRows, content: str, tokenizer: Any
) -> Tensor:
    """The words that a bag counts (John et al. 2019, section 3.3).

    Whole words that are neither stop words nor typical of a class of an aspect that is not content.
    The paper takes a lexicon of sentiment words for the latter; here the training rows tell them,
    and triplets, which have no classes, none.
    Where no word would be left, all pieces are.

    `tokens`, `rows`: the training texts. `content`: the aspect whose words stay. Gives int64
    [words], indices of the vocabulary, ascending.
    """
    pieces = tokenizer.convert_ids_to_tokens(vocabulary.pieces.tolist())
    texts = [tokenizer.convert_tokens_to_string([piece]).strip().lower() for piece in pieces]
    plain = np.array([False, *(t.isalpha() and t not in STOP_WORDS for t in texts)])
    there = np.zeros((len(tokens), len(vocabulary)), dtype=bool)
    for row, ids in enumerate(tokens.ids):
        there[row, vocabulary.index(ids).numpy()] = True
    if isinstance(rows, Rows):
        plain &= ~_typical(there, rows, content)
    chosen = np.flatnonzero(plain)
    return torch.from_numpy(chosen if len(chosen) else np.arange(1, len(vocabulary)))


def bags_of(indices: Tensor, mask: Tensor, words: Tensor) -> Tensor:
    """The share of each content word among the content words of a text.

    Parameters
    ----------
    indices, mask : int64 [texts, tokens], of the vocabulary.
    words : int64 [words], as `content_words` gives them.

    Returns
    -------
    float32 [texts, words]; zeros for a text without content words.
    """
    size = max(int(indices.max()), int(words.max())) + 1
    shares = mask.float()
    counts = shares.new_zeros(len(indices), size).scatter_add_(1, indices, shares)[:, words]
    return counts / counts.sum(1, keepdim=True).clamp(min=1)


def _typical(there: NDArray[np.bool_], rows: Rows, content: str) -> NDArray[np.bool_]:
    """Whether each word is typical of a class of an aspect other than `content`, bool [words].

    Shares of texts with the word are compared as means over cells: in correlated rows the words of
    one aspect would otherwise pass for those of the other.
    """
    cells = [np.flatnonzero(rows.cells == cell) for cell in np.unique(rows.cells)]
    # One half of a text with the word, and one half without it, keep rare words' errors above 0.
    shares = np.array([(there[cell].sum(0) + 0.5) / (len(cell) + 1) for cell in cells])
    variances = np.array([p * (1 - p) / len(c) for p, c in zip(shares, cells, strict=True)])
    typical = np.zeros(there.shape[1], dtype=bool)
    for name, codes in rows.labels.items():
        if name == content:
            continue
        classes = np.array([codes[cell[0]] for cell in cells])
        for inside in (classes == code for code in np.unique(classes)):
            if inside.all():
                continue
            gap = shares[inside].mean(0) - shares[~inside].mean(0)
            error = variances[inside].sum(0) / inside.sum() ** 2
            error = error + variances[~inside].sum(0) / (~inside).sum() ** 2
            typical |= np.abs(gap) > TYPICAL * np.sqrt(error)
    return typical
