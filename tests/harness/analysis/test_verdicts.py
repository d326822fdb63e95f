"""Verdicts on made records whose truth is known, and the logic that joins them."""

from datetime import date
from itertools import product
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_claims import LESS, claim, fixed, judged
from made_records import made_record, stored
from msgspec.structs import asdict, replace

from data.claims import Comparison, Curve, claims
from harness.analysis.evidence.effects import effect
from harness.analysis.evidence.verdicts import (
    Finding,
    Verdict,
    combine,
    decided,
    judge,
)
from harness.analysis.metrics import Condition
from harness.analysis.profile_scores import ProfileScores
from harness.contract.scores import Score
from harness.runs.profiles import Profile

SUPPORTED, CONTRADICTED, UNDECIDED = Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.UNDECIDED


def records(leakage, *, seeds=4, rows=1200, reference=0.75, **changes):
    return [
        made_record(method, seed=seed, leakage=level, rows=rows, **changes)
        for method, level in (("untuned", reference), ("masked-weights", leakage))
        for seed in range(seeds)
    ]


@pytest.mark.parametrize(
    ("leakage", "at_least", "verdict"),
    [
        (0.60, 0.0, SUPPORTED),
        (0.60, 0.05, SUPPORTED),
        (0.60, 0.30, CONTRADICTED),
        (0.90, 0.0, CONTRADICTED),
        (0.75, -0.10, SUPPORTED),
    ],
)
def test_large_effects_are_decided(tmp_path, leakage, at_least, verdict):
    comparison = Comparison(**{**asdict(LESS), "at_least": at_least})
    found = judged(tmp_path, records(leakage), comparison)
    assert found.verdict is verdict
    (finding,) = found.parts[0].findings
    assert finding.effect.mean == pytest.approx(0.75 - leakage, abs=0.03)
    assert finding.effect.seeds == (0, 1, 2, 3)
    assert finding.effect.rows == 4800
    assert finding.reason == ""


def test_the_direction_is_the_claims(tmp_path):
    higher = Comparison(**{**asdict(LESS), "better": "higher"})
    made = records(0.60)
    less, more = (judged(tmp_path / c.better, made, c) for c in (LESS, higher))
    assert (less.verdict, more.verdict) == (SUPPORTED, CONTRADICTED)
    first, second = (found.parts[0].findings[0] for found in (less, more))
    assert first.effect.mean == pytest.approx(-second.effect.mean)
    assert first.detectable == pytest.approx(second.detectable)


def test_one_seed_decides_nothing_however_large_the_effect(tmp_path):
    found = judged(tmp_path, records(0.55, seeds=1), LESS)
    (finding,) = found.parts[0].findings
    assert finding.effect.interval.low > 0.1
    assert (found.verdict, finding.reason) == (UNDECIDED, "one seed decides nothing")


def test_without_records_nothing_is_decided(tmp_path):
    elsewhere = Comparison(**{**asdict(LESS), "tasks": ("syntax",)})
    unknown = Comparison(**{**asdict(LESS), "against": ("vgvae",)})
    for number, comparison in enumerate((elsewhere, unknown)):
        found = judged(tmp_path / str(number), records(0.6), comparison)
        (finding,) = found.parts[0].findings
        assert (finding.verdict, finding.reason, finding.effect) == (UNDECIDED, "no records", None)


def test_seeds_that_are_not_shared_are_no_pairs(tmp_path):
    made = [r for r in records(0.6) if (r.trial.method == "untuned") == (r.trial.seed < 2)]
    found = judged(tmp_path, made, LESS)
    assert found.parts[0].findings[0].reason == "no records"


def test_each_task_is_a_comparison_of_its_own(tmp_path):
    """Effects of opposite signs would make a mean of nothing."""
    both = Comparison(**{**asdict(LESS), "tasks": ("movies", "tweets")})
    made = [*records(0.6), *records(0.9, task="tweets")]
    found = judged(tmp_path, made, both)
    assert [f.task for f in found.parts[0].findings] == ["movies", "tweets"]
    assert [f.verdict for f in found.parts[0].findings] == [SUPPORTED, CONTRADICTED]
    assert found.verdict is CONTRADICTED


def test_seeds_beyond_those_fixed_beforehand_do_not_count(tmp_path):
    found = judged(tmp_path / "three", records(0.6, seeds=5), LESS, seeds=3)
    assert found.parts[0].findings[0].effect.seeds == (0, 1, 2)
    alone = judged(tmp_path / "one", records(0.6, seeds=5), LESS, seeds=1)
    assert alone.parts[0].findings[0].reason == "one seed decides nothing"


def test_a_comparison_counts_the_seeds_that_both_methods_have(tmp_path):
    measured = ProfileScores.read(stored(tmp_path, records(0.6, seeds=5)), "quick")
    number = replace(LESS, against=(), value=0.9, value_of="a bound")
    for more, first, second in (
        ({"masked-weights": 5}, 3, 5),
        ({"masked-weights": 5, "untuned": 4}, 4, 5),
    ):
        profile = Profile("toy", "", "", ("movies",), 3, more_seeds={"movies": more})
        (found,) = judge(measured, (claim(LESS, number),), seeds=profile.seeds_of)
        against, alone = found.parts[0].findings
        assert against.effect.seeds == tuple(range(first))
        assert alone.effect.seeds == tuple(range(second))


