"""Scenes told in five ways each: the embedded corpus `captions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

PEOPLE = {
    "woman": ("woman", "lady"), "man": ("man", "guy"), "girl": ("girl", "young girl"),
    "boy": ("boy", "little boy"), "chef": ("chef", "cook"), "worker": ("worker", "workman"),
    "child": ("child", "toddler"), "dancer": ("dancer", "performer"),
}  # fmt: skip
COLOURS = ("red", "blue", "green", "yellow", "white", "black", "orange", "striped")
CLOTHES = ("coat", "shirt", "hat", "jacket", "scarf", "apron", "sweater")
DEEDS = {
    "ride": ("rides a bicycle", "is cycling"), "read": ("reads a newspaper", "is reading"),
    "sing": ("sings into a microphone", "is singing"), "run": ("runs fast", "is running"),
    "paint": ("paints a fence", "is painting"), "sleep": ("sleeps on a bench", "is sleeping"),
    "throw": ("throws a ball", "is playing with a ball"), "cook": ("stirs a pot", "is cooking"),
    "sell": ("sells flowers", "is selling flowers"), "climb": ("climbs a ladder", "is climbing"),
}  # fmt: skip
PLACES = (
    "in a park", "on the beach", "at a market", "near a river", "on a busy street",
    "in a kitchen", "in front of a house", "at a train station", "on a bridge", "under a tree",
)  # fmt: skip
COMPANY = ("alone", "with a dog", "beside a friend", "while people watch", "in the rain")

CAPTIONS = 5


def scenes(count: int, *, seed: int) -> pd.DataFrame:
    """Draw scenes and tell each of them five times.

    Returns
    -------
    Columns split (train, valid or test), image (a scene each), caption (0 to 4) and text.
    """
    import pandas as pd

    random = np.random.default_rng(seed)
    rows = []
    for image in range(count):
        part = {8: "valid", 9: "test"}.get(image % 10, "train")
        who, deed = random.choice(list(PEOPLE)), random.choice(list(DEEDS))
        colour, dress = random.choice(COLOURS), random.choice(CLOTHES)
        place, company = random.choice(PLACES), random.choice(COMPANY)
        for caption in range(CAPTIONS):
            person = random.choice(PEOPLE[who])
            does = random.choice(DEEDS[deed])
            tellings = (
                f"A {person} in a {colour} {dress} {does} {place}.",
                f"A {person} {does} {place} {company}.",
                f"A {person} wearing a {colour} {dress} {does}.",
                f"The {person} with the {dress} {does} {company}.",
                f"A {person} {does} {place}.",
            )
            rows.append((part, image, caption, tellings[caption]))
    return pd.DataFrame(rows, columns=["split", "image", "caption", "text"])
