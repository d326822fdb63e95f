"""Short posts that name occupations, or only seem to: the embedded corpus `profner`."""

import pandas as pd

from data.generator.factors import generator_for
from data.generator.lexicon import lexicon

LATE = 0.3
"""Share of the professions of the part for validation that training never names."""


def posts(count: int, *, seed: int) -> pd.DataFrame:
    """Draw distinct posts of two or three sentences, of which half name an occupation.

    `count`, `seed`: refused with a UserError below 1 and below 0. Columns split (of five posts four
    `train`, one `valid`), text, label (`1` where any occupation is named) and entities (type, begin
    and end in characters).
    """
    random = generator_for(count, seed, 7101)
    written = lexicon("occupations")
    types, shares = written["types"], [of["share"] for of in written["types"].values()]
    rows: dict[str, tuple[str, str, str, list[dict[str, object]]]] = {}
    while len(rows) < count:
        split = "valid" if len(rows) % 5 == 4 else "train"
        naming = int(random.integers(1, 3)) if random.random() < 0.5 else 0
        plain = random.choice(written["plain"], 2 - naming // 2, replace=False).tolist()
        entities: list[dict[str, object]] = []
        text = ""
        for sentence in random.permutation([*plain, *[""] * naming]).tolist():
            before, word, after = sentence, "", ""
            if not before:
                kind = str(random.choice(list(types), p=shares))
                before, _, after = str(random.choice(types[kind]["sentences"])).partition("{}")
                late = kind == "PROFESION" and split == "valid" and random.random() < LATE
                word = str(random.choice(written["late"] if late else types[kind]["words"]))
                begin = len(text) + len(before)
                entities.append({"type": kind, "begin": begin, "end": begin + len(word)})
            text += f"{before}{word}{after} "
        ending = str(random.choice(written["endings"])).format(random.integers(1, 60))
        text = f"{text.rstrip()}{ending}"
        rows.setdefault(text, (split, text, str(int(bool(entities))), entities))
    return pd.DataFrame(list(rows.values()), columns=["split", "text", "label", "entities"])
