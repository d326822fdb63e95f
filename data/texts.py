"""Texts without labels: a user's, and the parts of a task that are drawn from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from data.errors import UserError
from data.rows import IntArray, TrainingTask


@dataclass(frozen=True)
class TextTask:
    """All that a model of texts ever sees of a task; no text stands in two parts.

    `name`: of the task. `train`, `valid`: texts, in the order of the corpus.
    """

    name: str
    train: tuple[str, ...]
    valid: tuple[str, ...]


@dataclass(frozen=True)
class TextDraw:
    """One draw of a task: what models learn from, and the texts the harness alone evaluates on.

    `labels`, `train_labels`: int64 [n] classes of the evaluation and of the training texts, by the
    name of each label. Models see none, but for those of the training texts where they learn from a
    `LabelledTextTask` and say so. `groups`: int64 [n], equal where two evaluation texts have their
    labels from one source, as from one film; without them each text is its own.
    """

    training: TextTask
    evaluation: tuple[str, ...]
    labels: Mapping[str, IntArray] = field(default_factory=dict)
    train_labels: Mapping[str, IntArray] = field(default_factory=dict)
    groups: IntArray | None = None


@dataclass(frozen=True)
class LabelledTextTask(TextTask):
    """Texts for models that need no labels and for methods that do.

    `labelled`: the same texts, with their labels as aspects.
    """

    labelled: TrainingTask


@dataclass(frozen=True)
class FactorTask(LabelledTextTask):
    """Texts with known factors, of which those of few values are the labels.

    `values`: number of values of each factor, by its name.
    """

    values: Mapping[str, int]


@dataclass(frozen=True)
class FactorRows:
    """n texts with their factors.

    Attributes
    ----------
    texts : n texts, equal ones side by side.
    factors : name to int64 [n], the value of the factor, numbered from 0.
    told : name to int64 [n], what the text tells of the factor: equal for two texts of which its
        values are equally likely. Where every text tells the factor, it is the factor itself.
    """

    texts: tuple[str, ...]
    factors: Mapping[str, IntArray]
    told: Mapping[str, IntArray]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class FactorDraw:
    """One draw of a task with factors."""

    training: FactorTask
    evaluation: FactorRows


def as_texts(values: Any, *, empty: bool = False) -> tuple[str, ...]:
    """The values as texts.

    Parameters
    ----------
    values : a sequence, array or column of strings.
    empty : whether there may be none of them.

    Raises
    ------
    UserError : a single string, none at all, or a value that is no text or an empty one.
    """
    if isinstance(values, str):
        raise UserError("give a list of texts, not one text")
    shape = np.shape(values) if isinstance(values, np.ndarray) else (len(values),)
    if len(shape) != 1:
        raise UserError(f"give a list of texts, not an array of shape {shape}")
    texts = tuple(values)
    for position, text in enumerate(texts):
        if not isinstance(text, str) or not text.strip():
            raise UserError(f"text {position} is {text!r}; give texts that are not empty")
    if not texts and not empty:
        raise UserError("there is no text to learn from")
    return tuple(str(text) for text in texts)