def test_nothing_is_decided_before_the_planned_seeds_are_there(tmp_path):
    """A look at three of four seeds would be a second chance; with three planned it is the test."""
    three = records(0.55, seeds=3)
    (early,) = judged(tmp_path / "early", three, LESS, seeds=4).parts[0].findings
    assert (early.verdict, early.reason) == (UNDECIDED, "3 of 4 planned seeds")
    assert early.detectable > 0
    assert judged(tmp_path / "full", three, LESS, seeds=3).verdict is SUPPORTED


def test_a_ceiling_decides_nothing(tmp_path):
    full = [
        made_record(m, seed=s, own=[Score("active_units_01", 32.0)])
        for m in ("masked-weights", "untuned")
        for s in range(3)
    ]
    units = Comparison(
        **{**asdict(LESS), "metric": "active_units_01", "probe": "", "at_least": -1.0}
    )
    (finding,) = judged(tmp_path, full, units).parts[0].findings
    assert finding.verdict is UNDECIDED
    assert finding.reason.startswith("a ceiling")
    assert isnan(finding.detectable)


def test_a_claim_knows_whether_its_records_came_first(tmp_path):
    """Records made by hand start on the first of January 2026."""
    measured = ProfileScores.read(stored(tmp_path, records(0.6)), "quick")
    older = claim(LESS)
    later = replace(older, since=date(2026, 1, 2))
    first, second = judge(measured, (older, later), seeds=fixed(4))
    assert first.measured_since == second.measured_since == "2026-01-01"
    assert (first.younger, second.younger) == (False, True)
    (nothing,) = judge(measured, (replace(later, parts=()),), seeds=fixed(4))
    assert not nothing.younger


def test_a_curve_is_read_at_the_rate_of_each_seed(tmp_path):
    rates = (5.0, 6.0, 7.0, 20.0)
    use = [
        made_record(
            "text-vae", seed=s, own=[Score("kl", rate), Score("mutual_information", 4.0 + s / 10)]
        )
        for s, rate in enumerate(rates)
    ]
    curve = Curve("kl", ((4.0, 2.0), (6.0, 4.0), (8.0, 5.0)))
    asks = {**asdict(LESS), "of": ("text-vae",), "against": (), "probe": "", "better": "higher"}
    given = {"metric": "mutual_information", "value": curve, "value_of": "published"}
    (finding,) = judged(tmp_path, use, Comparison(**{**asks, **given})).parts[0].findings
    # Beyond the published rates there is nothing to compare with.
    assert finding.effect.values == pytest.approx((4.0 - 3.0, 4.1 - 4.0, 4.2 - 4.5))


def test_a_known_number_is_held_against(tmp_path):
    use = [
        made_record("text-vae", seed=s, own=[Score("latent_use", 5 + 0.2 * s)]) for s in range(3)
    ]
    given = {"of": ("text-vae",), "against": (), "probe": "", "metric": "latent_use"}
    asks = {**asdict(LESS), **given, "value": 0.0, "value_of": "none", "better": "higher"}
    for at_least, verdict in ((1.0, SUPPORTED), (9.0, CONTRADICTED), (5.2, UNDECIDED)):
        comparison = Comparison(**{**asks, "at_least": at_least})
        found = judged(tmp_path / str(at_least), use, comparison, seeds=3)
        (finding,) = found.parts[0].findings
        assert found.verdict is verdict
        assert finding.effect.mean == pytest.approx(5.2)
        assert finding.effect.rows == 0


def test_a_known_number_is_held_against_what_a_probe_reads_of_a_factor(tmp_path):
    read = [
        made_record(
            "hsvae",
            seed=s,
            own=[Score("gate_accuracy", 0.7 + s / 50, factor="mood", probe="linear")],
        )
        for s in range(3)
    ]
    given = {"of": ("hsvae",), "against": (), "metric": "gate_accuracy", "better": "higher"}
    asks = {**asdict(LESS), **given, "value": 0.5, "value_of": "guessing", "at_least": 0.05}
    (finding,) = judged(tmp_path, read, Comparison(**asks), seeds=3).parts[0].findings
    assert finding.verdict is SUPPORTED
    assert finding.effect.mean == pytest.approx(0.22)


def simulated(rng, effect_size, *, pairs=1, needs="every"):
    """The verdicts on findings whose true effect is given, three seeds each."""
    place = Condition("movies", 0.85, "minilm")
    findings = [
        Finding(LESS, "a", "b", "movies", effect(place, dict(enumerate(drawn))))
        for drawn in rng.normal(effect_size, 0.02, (pairs, 3))
    ]
    return [finding.verdict for finding in decided(findings, needs)]


