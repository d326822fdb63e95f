"""Texts without labels, and the parts of a language-modelling task that are drawn from them."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Mapping
from dataclasses import dataclass, field

from data.rows import IntArray, TrainingTask

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

    `labels`: int64 [n] classes of the evaluation texts, by the name of each label; no model sees
    any.
    """

    training: TextTask
    evaluation: tuple[str, ...]
from collections.abc import Mapping
from dataclasses import dataclass, field

from data.rows import IntArray, TrainingTask
