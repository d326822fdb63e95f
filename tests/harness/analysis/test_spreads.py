"""Claims about a spread over seeds: what is compared, and how many seeds decide."""

from math import isnan
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_claims import LESS, judged
from made_records import made_record
from msgspec.structs import replace

from data.claims import claims
from harness.analysis.evidence.effects import LEVEL, effect
from harness.analysis.evidence.pairing import SPREAD_SEEDS, apart
from harness.analysis.evidence.verdicts import SPREAD, Verdict
from harness.analysis.metrics import Condition
from harness.runs.profiles import PROFILES

SUPPORTED, CONTRADICTED, UNDECIDED = Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.UNDECIDED


def test_spread_is_compared_whatever_the_means(tmp_path):
    """Distances from .6 are .1 and .3 on one side, and .01 on the other, which lies elsewhere."""
    steady, wild = (0.21, 0.19, 0.21, 0.19), (0.3, 0.9, 0.5, 0.7)
    made = [
        made_record(method, seed=seed, leakage=level)
        for method, levels in (("masked-weights", steady), ("untuned", wild))
        for seed, level in enumerate(levels)
    ]
    spread = replace(LESS, metric="spread_of_leakage")
    found = judged(tmp_path, made, spread)
    (finding,) = found.parts[0].findings
    assert finding.effect.mean == pytest.approx(0.2 - 0.01, abs=0.01)
    assert found.verdict == SUPPORTED
    turned = judged(tmp_path, made, replace(spread, of=("untuned",), against=("masked-weights",)))
    assert turned.verdict == CONTRADICTED
    # Without the prefix it is the means that count.
    assert judged(tmp_path, made, LESS).parts[0].findings[0].effect.mean > 0.3


def spread(values, others):
    """`apart` of two methods with these levels of leakage."""
    sides = [dict(enumerate(levels)) for levels in (values, others)]
    scores = SimpleNamespace(condition=Condition("movies", 0.85, "minilm"))
    side = SimpleNamespace(scores=scores, by_seed=lambda metric: sides[0])
    return apart(None, side, sides[1], sign=-1.0, seeds=range(9))


levels = st.floats(0, 1).map(lambda level: round(level, 3))


@given(st.lists(levels, min_size=3, max_size=3), st.lists(levels, min_size=3, max_size=3))
def test_three_seeds_decide_nothing_about_a_spread(steady, wild):
    """With their error in place t would never reach its critical value, whatever the levels."""
    found = spread(steady, wild)
    assert not found.decides
    assert isnan(found.p_value)
    tested = effect(found.condition, dict(enumerate(found.values)))
    if tested.decides:
        assert abs(tested.mean) / tested.error < 4 + 1e-6
        assert tested.p_value > LEVEL
    assert spread([*steady, 0.5], [*wild, 0.9]).decides or len({*steady, *wild}) < 3


def test_why_a_spread_stays_open_is_said(tmp_path):
    made = [
        made_record(method, seed=seed, leakage=level)
        for method, levels in (("masked-weights", (0.2, 0.2, 0.2)), ("untuned", (0.1, 0.5, 0.9)))
        for seed, level in enumerate(levels)
    ]
    found = judged(tmp_path, made, replace(LESS, metric="spread_of_leakage"), seeds=3)
    (finding,) = found.parts[0].findings
    assert (found.verdict, isnan(finding.detectable)) == (UNDECIDED, True)
    assert finding.reason == "fewer than 4 seeds decide nothing about a spread"


def test_a_spread_is_about_the_seeds_that_both_have():
    """A side that lost its seeds far out looks no steadier for it."""
    same = (0.5, 0.6, 0.4, 0.5, 0.6)
    found = spread(same, same[:4])
    assert found.seeds == (0, 1, 2, 3)
    assert found.values == pytest.approx((0.0,) * 4)


@pytest.mark.parametrize("profile", [p for p in PROFILES if p.real_data], ids=lambda p: p.name)
def test_claims_about_a_spread_have_the_seeds_that_can_decide_them(profile):
    found = [
        profile.seeds_of(task, *(name.partition(":")[0] for name in (*each.of, *each.against)))
        for claim in claims()
        for part in claim.parts
        for each in part.comparisons
        if each.metric.startswith(SPREAD)
        for task in each.tasks
        if task in profile.tasks
    ]
    assert all(seeds >= SPREAD_SEEDS for seeds in found)
    assert found or profile.name != "standard"
