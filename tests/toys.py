"""Small rows and tasks made on the spot, for tests and for the processes that tests start."""

from __future__ import annotations

import numpy as np

from data.rows import Aspect, Rows, TrainingTask

COLOURS = ("red", "blue", "green", "grey")
ANIMALS = ("cat", "dog", "owl")


def make_rows(per_cell: int, classes: tuple[int, ...] = (2, 2), *, offset: int = 0) -> Rows:
    """Texts that name their classes, `per_cell` of them in every cell, two to a group."""
    aspects = tuple(
        Aspect(name, tuple(words[:count]))
        for (name, words), count in zip(
            (("colour", COLOURS), ("animal", ANIMALS), ("size", ("tiny", "large", "huge", "vast"))),
            classes,
            strict=False,
        )
    )
    labels = np.array(list(np.ndindex(*classes)) * per_cell, dtype=np.int64)
    texts = tuple(
        " ".join(
            ["row", str(offset + i)] + [a.classes[c] for a, c in zip(aspects, row, strict=True)]
        )
        for i, row in enumerate(labels)
    )
    return Rows(
        ids=tuple(str(offset + i) for i in range(len(texts))),
        texts=texts,
        labels={a.name: labels[:, k].copy() for k, a in enumerate(aspects)},
        groups=(offset + np.arange(len(texts))) // 2,
        aspects=aspects,
    )


def make_task(per_cell: int = 8, classes: tuple[int, ...] = (2, 2)) -> TrainingTask:
    train = make_rows(per_cell, classes)
    valid = make_rows(4, classes, offset=10_000)
    return TrainingTask("toy", train.aspects, 0.5, train, valid)
