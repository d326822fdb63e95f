"""Tasks of template sentences whose factors are known, though models of texts do not see them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from data.corpus import Corpus
from data.errors import UserError
from data.generator.clauses import FACTORS, PRONOUNS
from data.quotas import Sizes
from data.rows import Aspect, Rows, TrainingTask
from data.tasks.task import Task
from data.texts import FactorDraw, FactorRows, FactorTask

TUPLE = "verb_object_tuple"
MERGED = ["person", "subject_plural", "gender"]
"""What the pronoun tells together, and not always each: the second person has one form of four."""

FEW = 20
"""Values up to which a factor serves as an aspect: each class needs some texts."""

DIGITS = 9
"""To which means of the same random numbers are equal, in whatever order they were added."""


class DSentencesFactors(Task):
    """Seven factors of template sentences, each of which every sentence tells.

    Person, number and gender are merged into the pronoun, and tuples of verb and object are left
    out where a sentence is another tuple's too or does not mark the number of the object. What
    remains is the exact product of seven factors. Training and evaluation share no sentence, that
    is no combination of tuple and form, but every value of every factor stands in both.
    """

    name = "dsentences-factors"
    kind = "factors"
    corpus = "dsentences"
    local_sizes = Sizes(train=20_000, valid=500, evaluation_per_cell=5000)
    embedded_sizes = Sizes(train=2000, valid=150, evaluation_per_cell=1000)

    def factors(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of the corpus that take part, and a column for each factor instead of the nine.

        `frame`: the nine, and a column `sentence` that is equal where the text is.
        """
        forms = np.array(PRONOUNS)
        numbers = np.unique(forms, return_inverse=True)[1].reshape(forms.shape)
        pronoun = numbers[tuple(frame[name].to_numpy() for name in MERGED)]
        frame = frame.drop(columns=MERGED).assign(pronoun=pronoun).drop_duplicates()
        unclear = frame[TUPLE][frame["sentence"].duplicated(keep=False)].unique()
        return frame[~frame[TUPLE].isin(unclear)]

    def drawn(self, corpus: Corpus, correlation: float, seed: int, sizes: Sizes) -> FactorDraw:
        """Sentences in turns over the tuples: those for evaluation first, for training last.

        Sizes count sentences. One that several combinations share is evaluated on with all of
        them, and learned from once, with the labels of one at random. UserError where a value of a
        factor is missing in a part.
        """
        random = np.random.default_rng([seed])
        sentence, texts = pd.factorize(corpus.frame["text"])
        frame = self.factors(corpus.frame[[*FACTORS]].assign(sentence=sentence))
        names = [str(name) for name in frame.columns if name != "sentence"]
        for name in names:
            frame[name] = np.unique(frame[name], return_inverse=True)[1]
        # One row of each sentence at random, and then the sentences in random order.
        once = _shuffled(_shuffled(frame, random).drop_duplicates("sentence"), random)
        turn = once.groupby(TUPLE).cumcount()
        once = once.loc[turn.sort_values(kind="stable").index]
        held = sizes.evaluation_per_cell or len(once) // 10
        valid = held + (sizes.valid or len(once) // 20)
        train = len(once) if sizes.train is None else valid + sizes.train
        place = pd.Series(np.arange(len(once)), index=once["sentence"])[:held]
        evaluated = frame.assign(place=frame["sentence"].map(place)).dropna()
        evaluated = evaluated.sort_values("place", kind="stable")
        trained = once[valid:train]
        values = {name: int(frame[name].nunique()) for name in names}
        for part, rows in (("training", trained), ("evaluation", evaluated)):
            for name, count in values.items():
                if missing := count - rows[name].nunique():
                    raise UserError(
                        f"{self.name}: {missing} of {count} values of {name} are "
                        f"missing among {len(rows)} sentences for {part}; ask for more"
                    )
        told = {name: _told(frame, name, random)[evaluated.index] for name in names}
        return FactorDraw(
            self._task(trained, once[held:valid], texts, values),
            FactorRows(
                tuple(texts[evaluated["sentence"]]),
                {name: np.array(evaluated[name]) for name in names},
                {name: np.array(number) for name, number in told.items()},
            ),
        )

    def _task(
        self, train: pd.DataFrame, valid: pd.DataFrame, texts: pd.Index[Any], values: dict[str, int]
    ) -> FactorTask:
        few = [name for name, count in values.items() if count <= FEW]
        aspects = tuple(Aspect(name, tuple(map(str, range(values[name])))) for name in few)
        parts = [
            Rows(
                ids=tuple(map(str, part.index)),
                texts=tuple(texts[part["sentence"]]),
                labels={name: np.array(part[name]) for name in few},
                groups=np.array(part["sentence"]),
                aspects=aspects,
            )
            for part in (train, valid)
        ]
        labelled = TrainingTask(self.name, aspects, 0.0, *parts)
        return FactorTask(self.name, parts[0].texts, parts[1].texts, labelled, values)


class DSentencesNine(DSentencesFactors):
    """All nine factors of template sentences, of which some sentences do not tell all.

    Of gender a sixth can be known and of the number of the subject two thirds, so no code reaches 1
    in them: the ceiling says what one can reach.
    """

    name = "dsentences-nine-factors"
    local_sizes = Sizes(train=20_000, valid=500, evaluation_per_cell=2500)

    def factors(self, frame: pd.DataFrame) -> pd.DataFrame:
        """All rows and columns."""
        return frame.copy()


def _shuffled(frame: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    return frame.iloc[random.permutation(len(frame))]


def _told(frame: pd.DataFrame, name: str, random: np.random.Generator) -> pd.Series[int]:
    """For each row the number of what its sentence tells of a factor.

    Each value gets a random number; sentences tell the same where the means of these are equal.
    """
    drawn = random.random(frame[name].max() + 1)
    means = frame[name].map(dict(enumerate(drawn))).groupby(frame["sentence"]).transform("mean")
    return means.round(DIGITS).rank(method="dense").astype("int64") - 1
