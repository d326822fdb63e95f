"""Small rows and tasks made on the spot, for tests and for the processes that tests start."""

import numpy as np

from data.rows import Aspect, Rows, TrainingTask
from data.triplets import TripletRows, TripletTask

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


BEASTS = ("cat", "dog", "owl", "fox", "bee", "ant")
DEEDS = ("runs", "hides", "eats", "waits")


def _triplet_rows(count: int, seed: int) -> TripletRows:
    """What x0 and x1 say is an animal and a deed; how they say it is one of three orders."""
    random = np.random.default_rng(seed)

    def said(animal: str, deed: str, order: int) -> str:
        return (f"the {animal} {deed}", f"{deed} does the {animal}", f"it {deed}, {animal}")[order]

    triplets = []
    for _ in range(count):
        animal, other = random.choice(BEASTS, size=2, replace=False)
        deed, another = random.choice(DEEDS, size=2, replace=False)
        first, second = random.choice(3, size=2, replace=False)
        triplets.append(
            (said(animal, deed, first), said(animal, deed, second), said(other, another, first))
        )
    return TripletRows(tuple(triplets), {})


def make_triplets() -> TripletTask:
    """80 triplets to learn from and 30 held out."""
    aspects = (Aspect("semantics", ()), Aspect("syntax", ()))
    return TripletTask("toy", aspects, _triplet_rows(80, 0), _triplet_rows(30, 1))
