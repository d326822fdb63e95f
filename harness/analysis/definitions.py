"""What each metric of a task with aspects means: direction, bounds, what guessing gives, source.

`results/<profile>/metrics.csv` and `docs/metrics.md` follow from this list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf, nan

HIGHER, LOWER = "higher", "lower"

SHARES = (25, 50)
"""Percentages of the rows that the linear probe is fitted on too, for the learning curve."""


@dataclass(frozen=True)
class Definition:
    """What a metric is.

    Attributes
    ----------
    metric : its name in scores.csv.
    title : its name for readers.
    better : `higher` or `lower` for a representation's own aspect and for figures of the whole
        trial; empty where neither is better.
    meaning : how it is measured.
    source : paper; empty where it is the suite's own.
    low, high : bounds.
    chance : what a representation that tells nothing gives; nan where records say it, or nobody.
    of_others : the better direction where another aspect is read, if it is another one.
    """

    metric: str
    title: str
    better: str
    meaning: str
    source: str = ""
    low: float = 0.0
    high: float = inf
    chance: float = nan
    of_others: str = ""


def _accuracies() -> Iterator[Definition]:
    yield Definition(
        "target_accuracy", "target accuracy", HIGHER, "Share of the evaluation rows whose own "
        "aspect a cross-fitted probe tells. Chance is the share of its most frequent class.",
        "Alain and Bengio 2017", high=1.0,
    )  # fmt: skip
    yield Definition(
        "leakage", "leakage", LOWER, "The same for every other aspect.",
        "Elazar and Goldberg 2018", high=1.0,
    )  # fmt: skip
    for share in SHARES:
        rows = f"with the linear probe fitted on {share}% of the rows that it has otherwise."
        yield Definition(
            f"target_accuracy_{share}_percent", f"target accuracy at {share}%", HIGHER,
            f"Target accuracy {rows}", high=1.0,
        )  # fmt: skip
        yield Definition(
            f"leakage_{share}_percent", f"leakage at {share}%", LOWER,
            f"Leakage {rows} Where it still rises towards all rows, more rows would read more.",
            high=1.0,
        )  # fmt: skip
    yield Definition(
        "usable_bits", "usable bits", HIGHER, "Entropy of the labels less the probe's "
        "cross-entropy, in bits a row, at least 0.", "Xu et al. 2020", chance=0.0, of_others=LOWER,
    )  # fmt: skip
    yield Definition(
        "description_length", "description length", LOWER, "Bits a row to send the labels to "
        "someone who has the vectors, with the linear or the mlp probe refitted as labels arrive "
        "(online code). Guessing costs log2 of the classes.", "Voita and Titov 2020",
        of_others=HIGHER,
    )  # fmt: skip
    yield Definition(
        "average_accuracy", "average accuracy", HIGHER, "Mean over the cells of a linear "
        "classifier's accuracy that was fitted on the correlated rows that the method learned "
        "from.", "Sagawa et al. 2020", high=1.0,
    )  # fmt: skip
    yield Definition(
        "worst_group_accuracy", "worst-group accuracy", HIGHER, "The same in the worst cell.",
        "Sagawa et al. 2020", high=1.0,
    )  # fmt: skip


def _kept() -> Iterator[Definition]:
    yield Definition(
        "neighbours_kept", "neighbours kept", HIGHER, "Mean share of a row's 10 nearest neighbours "
        "among the untuned encoder's vectors that are its nearest in the representation too "
        "(Euclidean, own group left out). Chance is that of unrelated vectors.",
        "Basu Roy Chowdhury et al. 2023 (KRaM)", high=1.0,
    )  # fmt: skip
    yield Definition(
        "recovered", "recovered", HIGHER, "Share of the variance within cells of the untuned "
        "vectors that a cross-fitted ridge map recovers, penalty by inner folds over 1e0 to 1e5. "
        "Cell means count as known, so labels earn nothing: 0 is no more than the labels, 1 all.",
        low=-inf, high=1.0, chance=0.0,
    )  # fmt: skip
    yield Definition(
        "effective_rank", "effective rank", HIGHER, "Exponential of the entropy of the "
        "covariance's normalised eigenvalues: how many directions carry the vectors. At most the "
        "width.", "Roy and Vetterli 2007", low=1.0,
    )  # fmt: skip
    yield Definition(
        "detail", "detail", HIGHER, "Within each class of the own aspect, the share of pairs of "
        "rows that a cross-fitted ridge regression puts in the right order of a finer column, such "
        "as the rating behind a sentiment; without a factor the mean over the columns.",
        "Hanley and McNeil 1982", high=1.0, chance=0.5,
    )  # fmt: skip
    yield Definition(
        "other_factors", "other factors", HIGHER, "Accuracy above chance of a linear discriminant "
        "for factors that nobody trains on (length, first person, topic, source), over the untuned "
        "encoder's; without a factor the mean over them.", low=-inf, chance=0.0,
    )  # fmt: skip
    yield Definition(
        "similarity_kept", "similarity kept", HIGHER, "Pearson's correlation of cosines with "
        "grades of likeness (STS-B, test), over the untuned encoder's.", "Cer et al. 2017",
        low=-inf, chance=0.0,
    )  # fmt: skip
    yield Definition(
        "linear_cka", "linear CKA", "", "Likeness of geometry to the untuned vectors. In the "
        "records and scores.csv alone, since it misleads: one number can score above masks that "
        "keep more.", "Kornblith et al. 2019", high=1.0,
    )  # fmt: skip
    yield Definition(
        "neighbours_chance", "neighbours kept by chance", "", "What unrelated vectors keep of the "
        "neighbours: 10 over the number of other rows, own group left out.", high=1.0,
    )  # fmt: skip


def _costs() -> Iterator[Definition]:
    for metric, title, better, meaning in (
        ("fit_seconds", "fit", LOWER, "Seconds of fitting."),
        ("encode_texts_per_second", "texts/s", HIGHER, "Texts encoded in a second."),
        ("evaluate_seconds", "evaluation", LOWER, "Seconds of encoding and probing."),
        ("peak_memory_bytes", "peak memory", LOWER, "Bytes of memory in use at most."),
        ("trainable_parameters", "trainable parameters", LOWER, "Numbers that are learned."),
        ("artifact_bytes", "artifact", LOWER, "Bytes of what is stored."),
    ):
        yield Definition(metric, title, better, meaning)


PARTS: Mapping[str, tuple[Definition, ...]] = {
    "What is told and what leaks": tuple(_accuracies()),
    "What is kept": tuple(_kept()),
    "Cost": tuple(_costs()),
}

OWN_SCORES = (
    Definition(
        "adversary_accuracy", "adversary accuracy", "", "Accuracy of a method's own adversaries at "
        "the end of training: on validation rows, mean over their cells. Fresh probes tell the "
        "leakage beside it.", "Elazar and Goldberg 2018", high=1.0,
    ),
    Definition(
        "continued_adversary_accuracy", "continued adversary accuracy", "", "The same once they "
        "have learned on from an encoder that has stopped.", "Elazar and Goldberg 2018", high=1.0,
    ),
    Definition(
        "kept_step", "kept step", "", "The step with which a training ended, or to which the rule "
        "for stopping went back.",
    ),
)  # fmt: skip
"""What methods measure of their training; it stands in their own tables, `*-own-scores`."""

DEFINITIONS: Mapping[str, Definition] = {
    each.metric: each for part in PARTS.values() for each in part
}
"""Every metric of a task with aspects by its name, in the order of the documentation."""
