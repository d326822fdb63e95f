"""Sentences of five words, a task of them, and settings of a small model."""

import numpy as np

from data.texts import TextTask

WORDS = {
    "who": ("cat", "dog", "owl"),
    "colour": ("red", "blue"),
    "does": ("sits", "runs", "sleeps"),
    "where": ("here", "now"),
}


def sentences(count: int, seed: int) -> tuple[str, ...]:
    random = np.random.default_rng(seed)
    pick = {name: random.choice(words, size=count) for name, words in WORDS.items()}
    return tuple(
        f"a {c} {w} {d} {p}"
        for c, w, d, p in zip(pick["colour"], pick["who"], pick["does"], pick["where"], strict=True)
    )


TASK = TextTask("toy", sentences(160, 0), sentences(40, 1))

SMALL = {
    "batch_texts": 16,
    "max_pieces": 12,
    "latent_size": 8,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "curve_points": 2,
    "curve_texts": 10,
    "rate": 2e-3,
    "latent_rate": 4e-3,
}
