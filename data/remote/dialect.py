"""The dialect of a tweet by the mixed-membership model of Blodgett, Green & O'Connor (2016).

Each word of a tweet comes from one of four demographic topics; the topics' word distributions are
fixed by the counts that TwitterAAE publishes, and the tweet's mixture has a symmetric Dirichlet
prior. The posterior is inferred by zeroth-order collapsed variational Bayes (Asuncion, Welling,
Smyth & Teh 2009, section 3.1): the mixture is integrated out and each word's responsibilities are
updated from the expected counts of all other words,

    q_ik  proportional to  phi_k(w_i) * (alpha + sum over j != i of q_jk).

The result is the share of the tweet's known words that each topic is expected to have written, by
the prior, the number of sweeps and the order of words that published posteriors of this model
have. It is a lexical guess, not a statement about an author.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.errors import UserError
from data.remote.tweet_words import words_of

Floats = NDArray[np.float64]

DIALECTS = ("AA", "Hisp", "Other", "White")
# A tweet is left without a posterior where fewer of its words than this share are known.
MIN_KNOWN_SHARE = 0.2
# TweetEval writes every user name so; it is no word, where a real name is one without counts.
PLACEHOLDER = "@user"
# Prior counts of each dialect in a tweet, and of each word in each dialect.
ALPHA = SMOOTHING = 1.0
# Published posteriors stop here; running on moves few shares by more than a hundredth.
SWEEPS = 4
_BATCH = 4096


@dataclass(frozen=True)
class DialectModel:
    """Word counts of the four dialects, with everything that inference needs.

    `words`: v lower-case words. `counts`: float64 [v, 4], non-negative; columns in the order of
    `DIALECTS`.
    """

    words: tuple[str, ...]
    counts: Floats

    @cached_property
    def word_ids(self) -> dict[str, int]:
        """Row of each word; the first where a word is there twice."""
        rows = range(len(self.words) - 1, -1, -1)
        return {self.words[row]: row for row in rows}

    @cached_property
    def likelihoods(self) -> Floats:
        """float64 [v, 4]: probability of each word in each dialect, scaled to sum 1 over dialects.

        The scale of a row has no influence on responsibilities.
        """
        smooth = self.counts + SMOOTHING
        probabilities = smooth / smooth.sum(axis=0)
        return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True))

    def infer(self, tweets: Sequence[str]) -> Floats:
        """Expected share of each dialect among the known words of each tweet.

        `tweets`: n raw texts. Gives float64 [n, 4]; rows sum to 1, and are NaN where too few words
        are known.
        """
        known = [self._known(words_of(tweet)) for tweet in tweets]
        lengths = np.array([len(ids) for ids in known], dtype=np.int64)
        shares = np.full((len(tweets), len(DIALECTS)), np.nan)
        order = np.argsort(lengths, kind="stable")
        order = order[lengths[order] > 0]
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            width = int(lengths[batch[-1]])
            padded = np.zeros((len(batch), width, len(DIALECTS)))
            for row, position in enumerate(batch):
                padded[row, : lengths[position]] = self.likelihoods[known[position]]
            shares[batch] = infer_shares(padded, ALPHA)
        return shares

    def _known(self, words: list[str]) -> list[int]:
        real = [word for word in words if word != PLACEHOLDER]
        ids = [self.word_ids[word] for word in real if word in self.word_ids]
        return ids if len(ids) >= MIN_KNOWN_SHARE * len(real) else []


def infer_shares(likelihoods: Floats, alpha: float, *, sweeps: int = SWEEPS) -> Floats:
    """Collapsed variational inference of many short documents at once.

    Parameters
    ----------
    likelihoods : float64 [n, length, k]; for each word of each document its probability under each
        of k topics up to a factor; shorter documents are padded with rows of zeros.
    alpha : prior count of each topic in a document.
    sweeps : times that every word is updated after starting from its likelihoods.

    Returns
    -------
    float64 [n, k]: expected share of each topic among the words of each document.
    """
    totals = likelihoods.sum(axis=2, keepdims=True)
    scaled = np.divide(likelihoods, totals, out=np.zeros_like(likelihoods), where=totals > 0)
    responsibilities = scaled.copy()
    expected = responsibilities.sum(axis=1)
    for _ in range(sweeps):
        # Word by word, all documents together: updating every word at once may swing for ever.
        for position in range(scaled.shape[1]):
            expected -= responsibilities[:, position]
            updated = scaled[:, position] * (np.maximum(expected, 0.0) + alpha)
            norm = updated.sum(axis=1, keepdims=True)
            updated = np.divide(updated, norm, out=np.zeros_like(updated), where=norm > 0)
            responsibilities[:, position] = updated
            expected += updated
    return np.asarray(expected / expected.sum(axis=1, keepdims=True))


def read_word_table(counts: Path, vocabulary: Path) -> DialectModel:
    """The model from TwitterAAE's `model_count_table.txt` and `model_vocab.txt`.

    Row i of the counts, four numbers in the order of `DIALECTS`, belongs to line i of the
    vocabulary, a frequency and a word.

    UserError where a file is missing, is no such table, or the two do not fit.
    """
    try:
        table = np.loadtxt(counts, dtype=np.float64, ndmin=2)
        lines = vocabulary.read_bytes().decode("utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read the word table {counts}: {error}; get it again") from error
    words = tuple(line.rsplit("\t", 1)[-1].strip(" \r") for line in lines if line)
    if table.shape != (len(words), len(DIALECTS)) or not len(words):
        raise UserError(
            f"{counts} has the shape {table.shape}, not {len(words)} words by {len(DIALECTS)} "
            "dialects; get both files of the word table again"
        )
    if not np.isfinite(table).all() or table.min() < 0:
        raise UserError(f"{counts} holds a negative or infinite count; get it again")
    return DialectModel(words, table)
