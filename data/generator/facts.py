"""Generated sentences that each say one fact of an invented world, with recurring entities."""

import pandas as pd

from data.generator.factors import generator_for
from data.generator.lexicon import lexicon

_FACTS = 7101


def facts(count: int, *, seed: int) -> pd.DataFrame:
    """Sentences in the columns of `data.corpora.relations`, with types; relations in turns.

    A relation joins heads of one circle with tails of another, as `lexicon/facts.toml` says, so a
    link tells the relation among those of equal types.
    """
    random, world = generator_for(count, seed, _FACTS), lexicon("facts")
    names = {kind: listed.split(", ") for kind, listed in world["types"].items()}
    relations, circles, rows = list(world["relations"].items()), world["circles"], []
    for number in range(count):
        relation, said = relations[number % len(relations)]
        heads, tails = (names[kind] for kind in said["types"])
        head, far = random.integers(len(heads)), random.integers(len(tails) // circles)
        pair = heads[head], tails[(head + said["step"]) % circles + circles * far]
        frames = world["frames"]
        parts = (random.choice(some) for some in (frames["before"], said["says"], frames["after"]))
        tokens: list[str] = []
        places: dict[str, tuple[int, ...]] = {}
        for word in " ".join((*map(str, parts), ".")).split():
            own = {"H": pair[0], "T": pair[1]}.get(word, word).split()
            places[word] = tuple(range(len(tokens), len(tokens) + len(own)))
            tokens += own
        ends = (pair[0], places["H"], pair[1], places["T"], *said["types"])
        rows.append((relation, tuple(tokens), *ends))
    columns = ["relation", "tokens", "head_id", "head_positions", "tail_id", "tail_positions"]
    return pd.DataFrame(rows, columns=[*columns, "head_type", "tail_type"])