def test_an_effect_of_nothing_is_undecided_and_rarely_supported():
    rng = np.random.default_rng(1)
    found = [simulated(rng, 0.0)[0] for _ in range(1000)]
    assert np.mean([v is SUPPORTED for v in found]) < 0.04
    assert np.mean([v is CONTRADICTED for v in found]) < 0.04
    assert np.mean([v is UNDECIDED for v in found]) > 0.9
    # The control: an effect that is there is found.
    there = [simulated(rng, 0.15)[0] for _ in range(200)]
    assert np.mean([v is SUPPORTED for v in there]) > 0.8


@pytest.mark.parametrize(("needs", "side"), [("every", CONTRADICTED), ("some", SUPPORTED)])
def test_where_one_finding_is_enough_it_is_corrected(needs, side):
    """Eight effects of nothing: the part is decided by chance in no more than the level."""
    rng = np.random.default_rng(2)
    families = [simulated(rng, 0.0, pairs=8, needs=needs) for _ in range(500)]
    assert np.mean([side in family for family in families]) < 0.05
    other = SUPPORTED if side is CONTRADICTED else CONTRADICTED
    assert np.mean([other in family for family in families]) > 0.1
    # The other side needs all of them, so each may have the whole level.
    assert not any(combine(needs, family) is other for family in families)


def test_detectable_counts_the_correction():
    place = Condition("movies", 0.85, "minilm")
    made = effect(place, {0: 0.1, 1: 0.12, 2: 0.15})
    findings = [Finding(LESS, "a", "b", "movies", made)] * 5
    every, some = (decided(findings, needs)[0].detectable for needs in ("every", "some"))
    assert every == made.detectable()
    assert some == made.detectable(5)


def test_whole_null_profiles_support_no_claim(tmp_path):
    """Records without any difference: no claim that asks for more than equality is supported."""
    strict = [
        replace(c, parts=tuple(p for p in c.parts if asks_for_more(p)))
        for c in claims()
        if any(map(asks_for_more, c.parts))
    ]
    names = ("untuned", "masked-weights", "masked-units", "adversarial", "drlst", "drlst-backbone")
    made = [
        made_record(name, seed=seed, leakage=0.7, task=task)
        for name, seed, task in product(names, range(3), ("movies", "tweets"))
    ]
    measured = ProfileScores.read(stored(tmp_path, made), "quick")
    found = judge(measured, strict, seeds=fixed(3))
    assert {verdict.claim.name for verdict in found} == {claim.name for claim in strict}
    assert all(verdict.verdict is not SUPPORTED for verdict in found)
    assert not any(part.verdict is SUPPORTED for verdict in found for part in verdict.parts)


def asks_for_more(part):
    return all(comparison.at_least >= 0 for comparison in part.comparisons)


VERDICTS = st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=7)


@given(VERDICTS, st.sampled_from(["every", "most", "some"]))
def test_a_part_is_decided_only_where_what_is_open_cannot_change_it(verdicts, needs):
    """Filling in undecided findings in every way never overturns a decided part."""
    answer = combine(needs, verdicts)
    open_places = [i for i, verdict in enumerate(verdicts) if verdict is UNDECIDED]
    ends = set()
    for filled in product((SUPPORTED, CONTRADICTED), repeat=len(open_places)):
        listed = list(verdicts)
        for place, verdict in zip(open_places, filled, strict=True):
            listed[place] = verdict
        ends.add(combine(needs, listed))
    assert UNDECIDED not in ends
    assert ends == {answer} if answer is not UNDECIDED else ends == {SUPPORTED, CONTRADICTED}


def test_parts_by_example():
    mixed = [SUPPORTED, SUPPORTED, CONTRADICTED]
    assert [combine(needs, mixed) for needs in ("every", "most", "some")] == [
        CONTRADICTED,
        SUPPORTED,
        SUPPORTED,
    ]
    half = [SUPPORTED, CONTRADICTED]
    assert combine("most", half) is CONTRADICTED


def test_the_decisive_finding_is_the_one_that_matters(tmp_path):
    against = Comparison(**{**asdict(LESS), "against": ("untuned", "adversarial", "absent")})
    made = [*records(0.6), *(made_record("adversarial", seed=s, leakage=0.65) for s in range(4))]
    rivals = {
        needs: judged(tmp_path / needs, made, against, needs=needs).parts[0].decisive.rival
        for needs in ("every", "some")
    }
    assert rivals == {"every": "adversarial", "some": "untuned"}


def test_without_an_error_nothing_is_decisive(tmp_path):
    """One seed without rows has an effect and no error."""
    alone = [
        made_record(method, own=[Score("active_units_01", units)])
        for method, units in (("masked-weights", 9.0), ("untuned", 1.0))
    ]
    units = replace(LESS, metric="active_units_01", probe="", better="higher")
    made = [*records(0.6), *alone]
    made = list({record.key: record for record in made}.values())
    for needs in ("some", "every"):
        (part,) = judged(tmp_path / needs, made, units, LESS, needs=needs).parts
        assert [f.surplus for f in part.findings if f.comparison == units] == [-inf]
        assert part.decisive.comparison == LESS
