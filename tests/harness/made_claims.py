"""A claim about leakage, and verdicts on claims from made records."""

from datetime import date

from made_records import stored

from data.claims import Claim, Comparison, Part
from harness.analysis.evidence.verdicts import judge
from harness.analysis.profile_scores import ProfileScores

LESS = Comparison(
    of=("masked-weights",),
    against=("untuned",),
    metric="leakage",
    probe="linear",
    better="lower",
    at_least=0.0,
    set_by="ours",
    tasks=("movies",),
)


def claim(*comparisons, needs="every"):
    parts = (Part("in part", needs, comparisons),)
    return Claim("X", "nobody", "says something", date(2026, 1, 1), parts)


def judged(folder, records, *comparisons, needs="every", seeds=4):
    measured = ProfileScores.read(stored(folder, records), "quick")
    (found,) = judge(measured, (claim(*comparisons, needs=needs),), seeds=fixed(seeds))
    return found


def fixed(seeds):
    return lambda task, *methods: seeds
